import LinuxNet
import Enforcement
import Foundation
import Glibc
import NFTables
import Ruleset
import RulesetText
import TestSupport
import Testing

@Suite("what is known of the installed table", .needsRoot, .bounded)
struct StateTests {
  let node: TrialNode

  init() throws { node = try TrialNode() }

  private func whole(_ report: Enforcer.Report) -> String? {
    report.change.doubt?.description
  }

  @Test("first the whole, then the difference, then nothing")
  func grows() throws {
    let first = try node.apply(Sample.table())
    #expect(whole(first) == "nothing was installed here")
    #expect(first.isReadBack)
    let second = try node.apply(Sample.table(port: 81))
    #expect(second.revision == 2)
    guard case .difference(let delta) = second.change else {
      Issue.record("not a difference: \(second.change)")
      return
    }
    #expect(delta.changedChains.map(\.name) == ["web"])
    let third = try node.apply(Sample.table(port: 81))
    guard case .nothing = third.change else {
      Issue.record("not nothing: \(third.change)")
      return
    }
    #expect(third.revision == 2)
    #expect(try node.installed() == Sample.table(port: 81).normalized())
  }

  enum Spoiling: String, CaseIterable {
    case missing, empty, cutInHeader, cutInTable, oneByte, otherNamespace, otherVersion, symbolicLink
    case writableByOthers, ofAnotherUser, tableRemoved, tableMadeAnew, elementAdded, ruleAdded, ruleReplaced,
      chainAdded
    case elementOfVerdictMapRemoved, markerRemoved

    /// The reason that an operator is told.
    var reason: String {
      switch self {
      case .missing: "no record of what is installed here"
      case .empty, .cutInHeader, .cutInTable, .oneByte: "the state file is damaged"
      case .otherNamespace: "the state file is of another network namespace"
      case .otherVersion: "the state file has format 3"
      case .symbolicLink: "is a symbolic link"
      case .writableByOthers: "is writable by others"
      case .ofAnotherUser: "belongs to user 4321"
      case .tableRemoved: "the installed table is gone"
      case .markerRemoved, .tableMadeAnew: "the table is not the revision on record"
      case .elementAdded, .ruleAdded, .ruleReplaced, .chainAdded, .elementOfVerdictMapRemoved:
        "another program changed the table"
      }
    }
  }

  @Test("whatever does not fit is put right, and told", arguments: Spoiling.allCases)
  func spoilt(_ spoiling: Spoiling) throws {
    try node.apply(Sample.table())
    try spoil(spoiling)
    let report = try node.apply(Sample.table(port: 81, peers: ["10.0.0.7"]))
    #expect(whole(report)?.contains(spoiling.reason) == true, "\(report.change)")
    #expect(report.notes == [])
    #expect(try node.installed() == Sample.table(port: 81, peers: ["10.0.0.7"]).normalized())
    // And from there on differences will do again.
    let next = try node.apply(Sample.table(port: 82))
    #expect(whole(next) == nil)
    #expect(try node.installed() == Sample.table(port: 82).normalized())
  }

  private func spoil(_ spoiling: Spoiling) throws {
    let file = try node.file("state")
    let text = try String(contentsOf: file, encoding: .utf8)
    func write(_ text: some StringProtocol) throws {
      try String(text).write(to: file, atomically: false, encoding: .utf8)
    }
    func nft(_ script: String) throws { try node.client.apply(script + "\n") }
    switch spoiling {
    case .missing: try FileManager.default.removeItem(at: file)
    case .empty: try write("")
    case .cutInHeader: try write(text.prefix(100))
    case .cutInTable: try write(text.dropLast(10))
    case .oneByte: try write(text.replacing("10.0.0.2", with: "10.0.0.3"))
    case .otherNamespace:
      let other = try TrialNode()
      try other.apply(Sample.table())
      try write(try String(contentsOf: other.file("state"), encoding: .utf8))
    case .otherVersion: try write(text.replacing("netpolc-state 2", with: "netpolc-state 3"))
    case .symbolicLink:
      let other = node.directory.appendingPathComponent("elsewhere")
      try FileManager.default.moveItem(at: file, to: other)
      try FileManager.default.createSymbolicLink(at: file, withDestinationURL: other)
    case .writableByOthers:
      try FileManager.default.setAttributes([.posixPermissions: 0o666], ofItemAtPath: file.path)
    case .ofAnotherUser: #expect(chown(file.path, 4321, 0) == 0)
    case .tableRemoved: try nft("delete table inet netpolc")
    case .tableMadeAnew: try node.client.apply(NFTPrinter.replacing(try Sample.table()))
    case .elementAdded: try nft("add element inet netpolc peers { 10.9.9.9 }")
    case .ruleAdded: try nft("add rule inet netpolc web accept")
    case .ruleReplaced: try nft("flush chain inet netpolc web\nadd rule inet netpolc web accept")
    case .chainAdded: try nft("add chain inet netpolc more")
    case .elementOfVerdictMapRemoved: try nft("delete element inet netpolc ingress4 { 10.244.1.5 }")
    case .markerRemoved:
      let listing = try #require(try node.client.list(.netpolc))
      let marker = try #require(try NFTReader.read(listing).tables.first?.marker)
      try nft("delete chain inet netpolc \(marker.chain)")
    }
  }

