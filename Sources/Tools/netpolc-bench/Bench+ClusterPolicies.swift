import ArgumentParser
import ClusterGenerator
import Lowering
import PolicyModel
import Ruleset
import Verification

extension Bench {
  /// One node of the cluster with a hundred ClusterNetworkPolicies, against the same without them: as the command does it, which
  /// puts the cluster together from what was read, and without that. In processor time: each step has one thread.
  func tiers() throws -> [Figure] {
    let (plainContents, tieredContents) = (contents, tieredContents)
    let (plain, tiered) = (cluster, tiered)
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
    func whole(_ contents: ManifestContents) {
      let cluster = Cluster.resolve(contents).cluster
      prove(cluster, compile(cluster).table)
    }
    let command = Gauge.inTurns(runs, by: .processor, { whole(plainContents) }, { whole(tieredContents) })
    let resolved = Gauge.inTurns(
      runs, by: .processor, { prove(plain, compile(plain).table) }, { prove(tiered, compile(tiered).table) })
    let compiling = Gauge.inTurns(runs, by: .processor, { compile(plain) }, { compile(tiered) })
    let (before, lowered) = (compile(plain), compile(tiered))
    let proof = Gauge.inTurns(
      runs, by: .processor, { prove(plain, before.table) }, { prove(tiered, lowered.table) })
    guard isProven else { throw ValidationError("a node is not proved") }
    let without = "without these policies"
    let lists = clusterPolicyLists(tiered)
    let walks = lowered.table.chains.map(\.rules.count).max() ?? 0
    return [
      Figure(
        name: "resolve, compile and prove a node, 100 ClusterNetworkPolicies", cost: command.second,
        against: without, limit: command.first, target: 1.5,
        note:
          "\(lists.count) subject classes on the node, each under at most \(lists.map(\.count).max() ?? 0); \(classes) classes with NetworkPolicies"
      ),
      Figure(
        name: "compile and prove a node of a resolved cluster", cost: resolved.second, against: without,
        limit: resolved.first, target: 1.5,
        note: "\(lowered.counts.walkedTiers) lists walked in order, at most \(walks) rules each"),
      Figure(name: ". lower", cost: compiling.second, against: without, limit: compiling.first),
      Figure(name: ". meaning and proof", cost: proof.second, against: without, limit: proof.first),
      Figure(
        name: "elements of these policies", size: lowered.counts.elements - before.counts.elements,
        against: "the rules' peers, each set once", limit: lowered.counts.orderedPeers, target: 2),
    ]
  }

  /// The objects of the same cluster with a hundred ClusterNetworkPolicies.
  private var tieredContents: ManifestContents {
    var shape = shape
    shape.clusterPolicies = 100
    return GeneratedCluster(shape).contents
  }

  /// The same cluster with a hundred ClusterNetworkPolicies.
  var tiered: Cluster { Cluster.resolve(tieredContents).cluster }

  /// The subject classes of the node: the different lists of ClusterNetworkPolicies that its pods are under.
  private func clusterPolicyLists(_ cluster: Cluster) -> Set<[PolicyID]> {
    let policies = cluster.policies.filter(\.tier.isOfCluster)
    let lists = cluster.pods.filter { $0.isOn(node) && !$0.addresses.isEmpty }.map { pod in
      policies.filter { policy in
        guard case .matching(let selector) = policy.subjects.namespaces else { return false }
        return selector.matches(cluster.labels(ofNamespace: pod.namespace))
          && policy.subjects.pods.matches(pod.labels)
      }.map(\.id)
    }
    return Set(lists).subtracting([[]])
  }
}
