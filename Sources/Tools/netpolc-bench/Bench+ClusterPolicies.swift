import ArgumentParser
import ClusterGenerator
import Lowering
import PolicyModel
import Ruleset
import Verification

extension Bench {
  /// One node of the cluster with a hundred ClusterNetworkPolicies, against the same without them.
  func tiers() throws -> [Figure] {
    let plain = cluster
    let tiered = tiered
    func compile(_ cluster: Cluster) -> LoweredRuleset {
      var lowerer = Lowerer(cluster)
      return lowerer.lower(LoweringOptions(node: node))
    }
    var isProven = true
    var classes = 0
    func prove(_ cluster: Cluster, _ table: Table) {
      guard case .proven(let statistics) = Verifier.verify(table, for: cluster, node: node) else {
        isProven = false
        return
      }
      classes = statistics.classes
    }
    let whole = Gauge.inTurns(
      runs, { prove(plain, compile(plain).table) }, { prove(tiered, compile(tiered).table) })
    let compiling = Gauge.inTurns(runs, { compile(plain) }, { compile(tiered) })
    let (before, lowered) = (compile(plain), compile(tiered))
    let proof = Gauge.inTurns(runs, { prove(plain, before.table) }, { prove(tiered, lowered.table) })
    guard isProven else { throw ValidationError("a node is not proved") }
    let without = "without these policies"
    let ordered = lowered.counts.walkedTiers
    return [
      Figure(
        name: "compile and prove a node, 100 ClusterNetworkPolicies", cost: whole.second, against: without,
        limit: whole.first, target: 1.5, note: "\(classes) classes, \(ordered) lists walked in order"),
      Figure(name: ". lower", cost: compiling.second, against: without, limit: compiling.first),
      Figure(name: ". meaning and proof", cost: proof.second, against: without, limit: proof.first),
      Figure(
        name: "elements of these policies", size: lowered.counts.elements - before.counts.elements,
        against: "the rules' peers, each set once", limit: lowered.counts.orderedPeers, target: 2),
    ]
  }

  /// The same cluster with a hundred ClusterNetworkPolicies.
  var tiered: Cluster {
    var shape = shape
    shape.clusterPolicies = 100
    return Cluster.resolve(GeneratedCluster(shape).contents).cluster
  }
}
