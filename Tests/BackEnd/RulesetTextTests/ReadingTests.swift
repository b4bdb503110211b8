import Addresses
import Foundation
import Ruleset
import RulesetText
import TestSupport
import Testing

@Suite("Reading rulesets of others", .bounded)
struct ReadingTests {
  private func fixture(_ name: String) throws -> String {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
      .deletingLastPathComponent()
    return try String(contentsOf: root.appendingPathComponent("Fixtures/nft-list/\(name)"), encoding: .utf8)
  }

  @Test("what a person writes")
  func byHand() throws {
    let table = try #require(try NFTReader.read(fixture("by-hand.nft")).tables.first)
    #expect(table.name == "lab")
    #expect(table.unmodelled.isEmpty)
    #expect(
      table.sets.map(\.elements) == [
        [
          .single(Samples.block("10.0.0.0/24")),
          .single(Interval(Samples.ipv4("10.0.1.1"), Samples.ipv4("10.0.1.9"))), Samples.address("10.0.2.1"),
          .single(Samples.block("10.9.0.0/16")),
        ], [.concatenation([Interval(Samples.ipv4("10.0.0.1")), Interval(80)])],
      ])
    #expect(table.sets[1].key == [.ipv4Address, .inetService])
    #expect(table.maps[0].elements.map(\.verdict) == [.accept, .jump("leaf")])
    #expect(table.maps[0].elements[0].key == Samples.address("fe80::"))

