import Lowering
import PolicyModel
import Reachability
import Ruleset
import TestSupport
import Testing
import Verification

@Suite("what the compiler emits is proved", .bounded)
struct LoweredTests {
  @Test("random clusters, whole or one node's, chains and dense lookups", arguments: 0..<80)
  func proven(seed: UInt64) {
    let cluster = RandomCluster(seed: seed).cluster
    for node in [nil, RandomCluster.node] {
      for dense in [1, 9] {
        var lowerer = Lowerer(cluster)
        let lowered = lowerer.lower(LoweringOptions(node: node, denseFrom: dense))
        let result = Verifier(Specification(cluster, node: node)).verify(lowered.table)
        #expect(result.isProven, "seed \(seed), node \(node ?? "all"), dense from \(dense): \(result)")
      }
    }
  }

  @Test(
    "random clusters of several tiers, whole or one node's, chains and dense lookups", .long,
    arguments: 0..<80)
  func tiersProven(seed: UInt64) {
    let cluster = RandomTiers(seed: seed).cluster
    for node in [nil, RandomCluster.node] {
      for dense in [1, 9] {
        var lowerer = Lowerer(cluster)
        let lowered = lowerer.lower(LoweringOptions(node: node, denseFrom: dense, copyAtMost: Int(seed % 4)))
        let result = Verifier(Specification(cluster, node: node)).verify(lowered.table)
        #expect(result.isProven, "seed \(seed), node \(node ?? "all"), dense from \(dense): \(result)")
      }
    }
  }
}
