/// The kinds of policy objects.
public enum PolicyKind: String, Sendable, Hashable, CaseIterable {
  /// A NetworkPolicy of `networking.k8s.io/v1`, namespaced.
  case networkPolicy = "NetworkPolicy"
  /// A ClusterNetworkPolicy of `policy.networking.k8s.io`, of the cluster.
  case clusterNetworkPolicy = "ClusterNetworkPolicy"
  /// An AdminNetworkPolicy of `policy.networking.k8s.io/v1alpha1`, of the cluster: the Admin tier's earlier kind.
  case adminNetworkPolicy = "AdminNetworkPolicy"
  /// A BaselineAdminNetworkPolicy of `policy.networking.k8s.io/v1alpha1`, of the cluster: the Baseline tier's earlier kind.
  case baselineAdminNetworkPolicy = "BaselineAdminNetworkPolicy"
}

/// The name of a policy object, unique in a cluster.
public struct PolicyID: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// The kind of object.
  public let kind: PolicyKind
  /// Its namespace; nil for an object of the cluster.
  public let namespace: String?
  /// The name of the object.
  public let name: String

  /// A policy's name; of a NetworkPolicy unless another kind is given.
  public init(_ kind: PolicyKind = .networkPolicy, namespace: String?, name: String) {
    self.kind = kind
    self.namespace = namespace
    self.name = name
  }

  /// `namespace/name`, or the name alone.
  public var description: String { namespace.map { "\($0)/\(name)" } ?? name }

  /// `NetworkPolicy namespace/name`, for messages.
  public var words: String { "\(kind.rawValue) \(self)" }

  /// By namespace, then by name, then by kind; objects of the cluster come first.
  public static func < (left: PolicyID, right: PolicyID) -> Bool {
    if left.namespace != right.namespace { return (left.namespace ?? "") < (right.namespace ?? "") }
    return left.name == right.name ? left.kind.rawValue < right.kind.rawValue : left.name < right.name
  }
}
