import TestSupport
import Testing
import Wording

@Suite("text for a terminal", .bounded)
struct TerminalStyleTests {
  private static let text =
    "isolated by shop/web (policies/old/web.yaml:1:1), and \u{1b}[31mdenied\u{1b}[0m where no rule of shop/default-deny matches it"

  @Test(
    "each further line keeps the indent, none is too long, and no word is lost", arguments: 21...120,
    [0, 2, 10])
  func wrapping(width: Int, indent: Int) {
    for own in ["", "    "] {
      let wrapped = TerminalStyle(width: width).wrapped(own + Self.text, indent: indent)
      let lines = wrapped.split(separator: "\n", omittingEmptySubsequences: false)
      guard width > indent + own.count + 20 else {
        #expect(lines.count == 1)
        continue
      }
      for (place, line) in lines.enumerated() {
        let blanks = line.prefix { $0 == " " }.count
        #expect(blanks == (place == 0 ? own.count : own.count + indent))
        let seen = line.replacing("\u{1b}[31m", with: "").replacing("\u{1b}[0m", with: "")
        let columns = seen.count + (place == 0 ? indent : 0)
        #expect(columns <= width || !seen.dropFirst(blanks).contains(" "), "\(line)")
      }
      let words = wrapped.split { $0 == " " || $0 == "\n" }
      #expect(words == Self.text.split(separator: " "))
    }
  }

  @Test("without a width, or colours, text stays as it is")
  func plain() {
    #expect(TerminalStyle().wrapped(Self.text, indent: 4) == Self.text)
    #expect(TerminalStyle().paint("x", .red) == "x")
    #expect(TerminalStyle(colour: true).paint("x", .red) == "\u{1b}[31mx\u{1b}[0m")
  }
}
