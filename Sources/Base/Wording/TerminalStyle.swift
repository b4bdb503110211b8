/// The look of text for people: colours, and the width that lines are wrapped at.
public struct TerminalStyle: Sendable {
  /// True where to colour (SGR escape sequences).
  public let colour: Bool
  /// The most columns of a line; 0 for any number.
  public let width: Int

  /// A style; plain and unlimited by default.
  public init(colour: Bool = false, width: Int = 0) {
    self.colour = colour
    self.width = width
  }

  /// The colours that are used, by their SGR parameters.
  public enum Paint: String, Sendable {
    case red = "31"
    case green = "32"
    case yellow = "33"
    case magenta = "35"
    case cyan = "36"
    case bold = "1"
    case dim = "2"
    case boldRed = "1;31"
    case boldMagenta = "1;35"
    case boldCyan = "1;36"
  }

  /// The text in a colour, where the style has colours.
  public func paint(_ text: String, _ paint: Paint) -> String {
    colour ? "\u{1b}[\(paint.rawValue)m\(text)\u{1b}[0m" : text
  }

  /// Text broken at spaces so that it fits the width; each further line is indented. Words are never cut.
  ///
  /// - Parameters:
  ///   - text: one line.
  ///   - indent: the columns before the text on its first line, and the spaces before each further line.
  /// - Returns: one or more lines; the text as it is where the width is unlimited.
  public func wrapped(_ text: String, indent: Int) -> String {
    guard width > indent + 20 else { return text }
    var lines: [String] = []
    var line = ""
    for word in text.split(separator: " ", omittingEmptySubsequences: false) {
      if !line.isEmpty, indent + line.count + 1 + word.count > width {
        lines.append(line)
        line = String(word)
      } else {
        line += (line.isEmpty && lines.isEmpty && word.isEmpty ? " " : line.isEmpty ? "" : " ") + word
      }
    }
    lines.append(line)
    return lines.joined(separator: "\n" + String(repeating: " ", count: indent))
  }

  /// A line of plain text in a colour, where the style has colours.
  public func paint(_ text: PlainText, _ paint: Paint) -> PlainText {
    PlainText(trusted: self.paint(text.text, paint))
  }

  /// A line of plain text, wrapped.
  public func wrapped(_ text: PlainText, indent: Int) -> PlainText {
    PlainText(trusted: wrapped(text.text, indent: indent))
  }
}
