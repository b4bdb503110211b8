import Addresses
import Lowering
import PolicyModel
import Reachability
import Ruleset
import TestSupport
import Testing
import Verification

/// Addresses that several pods have an equal claim to: what the compiler makes of them against the specification and
/// against the evaluator that asks every policy in turn.
@Suite("one address, several pods", .bounded)
struct SharedAddressTests {
  /// Clusters in which events gave addresses to more than one pod.
  private static func contents(seed: UInt64, withTiers: Bool = false) -> ManifestContents {
    var random = RandomEvents(seed: seed, withTiers: withTiers)
    for _ in 0..<40 { random.take(random.next()) }
    return random.contents
  }

  @Test(
    "random clusters, whole or one node's, chains and dense lookups, are proved and do what both pods may",
    .long,
    arguments: 0..<50, [false, true])
  func agreement(seed: UInt64, withTiers: Bool) {
    let contents = Self.contents(seed: seed, withTiers: withTiers)
    let (cluster, _) = Cluster.resolve(contents)
    for node in [nil, RandomCluster.node] {
      let specification = Specification(cluster, node: node)
      let evaluator = PlainEvaluator(contents, node: node)
      var generator = SeededGenerator(seed: seed)
      let probes = evaluator.randomProbes(150, &generator)
      for dense in [1, 9] {
        var lowerer = Lowerer(cluster)
        let table = lowerer.lower(LoweringOptions(node: node, denseFrom: dense, copyAtMost: Int(seed % 4)))
          .table
        let result = Verifier(specification).verify(table)
        #expect(result.isProven, "seed \(seed), node \(node ?? "all"), dense from \(dense): \(result)")
        let executed = RulesetEvaluator(table)
        for probe in probes {
          let isTranslated = probe.port.isMultiple(of: 2)
          let packet = Packet(
            probe.source, probe.destination, transport: probe.transport, destinationPort: probe.port,
            isTranslated: isTranslated)
          let expected: Decision = evaluator.allows(probe, isTranslated: isTranslated) ? .accept : .drop
          #expect(executed.evaluate(packet).decision == expected, "seed \(seed): \(probe)")
        }
      }
    }
  }

  @Test("a table that asks one of the pods only is refuted")
  func refuted() throws {
    var refuted = 0
    for seed in UInt64(0)..<120 {
      let (cluster, _) = Cluster.resolve(Self.contents(seed: seed))
      var lowerer = Lowerer(cluster)
      var table = lowerer.lower().table
      let verifier = Verifier(Specification(cluster))
      for place in table.chains.indices where table.chains[place].name.contains("-all-of-") {
        let whole = table.chains[place]
        table.chains[place].rules.removeLast()
        // Where one pod allows no more than the other, either question is enough.
        if !verifier.verify(table).isProven { refuted += 1 }
        table.chains[place] = whole
      }
    }
    #expect(refuted > 10)
  }

  @Test("the better claim has the address: not being deleted, then running, then ready; equals share it")
  func precedence() {
    func pod(
      _ name: String, _ phase: Pod.Phase = .running, deleting: Bool = false, ready: Bool = false
    ) -> Pod {
      Pod(
        namespace: "ns", name: name, addresses: [IPAddress(.ipv4, bits: 0x0a00_0001)], phase: phase,
        deleting: deleting, ready: ready, origin: .nowhere)
    }
    func owner(_ pods: Pod...) -> String {
      var contents = ManifestContents()
      contents.pods = pods
      return Cluster.resolve(contents).cluster.pods.map(\.name).joined(separator: " + ")
    }
    #expect(owner(pod("a", deleting: true, ready: true), pod("b", .pending)) == "b")
    #expect(owner(pod("a", .pending, ready: true), pod("b")) == "b")
    #expect(owner(pod("a"), pod("b", ready: true)) == "b")
    #expect(owner(pod("a", .unknown), pod("b", .pending)) == "a or ns/b")
    #expect(owner(pod("a"), pod("b"), pod("c"), pod("d", .pending)) == "a or ns/b or ns/c")
    #expect(owner(pod("a", .succeeded), pod("b", .pending)) == "b")
  }
}
