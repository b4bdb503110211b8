import Ruleset
import RulesetText
import TestSupport
import Testing

@Suite("What is printed reads as what it was", .bounded)
struct RoundTripTests {
  @Test("the layout that netpolc writes")
  func layout() throws {
    let ruleset = Ruleset([Samples.policy])
    #expect(try NFTReader.read(NFTPrinter.print(ruleset)) == ruleset)
    #expect(try NFTReader.read(NFTPrinter.replacing(Samples.policy)) == ruleset)
    #expect(try JSONReader.read(JSONPrinter.print(ruleset)) == ruleset)
    #expect(try JSONReader.read(JSONPrinter.replacing(Samples.policy)) == ruleset)
  }

  @Test("with words for readers")
  func annotated() throws {
    let annotations = Annotations(
      header: ["netpolc", "", "two\nlines } {"], headings: ["self4": "Peers", "forward": "Chains"],
      remarks: ["deny": ["who comes here \"goes\" nowhere; {"]])
    let text = NFTPrinter.replacing(Samples.policy, annotations: annotations)
    #expect(text.hasPrefix("# netpolc\n#\n# two\\nlines } {\n"))
    #expect(try NFTReader.read(text) == Ruleset([Samples.policy]))
  }

  @Test("random tables", arguments: UInt64(1)...UInt64(400))
  func random(seed: UInt64) throws {
    var random = RandomTable(seed: seed, forKernel: false)
    let ruleset = Ruleset([random.table()])
    #expect(try NFTReader.read(NFTPrinter.print(ruleset)) == ruleset, "seed \(seed)")
    #expect(try JSONReader.read(JSONPrinter.print(ruleset)) == ruleset, "seed \(seed)")
    // A table is printed once: its text is a part of the text that replaces it.
    let printed = NFTPrinter.printed(replacing: ruleset.tables[0])
    #expect(printed.tableText == NFTPrinter.print(ruleset), "seed \(seed)")
    #expect(NFTPrinter.replacing(ruleset.tables[0], printed: printed.tableText) == printed.text)
  }

  @Test("each line of the text is known")
  func lines() throws {
    let printed = NFTPrinter.printed(replacing: Samples.policy)
    let lines = printed.text.split(separator: "\n", omittingEmptySubsequences: false)
    let line = try #require(lines.firstIndex { $0.contains("tcp dport 80-90") })
    #expect(printed.item(atLine: line + 1) == .rule(chain: "i-7c1e", index: 0))
    let element = try #require(lines.firstIndex { $0.contains("10.244.1.3,") })
    #expect(printed.item(atLine: element + 1) == .set("p4-version.v2-5a02"))
    #expect(printed.item(atLine: 1) == nil)
  }
}

@Suite("What nft lists reads as what was loaded", .needsRoot, .bounded)
struct ListingTests {
  @Test("the layout that netpolc writes", arguments: [false, true])
  func layout(json: Bool) throws {
    try expectListed(Samples.policy, json: json, "the sample")
  }

  @Test("random tables", .long, arguments: UInt64(1)...UInt64(150))
  func random(seed: UInt64) throws {
    var random = RandomTable(seed: seed, forKernel: true)
    try expectListed(random.table(), json: seed % 2 == 0, "seed \(seed)")
  }

  /// Loads the table, as text or JSON, and reads both listings.
  private func expectListed(_ table: Table, json: Bool, _ name: Comment) throws {
    try Kernel.with { kernel in
      try kernel.load(json ? JSONPrinter.replacing(table) : NFTPrinter.replacing(table), json: json)
      let wanted = Ruleset([table]).normalized()
      let text = try kernel.nft(["-a", "list", "ruleset"]).output
      expectEqual(try NFTReader.read(text).normalized(), wanted, "\(name), text\n\(text)")
      let listed = try kernel.nft(["-j", "list", "ruleset"]).output
      expectEqual(try JSONReader.read(listed).normalized(), wanted, "\(name), JSON\n\(text)")
    }
  }

  /// Compares as text too, which shows where the two differ.
  private func expectEqual(_ found: Ruleset, _ wanted: Ruleset, _ comment: Comment) {
    let foundLines = NFTPrinter.print(found).split(separator: "\n")
    let wantedLines = NFTPrinter.print(wanted).split(separator: "\n")
    for (left, right) in zip(foundLines, wantedLines) where left != right {
      Issue.record("found \(left), wanted \(right)\n\(comment)")
      return
    }
    #expect(found == wanted, comment)
  }
}
