import LinuxNet
import NFTables
import TestSupport
import Testing

@Suite("changes of a table are told", .needsRoot, .bounded)
struct TableWatchTests {
  let namespace: NetworkNamespace
  let nft: NFTablesClient

  init() throws {
    namespace = try NetworkNamespace()
    nft = client(in: namespace)
    try nft.apply(smallTable)
  }

  /// What is told of some scripts, each a transaction of its own.
  private func changes(of scripts: String...) throws -> TableWatch.Changes {
    var watch = try namespace.run { try TableWatch(.netpolc) }
    for script in scripts { try nft.apply(script + "\n") }
    return try watch.changes()
  }

  static let own = [
    "add element inet netpolc peers { 10.0.0.3 }", "delete element inet netpolc peers { 10.0.0.1 }",
    "add chain inet netpolc c", "add rule inet netpolc forward accept", "flush chain inet netpolc forward",
    "add set inet netpolc s { type ipv4_addr; }", "add counter inet netpolc c", "delete table inet netpolc",
    "delete table inet netpolc; \(smallTable)",
    "add table inet other; add element inet netpolc peers { 10.0.0.4 }; delete table inet other",
  ]

  @Test("each kind of change, with who made it", arguments: own)
  func told(script: String) throws {
    let found = try changes(of: script)
    #expect(found.transactions == 1)
    #expect(found.committers.map(\.program) == ["netpolc"])
    #expect(found.committers.allSatisfy { $0.process > 1 })
    #expect(!found.isIncomplete)
  }

  @Test("tables of others are none of it, alike in name or not")
  func others() throws {
    let found = try changes(
      of: "add table inet other", "add chain inet other c", "add table ip netpolc",
      "add set ip netpolc peers { type ipv4_addr; }", "add table inet netpolcx", "delete table ip netpolc")
    #expect(found.isEmpty)
  }

  @Test("between others' transactions the own ones are counted, and each process is named once")
  func counted() throws {
    var watch = try namespace.run { try TableWatch(.netpolc) }
    for number in 0..<30 {
      try nft.apply("add element inet netpolc peers { 10.0.1.\(number) }\nadd table inet other\n")
      try nft.apply("delete table inet other\n")
    }
    let program = try namespace.run { try ChildProgram("nft", ["add", "chain", "inet", "netpolc", "c"]) }
    #expect(program.statusAtEnd() == 0)
    let found = try watch.changes()
    #expect(found.transactions == 31)
    #expect(found.committers.last?.program == "nft")
    #expect(found.committers.count == Set(found.committers).count)
    #expect(try watch.changes().isEmpty)
  }

  @Test("another namespace's changes are not told")
  func elsewhere() throws {
    var watch = try namespace.run { try TableWatch(.netpolc) }
    let other = try NetworkNamespace()
    try client(in: other).apply(smallTable)
    #expect(try watch.changes().isEmpty)
  }

  @Test("what the kernel could not keep is told as lost, and what comes later is told again")
  func overrun() throws {
    var watch = try namespace.run { try TableWatch(.netpolc, room: 1) }
    let elements = (0..<2_000).map { "10.1.\($0 / 256).\($0 % 256)" }.joined(separator: ", ")
    try nft.apply("add element inet netpolc peers { \(elements) }\n")
    #expect(try watch.changes().isIncomplete)
    try nft.apply("add element inet netpolc peers { 10.2.0.1 }\n")
    let later = try watch.changes()
    #expect(later.transactions == 1)
    #expect(!later.isIncomplete)
  }
}
