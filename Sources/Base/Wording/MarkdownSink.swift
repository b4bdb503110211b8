/// Prose of Markdown, as GitHub and GitLab read it.
public enum MarkdownSink: TextSink {
  /// The text, hidden characters escaped, without any markup, link, mention, reference or cell of a table.
  public static func foreign(_ text: String, atLineStart: Bool) -> String {
    let text = ForeignText(text).visible
    /// True where only digits came so far, which a dot or a bracket makes the number of a list.
    var (isFirst, isNumber) = (atLineStart, atLineStart)
    /// The number of letters of `www` just read: `www.` becomes a link even without a scheme.
    var letters = 0
    return text.mappingScalars { scalar in
      let wasFirst = isFirst
      let wasNumber = isNumber && !isFirst
      let wasWWW = letters == 3
      isFirst = false
      isNumber = isNumber && (0x30...0x39).contains(scalar.value)
      letters = scalar == "w" || scalar == "W" ? min(3, letters + 1) : 0
      switch scalar {
      case "<": return "&lt;"
      case ">": return "&gt;"
      case "&": return "&amp;"
      // Mentions and references are looked for in runs of plain text, after markup is read: a comment parts them.
      case "@": return "@<!-- -->"
      case "#": return "\\#<!-- -->"
      case "\\", "`", "*", "_", "{", "}", "[", "]", "|", "~", "!", ":", "$", "^": return "\\\(scalar)"
      case "-", "+", "=": return wasFirst ? "\\\(scalar)" : nil
      case ".", ")": return wasNumber || wasWWW ? "\\\(scalar)" : nil
      // Spaces before a mark hide it from these rules, and four of them make a code block.
      case " ": return wasFirst ? "&#32;" : nil
      default: return nil
      }
    }
  }

  /// The text as a code span, hidden characters escaped; it stays one in a cell of a table.
  static func code(_ text: String) -> String {
    // A bar ends a cell even in a code span, and what escapes it is only an escape in a table.
    let text = ForeignText(text).visible.mappingScalars { $0 == "|" ? "\\u{7c}" : nil }
    var (longest, current) = (0, 0)
    for byte in text.utf8 {
      current = byte == UInt8(ascii: "`") ? current + 1 : 0
      longest = max(longest, current)
    }
    let fence = String(repeating: "`", count: longest + 1)
    let ends = [text.utf8.first, text.utf8.last]
    let isPadded = ends.contains { $0 == nil || $0 == UInt8(ascii: "`") || $0 == UInt8(ascii: " ") }
    return isPadded ? "\(fence) \(text) \(fence)" : fence + text + fence
  }
}
