import Glibc
import LinuxNet
import NFTables
import TestSupport
import Testing

/// A client of the built netpolc in a namespace of the test's own.
func client(in namespace: NetworkNamespace, timeLimit: Duration = .seconds(60)) -> NFTablesClient {
  NFTablesClient(
    executable: BuiltProgram.netpolc, timeLimit: timeLimit, namespace: namespace)
}

let smallTable = """
  table inet netpolc {
    set peers {
      type ipv4_addr
      elements = { 10.0.0.1, 10.0.0.2 }
    }
    chain forward {
      type filter hook forward priority filter - 5; policy accept;
      ip saddr @peers tcp dport 80 accept
    }
  }

  """

@Suite("transactions through the worker", .needsRoot, .bounded)
struct ClientTests {
  let namespace: NetworkNamespace
  let nft: NFTablesClient

  init() throws {
    namespace = try NetworkNamespace()
    nft = client(in: namespace)
  }

  @Test("what was applied is listed")
  func applyAndList() throws {
    #expect(try nft.list(.netpolc) == nil)
    #expect(try nft.apply(smallTable) == [])
    let text = try #require(try nft.list(.netpolc))
    #expect(text.contains("ip saddr @peers tcp dport 80 accept"))
    #expect(text.contains("10.0.0.1, 10.0.0.2"))
    let json = try #require(try nft.list(.netpolc, as: .json))
    #expect(json.hasPrefix(#"{"nftables": [{"metainfo""#))
  }

  @Test(
    "steps are transactions of their own, up to the first that is refused; places count through all of them")
  func steps() throws {
    let generation = try namespace.run { try TableFacts.generation() }
    #expect(try nft.apply(steps: [smallTable, "add set inet netpolc s { type ipv4_addr; }\n"]) == [])
    #expect(try namespace.run { try TableFacts.generation() } == generation + 2)
    let failure = #expect(throws: NFTablesFailure.self) {
      try nft.apply(steps: [
        "add element inet netpolc peers { 10.0.0.3 }\n", "\nadd rule inet netpolc nosuch accept\n",
        "delete table inet netpolc\n",
      ])
    }
    guard case .rejected(let messages) = failure else {
      Issue.record("not rejected but \(String(describing: failure))")
      return
    }
    #expect(messages.first?.place?.line == 3)
    #expect(messages.first?.place?.columns.lowerBound == 23)
    let text = try #require(try nft.list(.netpolc))
    #expect(text.contains("10.0.0.1, 10.0.0.2"))
    #expect(text.contains("10.0.0.3"))
  }

  @Test("a dry run changes nothing and finds what the commit would find")
  func dryRun() throws {
    #expect(try nft.check(smallTable) == [])
    #expect(try nft.list(.netpolc) == nil)
    #expect(throws: NFTablesFailure.self) { try nft.check("add rule inet netpolc nosuch accept\n") }
  }

  @Test("JSON is applied as text is")
  func json() throws {
    try nft.apply(smallTable)
    let json = try #require(try nft.list(.netpolc, as: .json))
    let text = try nft.list(.netpolc)
    let other = client(in: try NetworkNamespace())
    try other.apply(json, format: .json)
    #expect(try other.list(.netpolc) == text)
  }

  @Test(
    "messages point at the line and columns of the script",
    arguments: [
      ("table inet t {\n  chain c {\n    tcp dport 80 accpt\n  }\n}\n", 3, 23, "syntax error"),
      ("table inet t { }\nadd rule inet nosuch x accept\n", 2, 15, "No such file or directory"),
      (
        "table inet t { }\n\n\tadd chain inet t c { type filter hook forwad priority 0; }\n", 3, 40, "unknown"
      ),
      (
        "table inet t {\n set s { type ipv4_addr; flags interval; elements = { 1.2.3.4-1.2.3.9,1.2.3.5 } }\n}\n",
        2, 71, "conflicting intervals"
      ),
      ("table inet t { }\ncreate table inet t\n", 2, 19, "File exists"),
    ])
  func places(script: String, line: Int, column: Int, text: String) throws {
    let failure = #expect(throws: NFTablesFailure.self) { try nft.apply(script) }
    guard case .rejected(let messages) = failure, let first = messages.first else {
      Issue.record("not rejected but \(String(describing: failure))")
      return
    }
    #expect(first.place?.line == line)
    #expect(first.place?.columns.lowerBound == column)
    #expect(first.text.contains(text))
    #expect(try nft.listRuleset() == "")
  }
}
