/// How text for people looks: colours where a terminal reads, and how wide it is.
public struct Style: Sendable {
  /// Whether to colour (SGR escape sequences).
  public let colour: Bool
  /// How many columns a line may take; 0: any number.
  public let width: Int

  /// A style; plain and unlimited by default.
  public init(colour: Bool = false, width: Int = 0) {
    self.colour = colour
    self.width = width
  }

  /// The colours that are used.
  enum Paint: String {
    case red = "31"
    case green = "32"
    case yellow = "33"
    case cyan = "36"
    case bold = "1"
    case dim = "2"
  }

  func paint(_ text: String, _ paint: Paint) -> String {
    colour ? "\u{1b}[\(paint.rawValue)m\(text)\u{1b}[0m" : text
  }

  /// Text broken at spaces so that it fits, each further line indented. Words are never cut.
  func wrapped(_ text: String, indent: Int) -> String {
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

  /// Lines of text without control characters but their ends.
  public static func plain(_ lines: String) -> String {
    lines.split(separator: "\n", omittingEmptySubsequences: false).map { printable(String($0)) }
      .joined(separator: "\n")
  }

  /// A text without the control characters that an input may carry, which would steer a terminal.
  static func printable(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: isControl) else { return text }
    var safe = String.UnicodeScalarView()
    for scalar in text.unicodeScalars { safe.append(isControl(scalar) ? "\u{fffd}" : scalar) }
    return String(safe)
  }

  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    scalar.value < 0x20 || (0x7f...0x9f).contains(scalar.value) || (0x202a...0x202e).contains(scalar.value)
      || (0x2066...0x2069).contains(scalar.value)
  }
}
