import Wording

/// Renders findings as a compiler does: one line with place, severity, field and message, then the source line
/// and a caret.
///
/// ```
/// web.yaml:12:15: error: spec.ingress[0].ports[0].port: must be between 1 and 65535, inclusive [port-range]
///         - port: 70000
///                 ^
/// ```
public struct DiagnosticRenderer: Sendable {
  /// The most bytes of a source line that are shown: minified JSON is one line.
  static let widest = 160

  private let style: TerminalStyle

  /// Creates a renderer.
  ///
  /// - Parameter colour: whether to colour for a terminal (SGR escape sequences).
  public init(colour: Bool) { style = TerminalStyle(colour: colour) }

  /// The finding as lines of text, each ended. Names and values are foreign text: what could steer a terminal or a CI
  /// service appears as its escape.
  public func render(_ diagnostic: Diagnostic) -> String {
    var text: PlainText = "\(place(diagnostic.location))\(severity(diagnostic.severity)) "
    if !diagnostic.field.isEmpty { text += "\(diagnostic.field): " }
    text += "\(diagnostic.message) [\(diagnostic.id)]\n"
    if let line = diagnostic.sourceLine, let location = diagnostic.location {
      text += excerpt(line, column: location.column - diagnostic.skippedBytes)
    }
    for note in diagnostic.notes {
      text += "\(place(note.location))\(severity(.note)) \(note.message)\n"
    }
    return text.text
  }

  /// Findings as lines of text; of many that are alike the first ones, and the number of the others.
  public func render(_ diagnostics: [Diagnostic]) -> String {
    Diagnostic.folded(diagnostics).map { finding, others in
      render(finding) + (others > 0 ? "… and \(others) more like this [\(finding.id)]\n" : "")
    }.joined()
  }

  private func place(_ location: SourceLocation?) -> PlainText {
    location.map { style.paint("\($0.description): ", .bold) } ?? ""
  }

  private func severity(_ severity: Severity) -> PlainText {
    let paint: TerminalStyle.Paint =
      switch severity {
      case .error: .boldRed
      case .warning: .boldMagenta
      case .note: .boldCyan
      }
    return style.paint("\(severity.rawValue):", paint)
  }

  /// The source line, cut to a window around the column, and a caret under it. Tabs are kept in both, so that
  /// the caret stands right whatever their width.
  private func excerpt(_ line: String, column: Int) -> PlainText {
    let bytes = Array(line.utf8)
    let target = min(max(column - 1, 0), bytes.count)
    var start = bytes.count <= Self.widest ? 0 : max(0, target - Self.widest / 2)
    while start > 0, start < bytes.count, bytes[start] & 0xc0 == 0x80 { start -= 1 }
    var end = min(bytes.count, start + Self.widest)
    while end < bytes.count, bytes[end] & 0xc0 == 0x80 { end += 1 }
    let before = ForeignText(String(decoding: bytes[start..<max(start, target)], as: UTF8.self)).lines
    let shown = ForeignText(String(decoding: bytes[start..<end], as: UTF8.self)).lines
    let isPlain = before.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7f }
    let indent =
      isPlain
      ? String(repeating: " ", count: before.utf8.count) : String(before.map { $0 == "\t" ? "\t" : " " })
    return PlainText(trusted: "\(shown)\n\(indent)\(style.paint("^", .boldRed))\n")
  }
}
