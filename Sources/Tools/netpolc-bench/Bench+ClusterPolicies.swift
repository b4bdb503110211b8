import ArgumentParser
import ClusterGenerator
import Lowering
import PolicyModel
import Reachability
import Verification

extension Bench {
  /// One node of the cluster with a hundred ClusterNetworkPolicies, against the same without them.
  func tiers() throws -> [Figure] {
    let plain = cluster
    var shape = shape
    shape.clusterPolicies = 100
    let tiered = Cluster.resolve(GeneratedCluster(shape).contents).cluster
    var (lowered, shared, classes) = (LoweredRuleset?.none, 0, 0)
    func compile(_ cluster: Cluster) -> LoweredRuleset {
      var lowerer = Lowerer(cluster)
      return lowerer.lower(LoweringOptions(node: node))
    }
    let compiling = Gauge.inTurns(runs, { compile(plain) }, { lowered = compile(tiered) })
    let meaning = Gauge.inTurns(
      runs, { Specification(plain, node: node) },
      {
        let specification = Specification(tiered, node: node)
        classes = specification.clusterTiers?.classes.count ?? 0
        return classes
      })
    guard let lowered else { throw ValidationError("no run") }
    let before = compile(plain)
    var isProven = true
    func prove(_ cluster: Cluster, _ lowered: LoweredRuleset) {
      if !Verifier(Specification(cluster, node: node)).verify(lowered.table).isProven { isProven = false }
    }
    let proof = Gauge.inTurns(runs, { prove(plain, before) }, { prove(tiered, lowered) })
    let whole = Gauge.inTurns(
      runs, { prove(plain, compile(plain)) }, { prove(tiered, compile(tiered)) })
    guard isProven else { throw ValidationError("a node is not proved") }
    shared = lowered.counts.orderedPeers
    let (elements, walked) = (lowered.counts.elements - before.counts.elements, lowered.counts.walkedTiers)
    let without = "without these policies"
    return [
      Figure(
        name: "compile and prove a node, 100 ClusterNetworkPolicies", cost: whole.second, against: without,
        limit: whole.first, target: 1.5,
        note:
          "\(classes) classes, \(walked) walked; \(elements) elements more, \(shared) in shared peer sets"),
      Figure(name: ". lower", cost: compiling.second, against: without, limit: compiling.first),
      Figure(name: ". meaning", cost: meaning.second, against: without, limit: meaning.first),
      Figure(name: ". meaning and proof", cost: proof.second, against: without, limit: proof.first),
    ]
  }
}
