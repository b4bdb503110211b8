public import PolicyModel

/// The policies of a cluster by the namespaces of their subjects, in the order in which they are asked.
public struct PoliciesByNamespace: Sendable {
  private let ordered: [Policy]
  private let own: [String: [Int]]
  private let clusterWide: [Int]

  /// The policies of a cluster, sorted. O(n log n) in their number.
  public init(_ cluster: Cluster) {
    let ordered = cluster.policies.sorted {
      if $0.tier != $1.tier { return $0.tier < $1.tier }
      return $0.priority == $1.priority ? $0.id < $1.id : $0.priority < $1.priority
    }
    self.ordered = ordered
    let (own, wide) = (
      ordered.indices.filter { ordered[$0].subjects.namespaces == .own },
      ordered.indices.filter { ordered[$0].subjects.namespaces != .own }
    )
    self.own = Dictionary(grouping: own) { ordered[$0].id.namespace ?? "" }
    clusterWide = wide
  }

  /// The policies that select namespaces by their labels, for a direction.
  public func clusterWide(_ direction: Direction) -> [Policy] {
    clusterWide.map { ordered[$0] }.filter { $0.rules(direction) != nil }
  }

  /// The policies that may select pods of a namespace with these labels, for a direction.
  public func of(_ namespace: String, _ labels: Labels, _ direction: Direction) -> [Policy] {
    let wide = clusterWide.filter { place in
      guard case .matching(let selector) = ordered[place].subjects.namespaces else { return false }
      return selector.matches(labels)
    }
    let own = own[namespace] ?? []
    return (wide.isEmpty ? own : (own + wide).sorted()).lazy.map { ordered[$0] }
      .filter { $0.rules(direction) != nil }
  }
}
