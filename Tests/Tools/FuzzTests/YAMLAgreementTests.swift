import FuzzTargets
import Foundation
import TestSupport
import Testing

/// netpolc reads the YAML that programs write by itself. Each event must be libyaml's, mistakes included.
@Suite("The scanner of YAML gives libyaml's events", .bounded)
struct YAMLAgreementTests {
  /// Texts that are read without libyaml to the end.
  static let scanned = [
    "a: b\n", "a: b", "a:\n", "a:", "a: # c\nb: 1\n", "\n\n# c\na: b   # d\n   # e\n\n",
    "a: \n  b: \n    c: d\ne: f\n",
    "a:\n- b\n- c: d\n  e: f\n-\n- - g\n  - h\ni: j\n", "a:\n  - b\n  -\n  - c\n", "- a\n- b: c\n",
    "a: {}\nb: []  \nc: [] # d\n",
    "---\na: b\n---\nc: d\n", "---\n---\n# c\n---\n", "--- # c\na: 1\n---", "", "# c\n",
    "\"a\": 'b'\n'c': \"d\"\n",
    "a: \"b\\\"c\\\\d\\n\\t\\r\\/\"\nb: ''''\nc: 'it''s'\nd: \"\"\ne: ''\n",
    "f:a: {}\nk:{\"t\":\"x\"}: {}\n.: {}\n",
    "a: b:c#d\nb: http://x/?y=1#z\n", "a : b\n", "a: |\n  b\n  c\nd: |-\n    e\n   \n\n     f\n\n\ng: |\n  h",
    "- |\n a\n- |-\n b\n", "a: |\n  b\n # c\nd: e\n", "  a: b\n  c: d\n", "a: -1\nb: -x\n",
    "a: 12:34\nb: ~\nc: yes\nd: 0x1f\ne: 1_0\nf: .5\n", "\(String(repeating: "k", count: 900)): v\n",
    "a:\n- b:\n  - c\n  d: e\n- f\n", "-  a: 1\n   b: 2\n- c\n", "a:\n  b:\n  - c:\n      - d\n    e: f\n",
  ]

  /// Texts that are libyaml's to read, or to refuse.
  static let left = [
    "a: b\n c\n", "a: &x b\n", "a: *x\n", "a: !!str b\n", "a: [b]\n", "a: {b: c}\n", "{}\n", "[]\n", "a\n",
    "? a\n: b\n",
    "a: >\n  b\n", "a: |+\n  b\n", "a: |2\n    b\n", "a: |\n\n  b\n", "a: |\nb: c\n", "a: | # c\n  b\n",
    "a: b: c\n", "a:\n b: c\n  d: e\n",
    "  a: b\nc: d\n", "a: - b\n", "a: b\n- c\n", "- a\nb: c\n", "a: \"b\n  c\"\n", "a: 'b\n  c'\n",
    "a: \"b\\x41\"\n", "a: 'b' c\n",
    "a: {}#b\n", "a: \"b\"#c\n", "\"a\" : b\n", "\"a\":b\n", "a\tb: c\n", "a:\tb\n", "a: ü\n", "a: b\r\n",
    "%YAML 1.2\n---\na: b\n", "--- a\n",
    "a: b\n...\n", "...\n", "a:\n  b\n", "a:\n  \"b\"\n", "-\n  a\n", "a: @b\n", "a: `b\n", "a: %b\n",
    "\(String(repeating: "k", count: 1200)): v\n",
    "<<: *a\n", "- - a\n - b\n", "a:\n  - b\n  c: d\n", "a: b\n---\nc: d\n e\n", "a: {}\n  b: c\n",
    "a: |\n    b\n  c: d\n", "- {}: a\n",
    String(repeating: "- ", count: 300) + "a\n", "a: ,b\n", "a: ]\n", "a: 'b\n", "a: \"b\\\n",
    "\u{FEFF}a: ü\n", "a: b\u{0}\n",
    "\(String(repeating: "k", count: 40)): v\u{7f}\(String(repeating: " ", count: 40))\n",
  ]

  @Test("in what programs write", arguments: scanned)
  func scans(_ text: String) {
    #expect(YAMLAgreement.difference(in: Array(text.utf8)) == nil)
    #expect(YAMLAgreement.isScanned(Array(text.utf8)))
  }

  @Test("where libyaml reads on", arguments: left)
  func leaves(_ text: String) {
    for before in ["", "x: y\nz:\n- w: |\n   v\n", "---\n"] {
      let bytes = Array((before + text).utf8)
      #expect(YAMLAgreement.difference(in: bytes) == nil, "\(before)")
    }
    #expect(!YAMLAgreement.isScanned(Array(text.utf8)))
  }

  /// Lines of every indent with every kind of beginning and value.
  @Test("in lines put together at random", arguments: 0..<8)
  func random(_ seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let starts = ["", "", "", "- ", "- ", "- - ", "-", "-  ", "---", "--- ", "...", "# ", "? ", "|", "%"]
    let keys = ["a: ", "b: ", "c:", "\"d\": ", "'e': ", "f : ", "g:h: ", "", "", "{}: ", "\"i\" : ", "-j: "]
    let values = [
      "", "", "x", "x y", "1", "-1", "{}", "[]", "[a]", "{", "\"q\"", "\"q\\\"\"", "\"q\\x41\"", "'r'",
      "'r''s'", "'", "\"", "|", "|-",
      "|+", ">", "|2", "&a b", "*a", "!t", "x # c", "x #", "x#c", "x: y", "x:", "~", "true", "# c",
      "\"q\" # c", "{} # c", "{}x", "-", "- x",
      "?", ":", "::", ",", "@", "`", "%", "  x", "x  ", "=", "\\", "<<", "ü", "\tx",
    ]
    let indents = [0, 0, 0, 1, 2, 2, 2, 3, 4, 4, 6]
    var wholly = 0
    for _ in 0..<4_000 {
      var text = ""
      let isTame = Int.random(in: 0..<2, using: &random) == 0
      for _ in 0..<Int.random(in: 1...10, using: &random) {
        text += String(repeating: " ", count: indents.randomElement(using: &random) ?? 0)
        let tame = Int.random(in: 0..<12, using: &random) > 0 && isTame
        text +=
          (tame ? starts[..<5].randomElement(using: &random) : starts.randomElement(using: &random)) ?? ""
        text += (tame ? keys[..<3].randomElement(using: &random) : keys.randomElement(using: &random)) ?? ""
        text +=
          (tame ? values[..<8].randomElement(using: &random) : values.randomElement(using: &random)) ?? ""
        if Int.random(in: 0..<30, using: &random) > 0 { text += "\n" }
      }
      let bytes = Array(text.utf8)
      let difference = YAMLAgreement.difference(in: bytes)
      #expect(difference == nil, "\(text)")
      if difference != nil { return }
      if YAMLAgreement.isScanned(bytes) { wholly += 1 }
    }
    // Otherwise the lines say nothing about the scanner.
    #expect(wholly > 200)
  }

  @Test("in every file of YAML among the fixtures")
  func fixtures() throws {
    let files = FuzzCorpus.files([Fixtures.directory.path]).filter { $0.hasSuffix(".yaml") }
    #expect(files.count > 100)
    for file in files { #expect(YAMLAgreement.difference(in: try FuzzCorpus.read(file)) == nil, "\(file)") }
  }
}
