import Addresses
import KernelReader
import LinuxNet
import Lowering
import NFTables
import PacketLab
import PolicyModel
import Ruleset
import TableLayout
import TestSupport
import Testing
import Verification

/// Counters of ClusterNetworkPolicy's rules in the kernel, by real packets.
@Suite("counters of ClusterNetworkPolicy's rules count what these decide about", .needsRoot, .bounded)
struct RuleCounterTests {
  /// The ways in which the same lists are laid out.
  private static let layouts = [
    LoweringOptions(modes: EnforcementModes(counts: .rules)),
    // Lookups, however few the rules are.
    LoweringOptions(denseFrom: 1, modes: EnforcementModes(counts: .rules)),
    // Walks; those of ingress are shared by classes.
    LoweringOptions(denseFrom: 1, orderedCopies: 0, modes: EnforcementModes(counts: .rules)),
  ]

  /// The counts of rules, and of other chains that deny, by the name of the chain.
  private func counts(_ run: PacketRun) throws -> [String: UInt64] {
    let counts = try run.lab.node.run { try KernelReader.counters(of: .netpolc) }
    return try #require(counts).mapValues(\.packets).filter { $0.value > 0 }
  }

  @Test(
    "tables of traffic are counted as the fixture says, in lists, lookups and walks",
    arguments: ["administrators-and-tenants", "ten-ordered-rules"])
  func tables(name: String) throws {
    let scenario = Scenario("scenarios/\(name)")
    let table = try TrafficTable(Fixtures.text("scenarios/\(name)/traffic.txt"), scenario.contents)
    var texts: [String] = []
    for options in Self.layouts {
      let run = try PacketRun(scenario.cluster, options)
      for row in table.rows {
        let probes = row.probes.filter(run.canSend)
        for (probe, arrived) in zip(probes, try run.send(probes)) {
          #expect(arrived == row.isAllowed, "\(row.text)\n  \(probe)")
        }
      }
      // What a class denies for NetworkPolicy has other chains in another layout.
      let rules = try counts(run).filter { chain, _ in
        RuleAction.allCases.contains { chain.hasPrefix(ChainName.rulePrefix($0)) }
      }
      texts.append(rules.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)\n" }.joined())
    }
    #expect(Set(texts).count == 1)
    if let difference = Golden("scenarios/\(name)/counts.txt").difference(from: texts[0]) {
      Issue.record("\(difference)")
    }
  }

  @Test("the kernel counts as the interpreted table does, 24 random clusters")
  func random() throws {
    for seed in UInt64(300)..<324 {
      let random = RandomClusterPolicies(seed: seed)
      var options = Self.layouts[Int(seed % 3)]
      options.node = seed.isMultiple(of: 5) ? RandomCluster.node : nil
      options.copyAtMost = Int(seed % 4)
      let run = try PacketRun(random.cluster, options)
      var lowerer = Lowerer(random.cluster)
      let lowered = lowerer.lower(options)
      let chains = Set(lowered.provenance.ruleChains.map(\.chain))
      let evaluator = RulesetEvaluator(lowered.table)
      let oracle = ClusterPolicyOracle(random, node: options.node)
      var generator = SeededGenerator(seed: seed)
      var wanted: [String: UInt64] = [:]
      let probes = oracle.randomProbes(120, &generator).filter(run.canSend)
      for (probe, arrived) in zip(probes, try run.send(probes)) {
        #expect(arrived == oracle.allows(probe), "seed \(seed): \(probe)")
        let packet = Packet(
          probe.source, probe.destination, transport: probe.transport, destinationPort: probe.port)
        for step in evaluator.evaluate(packet).trace {
          if let chain = step.verdict.target, chains.contains(chain) { wanted[chain, default: 0] += 1 }
        }
      }
      let found = try counts(run).filter { chains.contains($0.key) }
      #expect(found == wanted, "seed \(seed)")
    }
  }
}
