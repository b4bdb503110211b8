import Addresses
import Lowering
import PolicyModel
import Reachability
import Ruleset
import TestSupport
import Testing
import Verification

/// Clusters with the Admin and the Baseline tier of ClusterNetworkPolicy around NetworkPolicy: the interpreted ruleset, the
/// specification and the proof against the reference semantics of the checklist.
@Suite("random ClusterNetworkPolicies by the reference semantics", .bounded)
struct RandomClusterPolicyTests {
  @Test("300 clusters: the front end reads every policy, table, meaning and proof agree", arguments: 0..<6)
  func few(slice: Int) { check(UInt64(slice * 50)..<UInt64((slice + 1) * 50), proofs: 5) }

  @Test("10,000 clusters", .long, arguments: 0..<20)
  func many(slice: Int) { check(UInt64(1_000 + slice * 500)..<UInt64(1_500 + slice * 500), proofs: 25) }

  private func check(_ seeds: Range<UInt64>, proofs: UInt64) {
    for seed in seeds {
      let random = RandomClusterPolicies(seed: seed)
      let named = random.contents.policies.filter { $0.id.kind == .clusterNetworkPolicy }.map(\.id.name)
      #expect(named.sorted() == random.written.map(\.name).sorted(), "seed \(seed)")
      let cluster = random.cluster
      let node = seed.isMultiple(of: 3) ? nil : RandomCluster.node
      var lowerer = Lowerer(cluster)
      let lowered = lowerer.lower(
        LoweringOptions(
          node: node, denseFrom: [9, 1, 4][Int(seed % 3)], copyAtMost: Int(seed % 5),
          // One in seven walks its lists whatever their lengths, one in seven some of them.
          orderedCopies: seed % 7 == 0 ? 0 : seed % 7 == 1 ? 12 : 1 << 16,
          // Of every ten, five count each rule.
          modes: EnforcementModes(counts: seed % 10 < 5 ? .rules : .denied)))
      let table = RulesetEvaluator(lowered.table)
      let oracle = ClusterPolicyOracle(random, node: node)
      let specification = Specification(cluster, node: node)
      var generator = SeededGenerator(seed: seed)
      for attempt in oracle.randomProbes(40, &generator) {
        for isTranslated in [true, false] {
          let packet = Packet(
            attempt.source, attempt.destination, transport: attempt.transport, destinationPort: attempt.port,
            isTranslated: isTranslated)
          let allowed = oracle.allows(attempt, isTranslated: isTranslated)
          #expect(
            table.evaluate(packet).decision == (allowed ? .accept : .drop), "table, seed \(seed): \(packet)")
        }
        let toNode = Packet(
          attempt.source, attempt.destination, transport: attempt.transport, destinationPort: attempt.port,
          path: .toNode)
        #expect(
          table.evaluate(toNode).decision == (oracle.allowsToNode(attempt) ? .accept : .drop),
          "to the node, seed \(seed): \(attempt)")
        let allowed = oracle.allows(attempt)
        let traffic = specification.store.traffic(
          specification.allowed(from: attempt.source, to: attempt.destination))
        #expect(
          traffic.contains(attempt.transport, attempt.port) == allowed, "meaning, seed \(seed): \(attempt)")
      }
      if seed.isMultiple(of: proofs) {
        let result = Verifier(specification).verify(lowered.table)
        #expect(result.isProven, "seed \(seed): \(result)")
      }
    }
  }
}
