public import PolicyModel

/// The groups of a cluster's pods and the terms of its rules, worked out once for several questions about the policies.
public final class GroupedPolicies {
  /// The cluster, of which every pod is a subject.
  public let cluster: Cluster
  /// Where the diagrams live.
  public let store = DiagramStore()
  /// True where rules are asked in an order: where there are other tiers than that of NetworkPolicy.
  let hasOrder: Bool
  var selected: SelectedGroups

  /// Groups the pods of a cluster.
  public init(_ cluster: Cluster) {
    self.cluster = cluster
    hasOrder = cluster.policies.contains { $0.tier != .networkPolicy }
    selected = SelectedGroups(cluster, Array(repeating: true, count: cluster.pods.count), store)
  }
}
