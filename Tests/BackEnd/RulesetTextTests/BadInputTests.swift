import JSONText
import Ruleset
import RulesetText
import TestSupport
import Testing

@Suite("Bad input is refused, never a crash", .bounded)
struct BadInputTests {
  @Test("text and JSON with bytes changed, dropped and doubled", arguments: UInt64(1)...UInt64(300))
  func damaged(seed: UInt64) {
    var random = RandomTable(seed: seed, forKernel: false)
    let ruleset = Ruleset([random.table()])
    for text in [NFTPrinter.print(ruleset), JSONPrinter.print(ruleset)] {
      var bytes = Array(text.utf8)
      for _ in 0...random.number(3) {
        let place = random.number(bytes.count)
        switch random.number(4) {
        case 0: bytes[place] = Array("{}[],;:\"'#!=<>&|-./\\\n\0 0zé$@".utf8)[random.number(28)]
        case 1: bytes.remove(at: place)
        case 2: bytes.insert(contentsOf: bytes[place..<min(place + 30, bytes.count)], at: place)
        default: bytes.removeSubrange(place..<min(place + 20, bytes.count))
        }
      }
      let damaged = String(decoding: bytes, as: UTF8.self)
      // Either is right, so long as it comes back.
      _ = try? NFTReader.read(damaged)
      _ = try? JSONReader.read(damaged)
    }
  }

  @Test("a policy counts wherever it stands in its chain, and once")
  func policyOfChain() throws {
    func chain(_ lines: String) throws -> Chain? {
      try NFTReader.read("table inet t {\nchain c {\n\(lines)\n}\n}").tables[0].chains.first
    }
    let hook = "type filter hook forward priority 0"
    #expect(try chain("policy drop\n\(hook)")?.hook?.policy == .drop)
    #expect(try chain("\(hook); policy drop;\naccept")?.hook?.policy == .drop)
    for refused in ["policy drop", "\(hook); policy drop; policy accept", "\(hook); policy drop;\n\(hook)"] {
      #expect(throws: ReadFailure.self) { try chain(refused) }
    }
  }

  @Test(
    "names that nft has not",
    arguments: [
      "table \"\"", "table inet \"a b\" {}", "table inet t { chain c { jump \"d\" } }",
      "table inet t { chain c { ip saddr vmap @@ } }", "table inet t { set a@b { type ipv4_addr; } }",
    ])
  func names(text: String) {
    #expect(throws: ReadFailure.self) { try NFTReader.read(text) }
  }

  @Test(
    "a rule says something, a set has one type",
    arguments: [
      "table inet t { chain c { } }\nadd rule inet t c",
      "table inet t { chain c { comment \"no more\" } }\nadd rule inet t c comment \"a\"",
      "table inet t { set s { type ipv4_addr; type ipv4_addr; } }",
    ])
  func said(text: String) {
    #expect(throws: ReadFailure.self) { try NFTReader.read(text) }
  }

  @Test("deep nesting and long chains of signs")
  func deep() {
    let many = 200_000
    let texts = [
      String(repeating: "[", count: many), String(repeating: "{\"a\":", count: many),
      "{\"nftables\":" + String(repeating: "[", count: many),
      "table inet t { chain c { tcp dport { 1" + String(repeating: " - 1", count: many) + " } } }",
      "table inet t { set s { type ct_state; elements = { new" + String(repeating: " | new", count: many),
      String(repeating: "table inet t { ", count: many),
      "table inet t { chain c { foo "
        + String(repeating: "{", count: many),
    ]
    for text in texts {
      #expect(throws: ReadFailure.self) { try NFTReader.read(text) }
      #expect(throws: ReadFailure.self) { try JSONReader.read(text) }
    }
  }

  @Test(
    "JSON that is none",
    arguments: [
      "", "[", "[1,]", "[,1]", "[1 2]", "{\"a\" 1}", "{\"a\":1,}", "{a:1}", "01", "-", "1.", "1e", "tru",
      "nul",
      "\"a", "\"\\x\"", "\"\\u12\"", "\"\\ud800\"", "\"\n\"", "[1] 2", "'a'", "NaN", "+1",
    ])
  func strict(text: String) {
    #expect(throws: JSONFailure.self) {
      var scanner = JSONScanner(text)
      try scanner.skip()
      try scanner.expectEnd()
    }
  }

  @Test("strings come back as they were written")
  func strings() throws {
    let text = "a\"b\\c\nd\te\u{1}f\u{1F600}é"
    var writer = JSONWriter()
    writer.array { writer in
      writer.string(text)
      writer.number(-7)
      writer.number(UInt64.max)
      writer.object { writer in
        writer.key("k")
        writer.null()
        writer.key("l")
        writer.bool(true)
      }
    }
    #expect(writer.text.contains("\\u0001f"))
    #expect(writer.text.hasSuffix(",-7,18446744073709551615,{\"k\":null,\"l\":true}]"))
    var scanner = JSONScanner(writer.text)
    var isFirst = true
    try scanner.openArray()
    #expect(try scanner.nextItem(first: &isFirst))
    #expect(try scanner.string() == text)
    var escaped = JSONScanner("\"\\ud83d\\ude00\\/\"")
    #expect(try escaped.string() == "\u{1F600}/")
  }
}