  @Test("a table that was made again with the same content is the one on record")
  func madeAgain() throws {
    try node.apply(Sample.table())
    try node.client.apply(try node.client.snapshot(.netpolc).restoreScript)
    let report = try node.apply(Sample.table())
    guard case .nothing = report.change else {
      Issue.record("\(report.change)")
      return
    }
    #expect(try node.installed() == Sample.table().normalized())
  }

  @Test("files are for root alone, and a planted link is not written through")
  func files() throws {
    try node.apply(Sample.table())
    let target = node.directory.appendingPathComponent("target")
    try Data("precious".utf8).write(to: target)
    let state = try node.file("state")
    // Where the next record is written before it is renamed.
    let temporary = node.directory.appendingPathComponent(".\(state.lastPathComponent).new")
    try FileManager.default.createSymbolicLink(at: temporary, withDestinationURL: target)
    #expect(whole(try node.apply(Sample.table(port: 81))) == nil)
    #expect(try String(contentsOf: target, encoding: .utf8) == "precious")
    try FileManager.default.removeItem(at: target)
    let names = try FileManager.default.contentsOfDirectory(atPath: node.directory.path)
    #expect(names.contains(state.lastPathComponent) && !names.contains(temporary.lastPathComponent))
    for name in names {
      let attributes = try FileManager.default.attributesOfItem(
        atPath: node.directory.appendingPathComponent(name).path)
      #expect(attributes[.posixPermissions] as? Int == 0o600, "\(name)")
      #expect(attributes[.ownerAccountID] as? Int == 0, "\(name)")
      #expect(attributes[.type] as? FileAttributeType == .typeRegular, "\(name)")
    }
  }

  @Test("another program's transactions do not make a difference a replacement, nor are its tables touched")
  func foreign() throws {
    try node.client.apply(
      "table inet other {\n set s { type ipv4_addr; flags interval; elements = { 10.0.0.0/8 } }\n chain c { }\n}\n"
    )
    let other = try #require(NFTablesTable(family: "inet", name: "other"))
    try node.apply(Sample.table())
    try node.client.apply("add element inet other s { 192.168.0.0/16 }\n")
    let before = try node.client.list(other, options: .handles)
    #expect(whole(try node.apply(Sample.table(port: 81))) == nil)
    #expect(whole(try node.apply(Sample.table(peers: ["10.0.0.2"]))) == nil)
    #expect(try node.client.list(other, options: .handles) == before)
  }

  @Test("a status tells what someone else changed, and what was denied")
  func status() throws {
    func status() throws -> InstalledStatus { try node.namespace.run { try node.enforcer.status() } }
    #expect(try status().drift == .nothingInstalled)
    try node.apply(Sample.table())
    let clean = try status()
    #expect(clean.isAsInstalled)
    #expect(clean.revision == 1)
    #expect(clean.counted.allSatisfy { $0.packets == 0 })
    try node.client.apply("delete element inet netpolc peers { 10.0.0.2 }\n")
    guard case .changed(let delta) = try status().drift else {
      Issue.record("no drift: \(try status().drift)")
      return
    }
    #expect(delta.changedSets.map(\.set.name) == ["peers"])
    try node.client.apply("delete table inet netpolc\n")
    #expect(try status().drift == .tableGone)
  }

  @Test("where nothing can be written, the whole is replaced each time, with a warning")
  func unwritable() throws {
    // A directory of a user that is not root cannot be made unwritable for root, but it can be missing for good.
    let nowhere = Enforcer(
      directory: StateDirectory(path: "/proc/nowhere/netpolc"),
      client: NFTablesClient(executable: BuiltProgram.netpolc))
    for port: UInt16 in [80, 81] {
      let table = try Sample.table(port: port)
      let request = Enforcer.Request(
        table, inputs: .init(policies: "", inventory: ""))
      let report = try node.namespace.run { try nowhere.apply(request) }
      #expect(whole(report) != nil)
      #expect(report.notes.count == 1)
      #expect(report.notes[0].contains("no record could be written"))
      #expect(try node.installed() == table.normalized())
    }
    let failure = #expect(throws: EnforcementFailure.self) {
      let table = try Sample.table(port: 82)
      let request = Enforcer.Request(
        table, inputs: .init(policies: "", inventory: ""),
        confirmWithin: .seconds(5))
      _ = try node.namespace.run { try nowhere.apply(request) }
    }
    guard case .notArmed = failure else {
      Issue.record("armed: \(String(describing: failure))")
      return
    }
    #expect(try node.installed() == Sample.table(port: 81).normalized())
  }

  @Test("what is read back wrong is rolled back")
  func wrong() throws {
    try node.apply(Sample.table())
    for table in [try Sample.table(port: 81), try Sample.table(chain: "other")] {
      let failure = #expect(throws: EnforcementFailure.self) {
        try node.apply(table, readBack: .always, proof: { _ in "it lets everyone in" })
      }
      #expect(failure.map { "\($0)" }?.contains("it lets everyone in; the former ruleset is back") == true)
      #expect(try node.installed() == Sample.table().normalized())
    }
    // The record fits what is back.
    #expect(whole(try node.apply(Sample.table(port: 82))) == nil)
  }
}
