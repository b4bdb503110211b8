import TestSupport
import Testing
import Wording

/// Characters that steer what shows them, or that do not show.
private let hidden: [Unicode.Scalar] = {
  let all = (0...0x10ffff as ClosedRange<UInt32>).compactMap(Unicode.Scalar.init)
  return all.filter {
    switch $0.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator: true
    default: $0.properties.isDefaultIgnorableCodePoint
    }
  }
}()

/// The renderings, each of which must keep to its sink.
private let renderings: [(name: String, render: @Sendable (ForeignText) -> String)] = [
  ("line", { $0.line }), ("lines", { $0.lines }), ("terminal", { $0.terminal }), ("quoted", { $0.quoted }),
  ("github", { $0.github }), ("githubProperty", { $0.githubProperty }), ("markdown", { $0.markdown }),
  ("markdownCode", { $0.markdownCode }), ("html", { $0.html }), ("visible", { $0.visible }),
  ("interpolated", { "\($0)" }), ("PlainText", { ("x \($0)" as PlainText).text }),
  ("GitHubMessage", { ("x \($0)" as GitHubMessage).text }),
  ("MarkdownText", { ("x \($0)" as MarkdownText).text }),
  ("HTMLText", { ("x \($0)" as HTMLText).text }),
]

@Suite("Foreign text at each sink", .bounded)
struct ForeignTextTests {
  @Test("the table of hidden characters has the ones that are known to be abused")
  func table() {
    let known: [ClosedRange<UInt32>] = [
      0...0x1f, 0x7f...0x9f, 0xad...0xad, 0x34f...0x34f, 0x61c...0x61c, 0x115f...0x1160, 0x180b...0x180f,
      0x200b...0x200f, 0x2028...0x202e, 0x2060...0x206f, 0x3164...0x3164, 0xfe00...0xfe0f, 0xfeff...0xfeff,
      0xfff9...0xfffb, 0xe0000...0xe0fff,
    ]
    for value in known.joined() {
      #expect(hidden.contains { $0.value == value }, "\(String(value, radix: 16))")
    }
  }

  @Test("no hidden character reaches any sink", arguments: renderings.indices)
  func hiddenCharacters(rendering: Int) {
    let (name, render) = renderings[rendering]
    for scalar in hidden {
      if name == "lines", scalar == "\n" || scalar == "\t" { continue }
      let text = render(ForeignText("a\(scalar)b"))
      #expect(
        !text.unicodeScalars.contains(where: ForeignText.isHidden), "U+\(String(scalar.value, radix: 16))")
      // Two names that differ look different.
      #expect(text != render("ab"))
    }
  }

  @Test("what shows is left alone, in any language")
  func visible() {
    for text in ["web-1.shop", "größe", "日本語", "a b", "naïve e\u{301}", "🚀", "10.0.0.0/8", "2001:db8::/64"] {
      #expect(ForeignText(text).visible == text)
      #expect(ForeignText(text).line == text)
      #expect("\(ForeignText(text))" == text)
    }
  }

  @Test(
    "plain lines begin no workflow command",
    arguments: [
      ("::error::x", "\\u{3a}:error::x"), ("  ::stop-commands::x", "  \\u{3a}:stop-commands::x"),
      (":::", "\\u{3a}::"), ("a ::error::x", "a ::error::x"), ("##[error]x", "##\\u{5b}error]x"),
      ("a ##[group]", "a ##\\u{5b}group]"), ("###[x", "###\\u{5b}x"), ("#[x", "#[x"), ("::", "\\u{3a}:"),
      ("::\u{301}error", "\\u{3a}:\u{301}error"), ("\n::error::", "\\n::error::"),
    ])
  func commands(raw: String, line: String) { #expect(ForeignText(raw).line == line) }

  @Test("lines keep their ends and tabs, and none begins a command")
  func lines() {
    #expect(ForeignText("a\tb\n::error::\r\n\u{1b}[0m").lines == "a\tb\n\\u{3a}:error::\\r\n\\u{1b}[0m")
  }

  @Test(
    "quotes",
    arguments: [("", #""""#), ("a\"b", #""a\"b""#), (#"\"#, #""\\""#), ("a\nb", #""a\nb""#), ("é", #""é""#)])
  func quotes(raw: String, quoted: String) { #expect(ForeignText(raw).quoted == quoted) }

  @Test("workflow commands of GitHub keep their parts")
  func github() {
    let name: ForeignText = "100%,a:b\r\n::error::"
    #expect(name.github == "100%25,a:b\\r\\n::error::")
    #expect(name.githubProperty == "100%25%2Ca%3Ab\\r\\n%3A%3Aerror%3A%3A")
    #expect(("own\n\(name)" as GitHubMessage).text == "own%0A100%25,a:b\\r\\n::error::")
  }

  @Test(
    "prose of Markdown has no markup, link, mention or cell",
    arguments: [
      ("*a* _b_ `c`", "\\*a\\* \\_b\\_ \\`c\\`"), ("[a](b)", "\\[a\\](b)"), ("a|b", "a\\|b"),
      ("<b>", "&lt;b&gt;"),
      ("&amp;", "&amp;amp;"), ("@team", "@<!-- -->team"), ("#12", "\\#<!-- -->12"), ("- a", "\\- a"),
      ("12. a", "12\\. a"), ("a. b", "a. b"), ("1) a", "1\\) a"), ("    a", "&#32;   a"),
      ("https://a.b", "https\\://a.b"), ("WWW.a.b", "WWW\\.a.b"), ("web-1.2", "web-1.2"), ("a\nb", "a\\\\nb"),
      ("~~a~~", "\\~\\~a\\~\\~"), ("$a$", "\\$a\\$"), ("*\u{301}a*", "\\*\u{301}a\\*"), ("===", "\\==="),
    ])
  func markdown(raw: String, markdown: String) { #expect(ForeignText(raw).markdown == markdown) }

  @Test(
    "code spans of Markdown end where they should",
    arguments: [
      ("a", "`a`"), ("a`b", "``a`b``"), ("`", "`` ` ``"), ("a``", "``` a`` ```"), ("a|b", "`a\\u{7c}b`"),
      ("", "`  `"),
      (" a", "`  a `"), ("a\nb", "`a\\nb`"), ("`\u{301}", "`` `\u{301} ``"),
    ])
  func code(raw: String, code: String) { #expect(ForeignText(raw).markdownCode == code) }

  @Test("HTML: a combining mark behind a quote does not hide it")
  func html() {
    #expect(ForeignText("<a href='x'>\"&").html == "&lt;a href=&#39;x&#39;&gt;&quot;&amp;")
    #expect(ForeignText("\"\u{301}<\u{301}").html == "&quot;\u{301}&lt;\u{301}")
  }

  @Test("literals are the program's own, every interpolated string is foreign")
  func interpolation() {
    let cell: MarkdownText = "**\("a*b")**"
    #expect(("| \(cell) | \(3) |\n" as MarkdownText).text == "| **a\\*b** | 3 |\n")
    let line: PlainText = "::own \("::not")\n\("::error::") \("::x")"
    #expect(line.text == "::own ::not\n\\u{3a}:error:: ::x")
    #expect((["a", "b"].map { PlainText(foreign: $0) }.joined(separator: ", ") as PlainText).text == "a, b")
    let style = TerminalStyle(colour: true)
    #expect(style.paint("\("\u{1b}[0m")" as PlainText, .red).text == "\u{1b}[31m\\u{1b}[0m\u{1b}[0m")
  }
}