    let leaf = table.chains[0]
    #expect(
      leaf.rules == [
        Rule([
          .match(Match(.metaIifName, .equal, .value(.single(InterfaceName.interval("eth*") ?? Interval(0))))),
          .verdict(.return),
        ]),
        Rule([.verdict(.accept)]), Rule([.unmodelled("tcp flags syn drop")], comment: "odd"),
      ])
    let entry = table.chains[1]
    #expect(entry.hook == Chain.Hook("input", priority: -147, policy: .drop))
    #expect(
      entry.rules == [
        Rule([
          .match(
            Match(
              .tcpDport, .equal,
              .anonymousSet([ElementKey(22), ElementKey(80), .single(Interval(8000, 8080))]))),
          .match(Match(.ctState, .equal, .anyBit(10))), .counter, .verdict(.accept),
        ]),
        Rule(
          [
            .match(Match(.ipSaddr, .equal, .namedSet("web"))),
            .match(Match(.metaL4Proto, .equal, .value(ElementKey(17)))),
            .match(Match(.udpDport, .notEqual, .value(ElementKey(53)))), .verdict(.drop),
          ], comment: "no, really"),
        Rule([.match(Match(.ctState, .equal, .anyBit(6))), .verdict(.accept)]),
        Rule([.verdictMap([.ip6Saddr], .named("gate"))]),
        Rule([
          .match(Match(.metaMark, .notEqual, .anyBit(15))),
          .match(Match(.metaMark, .equal, .value(ElementKey(7)))), .verdict(.jump("leaf")),
        ]),
        Rule([
          .verdictMap(
            [.ctState],
            .anonymous([
              VerdictElement(ElementKey(2), .accept), VerdictElement(ElementKey(8), .goto("leaf")),
            ]))
        ]),
        Rule([
          .match(Match(.ipSaddr, .equal, .value(.single(Samples.block("10.0.0.0/24"))))),
          .match(Match(.icmpType, .equal, .value(ElementKey(8)))), .reject,
        ]),
      ])
  }

  @Test("a listing of a newer nft: what has no word here stays text")
  func newer() throws {
    let table = try #require(try NFTReader.read(fixture("newer.nft")).tables.first)
    #expect(table.flags == ["dormant"])
    #expect(table.sets.map(\.name) == ["allowed"])
    #expect(table.sets[0].flags == [.interval, .timeout])
    #expect(
      table.unmodelled.map { $0.split(separator: " {")[0] } == [
        "set recent", "set metered", "set everything", "flowtable fast",
      ])
    #expect(table.chains[0].rules[1].statements.last == .unmodelled("queue to 3"))
    #expect(table.chains[0].rules[1].comment == "elsewhere")
    #expect(try NFTReader.read(NFTPrinter.print(Ruleset([table]))) == Ruleset([table]))
  }

  @Test("everything, as nft 1.0.6 lists it in text and in JSON")
  func everything() throws {
    let text = try #require(try NFTReader.read(fixture("everything-1.0.6.nft")).tables.first)
    let json = try #require(try JSONReader.read(fixture("everything-1.0.6.json")).tables.first)
    #expect(text.unmodelled.count == 2 && json.unmodelled.count == 2)
    // nft lists no auto-merge, and no dynamic flag of a set, in JSON; a comment of a rule it does.
    var known = text
    for index in known.sets.indices { known.sets[index].autoMerge = false }
    for index in known.sets.indices { known.sets[index].flags.remove(.dynamic) }
    var same = json
    for index in same.sets.indices { same.sets[index].flags.remove(.dynamic) }
    #expect(known.normalized().sets == same.normalized().sets)
    #expect(known.maps == same.maps)
    for (left, right) in zip(known.normalized().chains, same.normalized().chains) {
      #expect(left.name == right.name && left.hook == right.hook && left.rules.count == right.rules.count)
      for (a, b) in zip(left.rules, right.rules) where !isUnmodelled(a) || !isUnmodelled(b) {
        #expect(a == b)
      }
    }
    let unmodelled = text.chains.flatMap(\.rules).filter { isUnmodelled($0) }
    #expect(
      unmodelled.compactMap(\.statements.first).prefix(3) == [
        .unmodelled("meta mark & 0x000000ff == 0x00000001 accept"), .unmodelled("meta mark set 0x00000007"),
        .unmodelled("counter name \"cnt\""),
      ])
    #expect(try NFTReader.read(NFTPrinter.print(Ruleset([text]))) == Ruleset([text]))
    #expect(
      try JSONReader.read(JSONPrinter.print(Ruleset([json]))).normalized() == Ruleset([json]).normalized())
  }

  private func isUnmodelled(_ rule: Rule) -> Bool {
    rule.statements.contains { if case .unmodelled = $0 { true } else { false } }
  }

  @Test(
    "text that is none is refused with its place",
    arguments: [
      ("table inet t {\n\tchain c {\n\t\ttcp dport 70000 accept\n\t}\n}", 3, 13),
      ("table inet t {\n chain c {\n  ip saddr 10.0.0.256 drop\n}}", 3, 12),
      ("table inet t {\n chain c {\n  ip saddr $web drop\n}}", 3, 12),
      ("define web = 10.0.0.1\n", 1, 1),
      ("table inet t {\n include \"x\"\n}", 2, 2),
      ("table inet t {\n set s { type ipv4_addr; elements = { 10.0.0.1 10.0.0.2 } }\n}", 2, 48),
      ("table inet t {\n set s { type ipv4_addr; elements = { 10.0.0.9-10.0.0.1 } }\n}", 2, 39),
      ("table inet t {\n set s { flags interval; }\n}", 2, 8),
      ("table inet t {\n chain c {\n  accept\n", 4, 1),
      ("table inet t {\n chain c {\n  log prefix \"x\n }\n}", 3, 14),
      ("add rule inet t c accept", 1, 10),
      ("table inet t { chain c { type filter hook input priority high; } }", 1, 58),
      ("list ruleset", 1, 1),
      ("table inet t { } trailing", 1, 18),
      ("table inet t { chain c { jump } }", 1, 31),
    ])
  func refused(text: String, line: Int, column: Int) {
    let failure = #expect(throws: ReadFailure.self) { try NFTReader.read(text) }
    #expect(failure.map { [$0.line, $0.column] } == [line, column], "\(failure.map(\.description) ?? "")")
  }

  @Test("JSON that was cut off anywhere is refused")
  func truncated() throws {
    let whole = JSONPrinter.print(Ruleset([Samples.policy])).utf8.dropLast(1)
    for length in stride(from: 0, to: whole.count, by: 7) {
      let text = String(decoding: whole.prefix(length), as: UTF8.self)
      #expect(throws: ReadFailure.self, "\(length) bytes") { try JSONReader.read(text) }
    }
    let failure = #expect(throws: ReadFailure.self) {
      try JSONReader.read("{\"nftables\": [{\"table\": {\"family\": \"inet\",\n")
    }
    #expect(failure?.message.contains("cut off") == true)
    #expect(failure?.line == 2)
  }

  @Test("text that was cut off anywhere is refused, or ends between two commands")
  func truncatedText() throws {
    let whole = NFTPrinter.print(Ruleset([Samples.policy])).utf8
    let open = "table inet netpolc {".utf8.count
    for length in stride(from: open, to: whole.count - 2, by: 5) {
      let text = String(decoding: whole.prefix(length), as: UTF8.self)
      #expect(throws: ReadFailure.self, "\(length) bytes") { try NFTReader.read(text) }
    }
  }
}
