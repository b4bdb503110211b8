import Foundation
import TestSupport
import Testing
import Wording

@testable import ReviewPages

@Suite("the files that pages are made of", .bounded)
struct PageFilesTests {
  static let folder = Fixtures.package.appending(path: "Sources/Review/ReviewPages/Page")

  /// The scripts of each page, in their order.
  static let scripts = [
    "connectivity": ["data", "cause", "grid", "matrix", "tables", "connectivity"],
    "difference": ["data", "cause", "grid", "matrix", "difference"],
  ]

  static let hasNode = (try? CommandRun.named("node", ["--version"]).status) == 0

  static func names(_ ending: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.path()).filter { $0.hasSuffix(ending) }
      .sorted()
  }

  static func text(_ name: String) throws -> String {
    try String(contentsOf: folder.appending(path: name), encoding: .utf8)
  }

  static func script(_ page: String) throws -> String {
    try (scripts[page] ?? []).map { try text("\($0).js") }.joined()
  }

  /// The patterns that no script may have, with the reasons.
  static let refused: [(pattern: String, why: String)] = [
    (#"\bvar\b"#, "var is visible outside its block: const or let"),
    (#"[^=!]==[^=]|!=[^=]"#, "== converts its operands: ==="),
    (#"innerHTML|outerHTML|insertAdjacentHTML|document\.write"#, "a text of the data would become markup"),
    (#"\beval\b|new Function|setTimeout\(\s*['"`]"#, "a text of the data would become a script"),
    (#"\bon[a-z]+\s*=\s*['"`]|setAttribute\(\s*['"]on"#, "a handler as an attribute is a script in a text"),
    (#"https?:|\bfetch\(|XMLHttpRequest|WebSocket|import\("#, "a page loads nothing"),
    (#"console\.|\bdebugger\b|\balert\("#, "left over from trying something out"),
    (#"\t| $"#, "a tab, or a space at the end of a line"),
  ]

  @Test("no script has what a page must not do, line by line")
  func rules() throws {
    #expect(try Self.names(".js").count == 7)
    for name in try Self.names(".js") {
      for (number, line) in try Self.text(name).components(separatedBy: "\n").enumerated() {
        let code = line.replacing(#/\s*\/\/ .*/#, with: "")
        for (pattern, why) in Self.refused where code.range(of: pattern, options: .regularExpression) != nil {
          Issue.record("\(name):\(number + 1): \(why): \(line)")
        }
      }
    }
  }

  @Test(
    "a rule finds what it refuses",
    arguments: [
      "var a = 1;", "if (a == b) {", "x.innerHTML = text;", "eval(text)", "a.setAttribute('onclick', text)",
      "fetch(place)", "console.log(a)", "let a;\t",
    ])
  func refusals(line: String) {
    #expect(Self.refused.contains { line.range(of: $0.pattern, options: .regularExpression) != nil })
  }

  @Test("a script is strict, and uses whatever it declares", arguments: scripts.keys.sorted())
  func declarations(page: String) throws {
    let script = try Self.script(page)
    #expect(script.hasPrefix("'use strict';\n"))
    let declaration = #/(?m)^(?:const|let|function|class) +([A-Za-z_][A-Za-z0-9_]*)/#
    var seen: Set<String> = []
    for match in script.matches(of: declaration) {
      let name = String(match.1)
      #expect(seen.insert(name).inserted, "\(page): \(name) is declared twice")
      let uses = script.components(separatedBy: .alphanumerics.union(["_"]).inverted).count { $0 == name }
      // What only one page uses may stand in a file that both share.
      let others = try Self.scripts.keys.filter { $0 != page }.contains { other in
        try Self.script(other).components(separatedBy: .alphanumerics.union(["_"]).inverted).count {
          $0 == name
        } > 1
      }
      #expect(uses > 1 || others, "\(page): \(name) is never used")
    }
    #expect(seen.count > 30)
  }

  @Test(
    "node takes the script of each page", .enabled(if: hasNode, "needs node, which is not installed"),
    arguments: scripts.keys.sorted())
  func syntax(page: String) throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("\(page).js", try Self.script(page))
    let run = try CommandRun.named("node", ["--check", path])
    #expect(run.status == 0, "\(run.errors)")
  }

  @Test("a class that a script or a page names has a rule in the style, or none that is misspelt")
  func classes() throws {
    let style = try Self.text("page.css")
    let styled = Set(style.matches(of: #/\.([a-z][a-z-]*)/#).map { String($0.1) })
    var named: Set<String> = []
    for name in try Self.names(".html") {
      for match in try Self.text(name).matches(of: #/class="([^"{]*)"/#) {
        named.formUnion(match.1.split(separator: " ").map(String.init))
      }
    }
    #expect(!named.isEmpty)
    #expect(named.subtracting(styled) == [], "without a rule in page.css")
  }

  @Test("every slot of a template is filled, and a file of bytes is UTF-8")
  func templates() throws {
    for name in try Self.names(".html") {
      let template = PageTemplate(Array(try Self.text(name).utf8))
      let text = template.filled(
        Dictionary(uniqueKeysWithValues: template.slots.map { ($0, HTMLText(foreign: "<\($0)>")) })
      ).text
      #expect(!text.contains("{{") && !text.contains("}}"), "\(name)")
      for slot in template.slots { #expect(text.contains("&lt;\(slot)&gt;"), "\(name): \(slot)") }
    }
    #expect(PageTemplate(Array("a{{b}}c{{".utf8)).filled(["b": "1"]).text == "a1c{{")
  }
}
