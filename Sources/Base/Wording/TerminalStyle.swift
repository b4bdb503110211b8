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
    /// Refusals, failures and connections that are opened.
    case red = "31"
    /// Connections that are allowed.
    case green = "32"
    /// Answers that are not certain, and parts that were left out.
    case yellow = "33"
    /// Connections that are closed.
    case magenta = "35"
    /// Pods that come and go.
    case cyan = "36"
    /// Places and headings.
    case bold = "1"
    /// Labels beside a text.
    case dim = "2"
    /// The severity of errors.
    case boldRed = "1;31"
    /// The severity of warnings.
    case boldMagenta = "1;35"
    /// The severity of notes.
    case boldCyan = "1;36"
  }

  /// The text in a colour, where the style has colours.
  public func paint(_ text: String, _ paint: Paint) -> String {
    colour ? "\u{1b}[\(paint.rawValue)m\(text)\u{1b}[0m" : text
  }

  /// Text broken at spaces so that it fits the width; each further line is indented as the first one is. Words are never cut.
  ///
  /// - Parameters:
  ///   - text: one line; spaces that it begins with indent the further lines too.
  ///   - indent: the columns before the text on its first line, and the spaces before each further line.
  /// - Returns: one or more lines; the text as it is where the width is unlimited.
  public func wrapped(_ text: String, indent: Int) -> String {
    let own = text.prefix { $0 == " " }.count
    let indent = indent + own
    guard width > indent + 20 else { return text }
    var lines: [String] = []
    var line = ""
    var length = 0
    for word in text.dropFirst(own).split(separator: " ", omittingEmptySubsequences: false) {
      let count = Self.columns(word)
      if !line.isEmpty, indent + length + 1 + count > width {
        lines.append(line)
        (line, length) = (String(word), count)
      } else {
        line += (line.isEmpty ? "" : " ") + word
        length += (length == 0 ? 0 : 1) + count
      }
    }
    lines.append(line)
    return String(repeating: " ", count: own)
      + lines.joined(separator: "\n" + String(repeating: " ", count: indent))
  }

  /// The columns of a word: colours take none.
  private static func columns(_ word: Substring) -> Int {
    guard word.contains("\u{1b}") else { return word.count }
    var (count, isInEscape) = (0, false)
    for character in word {
      if character == "\u{1b}" {
        isInEscape = true
      } else if isInEscape {
        isInEscape = character != "m"
      } else {
        count += 1
      }
    }
    return count
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
