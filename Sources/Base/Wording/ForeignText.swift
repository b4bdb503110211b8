/// A text from an input, another program or the kernel: a name, a path, a value, a message.
///
/// It is printed through one of the renderings, each of which is safe at its sink. In every one of them a character
/// that does not show as itself appears as its escape, `\u{202e}`, so that two names that differ look different:
/// control characters (C0, DEL, C1), bidirectional and other format characters, line and paragraph separators, and
/// what Unicode calls default ignorable (zero-width and filler characters, variation selectors, tags).
public struct ForeignText: Sendable, Hashable {
  /// The text as it came.
  public let raw: String

  /// The text as it came.
  public init(_ raw: some StringProtocol) { self.raw = String(raw) }

  /// The text with hidden characters escaped and nothing else: for sinks without characters of meaning, such as a
  /// string that a JSON writer quotes. O(bytes), like all renderings.
  public var visible: String {
    if raw.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7f }) { return raw }
    return raw.mappingScalars { Self.escape($0) }
  }

  /// One line for a terminal, a log or a file of plain text. It begins no workflow command of a CI service.
  public var line: String { PlainSink.foreign(raw, atLineStart: true) }

  /// Lines for a terminal, a log or a file of plain text: like `line`, but line feeds and tabs stay.
  public var lines: String {
    if !raw.utf8.contains(where: { $0 == 0x0a || $0 == 0x09 }) { return line }
    return raw.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
      .map { line in
        line.split(separator: "\t", omittingEmptySubsequences: false)
          .map { ForeignText(Substring($0)).line }.joined(separator: "\t")
      }
      .joined(separator: "\n")
  }

  /// One line for a terminal; the same as `line`.
  public var terminal: String { line }

  /// One line in double quotes, as the API server's messages quote values: `"a\"b\n"`.
  public var quoted: String {
    let text = raw.mappingScalars { scalar in
      scalar == "\"" || scalar == "\\" ? "\\\(scalar)" : Self.escape(scalar)
    }
    return "\"\(text)\""
  }

  /// The message of a workflow command of GitHub Actions, `::error::MESSAGE`.
  public var github: String { GitHubMessageSink.foreign(raw, atLineStart: false) }

  /// The value of a property of a workflow command of GitHub Actions, `::error file=VALUE,line=1::`.
  public var githubProperty: String { GitHubPropertySink.foreign(raw, atLineStart: false) }

  /// Prose of Markdown as GitHub and GitLab read it: no markup, link, mention, reference or table cell comes of it.
  public var markdown: String { MarkdownSink.foreign(raw, atLineStart: true) }

  /// A code span of Markdown, in backticks; also in a cell of a table.
  public var markdownCode: String { MarkdownSink.code(raw) }

  /// Text of an HTML element or of an attribute in quotes.
  public var html: String { HTMLSink.foreign(raw, atLineStart: false) }

  /// True where a character does not show as itself.
  public static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.value < 0x7f { return scalar.value < 0x20 }
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator: return true
    default: return scalar.properties.isDefaultIgnorableCodePoint
    }
  }

  /// The escape of a hidden character; nil for one that shows.
  private static func escape(_ scalar: Unicode.Scalar) -> String? {
    guard isHidden(scalar) else { return nil }
    return switch scalar {
    case "\n": "\\n"
    case "\r": "\\r"
    case "\t": "\\t"
    default: "\\u{\(String(scalar.value, radix: 16))}"
    }
  }
}

extension ForeignText: CustomStringConvertible {
  /// The text as `line` renders it, so that a plain interpolation is safe.
  public var description: String { line }
}

extension ForeignText: ExpressibleByStringLiteral {
  /// A text that is known.
  public init(stringLiteral value: String) { raw = value }
}

extension String {
  /// The text with some of its scalars replaced. By scalars and not by characters: a combining mark behind a quote
  /// makes another character of the two, but no parser of HTML, Markdown or commands sees them so.
  func mappingScalars(_ replacement: (Unicode.Scalar) -> String?) -> String {
    var result = ""
    result.reserveCapacity(utf8.count)
    for scalar in unicodeScalars {
      if let text = replacement(scalar) { result += text } else { result.unicodeScalars.append(scalar) }
    }
    return result
  }
}
