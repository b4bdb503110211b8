public import PolicyModel

/// The policies of a cluster by the namespaces of their subjects, in the order in which they are asked.
public struct PoliciesByNamespace: Sendable {
  private let ordered: [Policy]
  private let own: [String: [Int]]
  /// The selectors of pods of each namespace's policies, in the order of `own`.
  private let selectors: [String: SelectorIndex]
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
    selectors = self.own.mapValues { places in SelectorIndex(places.map { ordered[$0].subjects.pods }) }
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

  /// The policies that select a pod, in the order in which they are asked. O(policies that ask for one of its labels).
  ///
  /// - Parameters:
  ///   - namespace: the pod's namespace.
  ///   - namespaceLabels: the labels of that.
  ///   - labels: the pod's labels.
  ///   - direction: the direction of traffic, seen from the pod.
  /// - Returns: the policies that select the pod, in the order in which they are asked.
  public func selecting(
    _ namespace: String, _ namespaceLabels: Labels, _ labels: Labels, _ direction: Direction
  ) -> [Policy] {
    let wide = clusterWide.filter { place in
      guard case .matching(let selector) = ordered[place].subjects.namespaces else { return false }
      return ordered[place].subjects.pods.matches(labels) && selector.matches(namespaceLabels)
    }
    let places = own[namespace] ?? []
    let local = selectors[namespace]?.matching(labels).map { places[$0] } ?? []
    return (wide.isEmpty ? local : (local + wide).sorted()).filter { ordered[$0].rules(direction) != nil }
      .map { ordered[$0] }
  }
}
