import Addresses
import Enforcement
import Foundation
import KernelReader
import LinuxNet
import NFTables
import PacketLab
import Ruleset
import RulesetText
import TestSupport
import Testing

/// Edits by other programs: each is noticed, and the table is right after the next apply.
@Suite("a foreign edit never stays", .needsRoot, .bounded)
struct DriftTests {
  /// An edit of the sample table as commands of nft; HANDLE stands for the handle of the rule with a word.
  struct Edit: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let script: String
    var handle = ""
  }

  static let edits: [Edit] = [
    Edit(testDescription: "a rule added", script: "add rule inet netpolc web accept"),
    Edit(testDescription: "a rule inserted", script: "insert rule inet netpolc forward accept"),
    Edit(
      testDescription: "a rule in the place of another, which keeps its handle",
      script: "replace rule inet netpolc web handle HANDLE accept", handle: "counter"),
    Edit(
      testDescription: "a rule deleted", script: "delete rule inet netpolc web handle HANDLE",
      handle: "counter"),
    Edit(testDescription: "a chain flushed", script: "flush chain inet netpolc web"),
    Edit(testDescription: "every policy switched off", script: "add table inet netpolc { flags dormant; }"),
    Edit(
      testDescription: "the policy of the hook", script: "add chain inet netpolc forward { policy drop; }"),
    Edit(testDescription: "an element added", script: "add element inet netpolc peers { 10.9.9.9 }"),
    Edit(
      testDescription: "an element exchanged for another",
      script: "delete element inet netpolc peers { 10.0.0.1 }\nadd element inet netpolc peers { 10.0.0.9 }"),
    Edit(
      testDescription: "a key of a verdict map exchanged for another",
      script:
        "delete element inet netpolc ingress4 { 10.244.1.5 }\nadd element inet netpolc ingress4 { 10.244.1.6 : jump web }"
    ),
    Edit(
      testDescription: "the verdict of an element",
      script:
        "delete element inet netpolc ingress4 { 10.244.1.5 }\nadd element inet netpolc ingress4 { 10.244.1.5 : accept }"
    ),
    Edit(
      testDescription: "an element for all other keys",
      script: "add element inet netpolc ingress4 { * : drop }"),
    Edit(testDescription: "a set flushed", script: "flush set inet netpolc peers"),
    Edit(
      testDescription: "a chain of its own before the others",
      script: "add chain inet netpolc mine { type filter hook forward priority -300; policy drop; }"),
    Edit(testDescription: "another set", script: "add set inet netpolc mine { type ipv4_addr; }"),
    Edit(testDescription: "an object with a name", script: "add counter inet netpolc mine"),
    Edit(testDescription: "the table deleted", script: "delete table inet netpolc"),
    Edit(
      testDescription: "the table made again, open",
      script:
        "delete table inet netpolc\nadd table inet netpolc\nadd chain inet netpolc forward { type filter hook forward priority 0; }"
    ),
  ]

  private func script(_ edit: Edit, _ client: NFTablesClient) throws -> String {
    if edit.handle.isEmpty { return edit.script + "\n" }
    let listing = try #require(try client.list(.netpolc, options: .handles))
    let line = try #require(listing.split(separator: "\n").first { $0.contains(edit.handle) })
    let handle = try #require(line.split(separator: " ").last)
    return edit.script.replacing("HANDLE", with: handle) + "\n"
  }

  @Test("between two applies of the same table", .long, arguments: edits, [false, true])
  func between(edit: Edit, isChanged: Bool) throws {
    let node = try TrialNode()
    try node.apply(Sample.table())
    let clean = try node.program()
    try node.client.apply(try script(edit, node.client))
    #expect(try node.program() != clean, "the edit changes nothing")
    // The status, a dry run and the apply say the same.
    let status = try node.namespace.run { try node.enforcer.status() }
    #expect(!status.isAsInstalled, "\(status.drift)")
    let wanted = try Sample.table(port: isChanged ? 81 : 80)
    let request = Enforcer.Request(
      wanted, inputs: .init(policies: "1", inventory: "2"))
    let preview = try node.namespace.run { try node.enforcer.preview(request) }
    #expect(preview.change.doubt != nil, "\(preview.change)")
    let report = try node.apply(wanted)
    #expect(report.change.doubt == preview.change.doubt, "\(report.change)")
    #expect(report.notes == [], "\(report.notes)")
    let fresh = try TrialNode()
    try fresh.client.apply(NFTPrinter.replacing(wanted))
    #expect(try node.programWithoutMarker() == fresh.program(), "\(report.change)")
    #expect(try node.namespace.run { try node.enforcer.status() }.isAsInstalled)
    guard case .nothing = try node.apply(wanted).change else {
      Issue.record("not the same again")
      return
    }
  }

  /// 50 edits; `NETPOLC_FULL` asks for 500.
  private static let rounds = ProcessInfo.processInfo.environment["NETPOLC_FULL"] == nil ? 50 : 500

  @Test("at random moments of an apply, packets checked", .long)
  func during() throws {
    let seed = UInt64(1)
    var random = SeededGenerator(seed: seed)
    func address(_ text: String) throws -> IPAddress { try #require(IPAddress(text)) }
    let (web, peer, stranger) = (try address("10.244.1.5"), try address("10.0.0.1"), try address("10.0.0.3"))
    let lab = try PacketLab(
      pods: [.init("web", [web]), .init("peer", [peer]), .init("stranger", [stranger])],
      executable: BuiltProgram.netpolc)
    let node = try TrialNode(in: lab.node)
    var told = 0
    // An edit comes within the time that the apply before took, on a fast machine and on a slow one.
    var longest: UInt32 = 30_000
    // The number that an apply meets is up to the machine's load: it goes on until there were enough.
    let enough = Self.rounds / 10
    var round = -1
    while round < Self.rounds - 1 || told <= enough && round < 20 * Self.rounds {
      round += 1
      let port: UInt16 = round.isMultiple(of: 2) ? 80 : 81
      let wanted = try Sample.table(port: port)
      let edit = Self.edits[round % Self.edits.count]
      let wait = UInt32.random(in: 0..<longest, using: &random)
      let text = (try? script(edit, node.client)) ?? "add rule inet netpolc forward accept\n"
      let editor = Thread {
        usleep(wait)
        _ = try? node.client.apply(text)
      }
      editor.start()
      let start = ContinuousClock.now
      let report = try node.apply(wanted)
      longest = UInt32(max(1_000, (ContinuousClock.now - start) / .microseconds(1)))
      while !editor.isFinished { usleep(500) }
      if !report.notes.isEmpty || report.change.doubt != nil { told += 1 }
      // The edit came before, during or after: the next apply leaves the table as it should be.
      try node.apply(wanted)
      #expect(try node.isProgram(of: wanted), "seed \(seed), round \(round): \(edit.testDescription)")
      #expect(try node.namespace.run { try node.enforcer.status() }.isAsInstalled, "round \(round)")
      try lab.forgetConnections()
      let probes = [
        Probe(from: peer, to: web, .tcp(port: port)), Probe(from: stranger, to: web, .tcp(port: port)),
        Probe(from: peer, to: web, .tcp(port: 82)), Probe(from: web, to: peer, .tcp(port: port)),
      ]
      #expect(try lab.probe(probes) == [true, false, false, true], "seed \(seed), round \(round)")
    }
    #expect(told > enough, "\(told) of \(round + 1) edits met the apply or came before it")
  }
}
