import Diagnostics
import TestSupport
import Testing

@Suite("Findings as text", .bounded)
struct DiagnosticRendererTests {
  private func render(_ line: String?, column: Int, message: String = "is wrong", colour: Bool = false)
    -> String
  {
    DiagnosticRenderer(colour: colour).render(
      Diagnostic(
        .error, id: "some-id", at: SourceLocation(file: "a.yaml", line: 3, column: column), field: "spec.x",
        message,
        sourceLine: line))
  }

  @Test func caretUnderTheColumn() {
    #expect(
      render("  x: 1", column: 6) == """
        a.yaml:3:6: error: spec.x: is wrong [some-id]
          x: 1
             ^

        """)
  }

  @Test func tabsStandInBothLines() {
    #expect(render("\tx:\t1", column: 5).hasSuffix("\n\tx:\t1\n\t  \t^\n"))
  }

  @Test func charactersOfSeveralBytesAreOneColumn() {
    #expect(render("é: ü", column: 5).hasSuffix("\né: ü\n   ^\n"))
  }

  @Test func controlCharactersNeverReachTheTerminal() {
    let text = render("x: \u{1b}[31m\u{202e}", column: 4, message: "found \u{07}\u{1b}")
    #expect(!text.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" || $0.value == 0x202e })
    #expect(text.contains("found \\u{7}\\u{1b}"))
  }

  @Test func longLinesAreCutAroundTheColumn() throws {
    let line = String(repeating: "a", count: 5000) + "!" + String(repeating: "b", count: 5000)
    let lines = render(line, column: 5001).split(separator: "\n")
    #expect(lines[1].utf8.count <= 200)
    let caret = try #require(Array(lines[2]).firstIndex(of: "^"))
    let shown = Array(lines[1])
    try #require(caret < shown.count)
    #expect(shown[caret] == "!")
  }

  @Test func columnBeyondTheLine() {
    #expect(render("ab", column: 99).hasSuffix("\nab\n  ^\n"))
    #expect(render("", column: 1).hasSuffix("\n\n^\n"))
  }

  @Test func notesAndNoPlace() {
    let text = DiagnosticRenderer(colour: false).render(
      Diagnostic(
        .warning, id: "some-id", at: nil, "all of it",
        notes: [
          .init("here", at: SourceLocation(file: "b", line: 1, column: 2)), .init("and there", at: nil),
        ]))
    #expect(text == "warning: all of it [some-id]\nb:1:2: note: here\nnote: and there\n")
  }

  @Test func coloursOnlyWhenAsked() {
    #expect(render("x", column: 1, colour: true).contains("\u{1b}[1;31merror:\u{1b}[0m"))
    #expect(!render("x", column: 1).contains("\u{1b}"))
  }

  @Test func readingOrder() {
    func at(_ file: String, _ line: Int, _ column: Int, _ text: String) -> Diagnostic {
      Diagnostic(.error, id: "i", at: SourceLocation(file: file, line: line, column: column), text)
    }
    let sorted = [
      at("a", 1, 1, "x"), at("a", 2, 1, "x"), at("a", 2, 3, "a"), at("a", 2, 3, "b"), at("b", 1, 1, "x"),
    ]
    let last = Diagnostic(.error, id: "i", at: nil, "z")
    #expect((sorted + [last]).reversed().sorted(by: Diagnostic.inReadingOrder) == sorted + [last])
  }
}
