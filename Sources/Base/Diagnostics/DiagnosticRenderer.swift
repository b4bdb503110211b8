/// Renders findings as a compiler does: one line with place, severity, field and message, then the source line
/// and a caret.
///
/// ```
/// web.yaml:12:15: error: spec.ingress[0].ports[0].port: must be between 1 and 65535, inclusive [port-range]
///         - port: 70000
///                 ^
/// ```
public struct DiagnosticRenderer: Sendable {
  /// Whether to colour for a terminal (SGR escape sequences).
  public let colour: Bool
  /// How many bytes of a source line are shown at the most: minified JSON is one line.
  static let widest = 160

  /// A renderer; `colour` only where a terminal reads.
  public init(colour: Bool) { self.colour = colour }

  /// The finding as text, each line ended.
  public func render(_ diagnostic: Diagnostic) -> String {
    var text = ""
    if let location = diagnostic.location { text += bold("\(printable(location.description)): ") }
    text += paint("\(diagnostic.severity.rawValue):", diagnostic.severity) + " "
    if !diagnostic.field.isEmpty { text += printable(diagnostic.field) + ": " }
    text += printable(diagnostic.message) + " [\(diagnostic.id)]\n"
    if let line = diagnostic.sourceLine, let location = diagnostic.location {
      text += excerpt(line, column: location.column)
    }
    for note in diagnostic.notes {
      if let place = note.location { text += bold("\(printable(place.description)): ") }
      text += paint("note:", .note) + " " + printable(note.message) + "\n"
    }
    return text
  }

  /// The source line, cut to a window around the column, and a caret under it. Tabs are kept in both, so that
  /// the caret stands right whatever their width.
  private func excerpt(_ line: String, column: Int) -> String {
    let bytes = Array(line.utf8)
    let target = min(max(column - 1, 0), bytes.count)
    var start = bytes.count <= Self.widest ? 0 : max(0, target - Self.widest / 2)
    while start > 0, start < bytes.count, bytes[start] & 0xc0 == 0x80 { start -= 1 }
    var end = min(bytes.count, start + Self.widest)
    while end < bytes.count, bytes[end] & 0xc0 == 0x80 { end += 1 }
    let before = String(decoding: bytes[start..<max(start, target)], as: UTF8.self)
    let shown = String(decoding: bytes[start..<end], as: UTF8.self)
    let indent = String(before.map { $0 == "\t" ? "\t" : " " })
    return "\(printable(shown, tabs: true))\n\(indent)\(paint("^", .error))\n"
  }

  /// Control characters of an input never reach the terminal as such.
  private func printable(_ text: String, tabs: Bool = false) -> String {
    if !text.unicodeScalars.contains(where: Self.isControl) { return text }
    var safe = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      safe.append(Self.isControl(scalar) && !(tabs && scalar == "\t") ? "\u{fffd}" : scalar)
    }
    return String(safe)
  }

  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    scalar.value < 0x20 || (0x7f...0x9f).contains(scalar.value) || (0x202a...0x202e).contains(scalar.value)
      || (0x2066...0x2069).contains(scalar.value)
  }

  private func bold(_ text: String) -> String { colour ? "\u{1b}[1m\(text)\u{1b}[0m" : text }

  private func paint(_ text: String, _ severity: Severity) -> String {
    guard colour else { return text }
    let code =
      switch severity {
      case .error: "1;31"
      case .warning: "1;35"
      case .note: "1;36"
      }
    return "\u{1b}[\(code)m\(text)\u{1b}[0m"
  }
}
