/// The namespaces of a set of pods.
public enum NamespaceScope: Sendable, Hashable {
  /// The policy's own namespace, as where `namespaceSelector` is absent in a NetworkPolicy.
  case own
  /// The namespaces whose labels match; `{}` is all of them.
  case matching(LabelSelector)

  /// True where a namespace with these labels is among them; `own` is the policy's, nil for a policy of the cluster.
  public func includes(_ namespace: String, _ labels: @autoclosure () -> Labels, own: String?) -> Bool {
    switch self {
    case .own: namespace == own
    case .matching(let selector): selector.matches(labels())
    }
  }
}

/// The pods of some namespaces whose labels match. Pods on the host network are in no set.
public struct PodSet: Sendable, Hashable {
  /// The namespaces of the cluster.
  public let namespaces: NamespaceScope
  /// The pods in them; `{}` is all of them.
  public let pods: LabelSelector

  /// Pods of some namespaces.
  public init(_ namespaces: NamespaceScope, _ pods: LabelSelector) {
    self.namespaces = namespaces
    self.pods = pods
  }

}
