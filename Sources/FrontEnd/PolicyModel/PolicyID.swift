/// A kind of policy objects, by the word that an object has for `kind`. A dialect declares its own kinds beside its decoder;
/// those of Kubernetes are here.
public struct PolicyKind: Sendable, Hashable {
  /// The value of `kind`, as in `NetworkPolicy`.
  public let rawValue: String

  /// The kind that objects call so.
  public init(_ rawValue: String) { self.rawValue = rawValue }

  /// A NetworkPolicy of `networking.k8s.io/v1`, namespaced.
  public static let networkPolicy = PolicyKind("NetworkPolicy")
  /// A ClusterNetworkPolicy of `policy.networking.k8s.io`, of the cluster.
  public static let clusterNetworkPolicy = PolicyKind("ClusterNetworkPolicy")
  /// An AdminNetworkPolicy of `policy.networking.k8s.io/v1alpha1`, of the cluster: the Admin tier's earlier kind.
  public static let adminNetworkPolicy = PolicyKind("AdminNetworkPolicy")
  /// A BaselineAdminNetworkPolicy of `policy.networking.k8s.io/v1alpha1`, of the cluster: the Baseline tier's earlier kind.
  public static let baselineAdminNetworkPolicy = PolicyKind("BaselineAdminNetworkPolicy")
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

  /// Leaves out the kind: two objects of one namespace and name are rare.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(namespace)
    hasher.combine(name)
  }

  /// By namespace, then by name, then by kind; objects of the cluster come first.
  public static func < (left: PolicyID, right: PolicyID) -> Bool {
    if left.namespace != right.namespace { return (left.namespace ?? "") < (right.namespace ?? "") }
    return left.name == right.name ? left.kind.rawValue < right.kind.rawValue : left.name < right.name
  }
}
