/// The new state of one object of a cluster, as a watch of the API server reports it.
public enum ClusterEvent: Sendable, Hashable {
  /// A pod was added, or is now like this.
  case pod(Pod)
  /// A pod is gone.
  case podRemoved(namespace: String, name: String)
  /// A namespace was added, or is now like this.
  case namespace(Namespace)
  /// A namespace is gone. Pods and policies that are still in it keep it alive with its name label only.
  case namespaceRemoved(String)
  /// A policy was added, or is now like this.
  case policy(Policy)
  /// A policy is gone.
  case policyRemoved(PolicyID)
  /// A node was added, or is now like this.
  case node(Node)
  /// A node is gone.
  case nodeRemoved(String)
}

extension ManifestContents {
  /// The contents as events that make a cluster of nothing. Workloads are none: they have no addresses.
  public var events: [ClusterEvent] {
    namespaces.map { .namespace($0) } + nodes.map { .node($0) } + policies.map { .policy($0) }
      + pods.map { .pod($0) }
  }
}
