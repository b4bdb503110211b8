import Addresses
import Enforcement
import Foundation
import Lowering
import PacketLab
import PolicyModel
import Ruleset
import RulesetText
import Synchronization
import TestSupport
import Testing

/// Packets that never stop, while the table under them changes again and again.
@Suite("packets flow without a gap and without a leak while rules change", .needsRoot, .long, .bounded)
struct FloodTests {
  private static let node = "node-a"

  /// What comes and goes: other peers, other ports, another class for the web pod, many rules, another pod isolated.
  private static let changes = [
    "",
    policy("more", "web", "- from: [{ipBlock: {cidr: 198.51.100.0/24}}]\n    ports: [{port: 443}]"),
    policy("metrics", "web", "- ports: [{port: 9100, endPort: 9110}]"),
    policy("strangers", "stranger", "- from: [{podSelector: {matchLabels: {app: web}}}]"),
    policy(
      "many", "web",
      (1...12).map { "- from: [{ipBlock: {cidr: 198.51.\($0).0/24}}]\n    ports: [{port: \(7000 + $0)}]" }
        .joined(separator: "\n  ")),
  ]

  private static func policy(_ name: String, _ app: String, _ rules: String) -> String {
    """
    ---
    apiVersion: networking.k8s.io/v1
    kind: NetworkPolicy
    metadata: {name: \(name)}
    spec:
      podSelector: {matchLabels: {app: \(app)}}
      policyTypes: [Ingress]
      ingress:
      \(rules)

    """
  }

  private static func table(_ change: Int) -> Table {
    let scenario = Scenario(yaml: Scenario.webPod + changes[change])
    #expect(scenario.errors.isEmpty, "\(scenario.errors)")
    var lowerer = Lowerer(scenario.cluster)
    return lowerer.lower(LoweringOptions(node: node)).table
  }

  /// New connections, and whether every revision lets them in.
  private static let verdicts: [(probe: Probe, isAllowed: Bool)] = {
    func address(_ text: String) -> IPAddress { IPAddress(text) ?? IPAddress(.ipv4, bits: 0) }
    return [("10.244.1.", "203.0.113.9"), ("fd00:10:244:1::", "2001:db8::9")].flatMap { prefix, world in
      let (web, client) = (address(prefix + "1"), address(prefix + "2"))
      let stranger = address(prefix + "3")
      return [
        (Probe(from: client, to: web, .tcp(port: 8080)), true),
        (Probe(from: client, to: web, .udp(port: 5353)), true),
        (Probe(from: client, to: web, .tcp(port: 5353)), false),
        (Probe(from: client, to: web, .tcp(port: 9090)), false),
        (Probe(from: stranger, to: web, .tcp(port: 8080)), false),
        (Probe(from: stranger, to: web, .udp(port: 5353)), false),
        (Probe(from: address(world), to: web, .tcp(port: 8080)), false),
        (Probe(from: web, to: client, .tcp(port: 8080)), false),
        (Probe(from: web, to: address(world), .udp(port: 53)), false),
        (Probe(from: stranger, to: client, .tcp(port: 8080)), true),
      ]
    }
  }()

  /// Sends until it is told to stop, on a thread of its own.
  private final class Flood: Sendable {
    struct Tally {
      var rounds = 0
      var wrong: [String] = []
      var failure: String?
      var isStopped = false
      var isDone = false
    }
    let tally = Mutex(Tally())

    init(_ lab: PacketLab) {
      let probes = FloodTests.verdicts.map(\.probe)
      Thread.detachNewThread { [self] in
        while !tally.withLock(\.isStopped) {
          do {
            let arrived = try lab.probe(probes)
            tally.withLock { tally in
              tally.rounds += 1
              for (index, verdict) in FloodTests.verdicts.enumerated()
              where arrived[index] != verdict.isAllowed {
                tally.wrong.append(
                  "\(verdict.probe.description) \(verdict.isAllowed ? "is lost" : "arrives")")
              }
            }
          } catch {
            tally.withLock { $0.failure = "\(error)" }
            break
          }
        }
        tally.withLock { $0.isDone = true }
      }
    }

    func end() -> Tally {
      tally.withLock { $0.isStopped = true }
      while !tally.withLock(\.isDone) { usleep(1_000) }
      return tally.withLock { $0 }
    }

    /// Waits until so many more rounds began and ended.
    func awaitRounds(_ number: Int) {
      let target = tally.withLock(\.rounds) + number
      while tally.withLock({ $0.rounds < target && !$0.isDone }) { usleep(200) }
    }
  }

  private static func lab() throws -> PacketLab {
    try PacketLab(
      pods: Scenario(yaml: Scenario.webPod).cluster.pods.map { PacketLab.Pod($0.displayName, $0.addresses) },
      executable: BuiltProgram.netpolc)
  }

  @Test("two hundred applies, differences and whole tables alike")
  func applies() throws {
    let lab = try Self.lab()
    let trial = try TrialNode(in: lab.node)
    let tables = Self.changes.indices.map(Self.table)
    try trial.apply(tables[0])
    let flood = Flood(lab)
    var generator = SeededGenerator(seed: 11)
    var current = 0
    var kinds = (differences: 0, wholes: 0)
    for step in 0..<repetitions("NETPOLC_TEST_FLOOD", 200) {
      let next = (current + Int.random(in: 1..<tables.count, using: &generator)) % tables.count
      // Without a record the table is replaced as a whole.
      if step % 3 == 0 { try FileManager.default.removeItem(at: trial.file("state")) }
      switch try trial.apply(tables[next], readBack: .never).change {
      case .difference: kinds.differences += 1
      case .whole, .repair: kinds.wholes += 1
      case .nothing: Issue.record("step \(step) changes nothing")
      }
      current = next
      // Some of the changes come so fast that a round of packets meets several of them.
      if step % 4 == 0 { flood.awaitRounds(1) }
    }
    flood.awaitRounds(1)
    let tally = flood.end()
    #expect(tally.failure == nil)
    #expect(tally.wrong.isEmpty)
    #expect(kinds.differences >= 50 && kinds.wholes >= 67, "\(kinds)")
    #expect(tally.rounds >= 50, "too few packets to tell: \(tally.rounds) rounds")
    #expect(try trial.installed() == tables[current].normalized())
  }

  @Test("the flood notices a table that is taken away before the next one comes")
  func notices() throws {
    let lab = try Self.lab()
    let whole = NFTPrinter.replacing(Self.table(0))
    try lab.load(whole)
    let flood = Flood(lab)
    flood.awaitRounds(3)
    for _ in 0..<50 where flood.tally.withLock({ $0.wrong.isEmpty }) {
      try lab.load("delete table inet netpolc\n")
      flood.awaitRounds(1)
      try lab.load(whole)
    }
    let tally = flood.end()
    #expect(tally.failure == nil)
    #expect(tally.wrong.contains { $0.hasSuffix("arrives") })
    #expect(!tally.wrong.contains { $0.hasSuffix("is lost") })
  }
}
