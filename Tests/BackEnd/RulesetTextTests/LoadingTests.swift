import Ruleset
import RulesetText
import TestSupport
import Testing

@Suite("What is printed loads", .needsRoot, .bounded)
struct LoadingTests {
  @Test("text and JSON make the same kernel state")
  func sameState() throws {
    let text = try Kernel.with { kernel in
      try kernel.load(NFTPrinter.replacing(Samples.policy))
      return try kernel.listing()
    }
    let json = try Kernel.with { kernel in
      try kernel.load(JSONPrinter.replacing(Samples.policy), json: true)
      return try kernel.listing()
    }
    #expect(!text.isEmpty)
    #expect(sections(text) == sections(json))
  }

  @Test("loading twice changes nothing, and leaves other tables alone", arguments: [false, true])
  func twice(json: Bool) throws {
    let text = json ? JSONPrinter.replacing(Samples.policy) : NFTPrinter.replacing(Samples.policy)
    try Kernel.with { kernel in
      try kernel.load(
        "table ip other { set s { type ipv4_addr; flags interval; elements = { 10.0.0.0/8 }; }; }")
      try kernel.load(text, json: json)
      let once = try kernel.listing()
      try kernel.load(text, json: json)
      #expect(try kernel.listing() == once)
      #expect(once.contains("table ip other"))
    }
  }

  /// The blocks of a listing in an order of their own: nft lists objects in the order of their making.
  private func sections(_ listing: String) -> [String] {
    var sections: [String] = [""]
    for line in listing.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.isEmpty { sections.append("") } else { sections[sections.count - 1] += line + "\n" }
    }
    return sections.map { $0.hasSuffix("\n}\n") ? String($0.dropLast(2)) : $0 }.sorted()
  }
}
