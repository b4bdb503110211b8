/// A kind of object that the API server lists and watches.
public struct APIResource: Sendable, Hashable {
  /// The path of the collection: `/api/v1/pods`.
  public let path: String
  /// `apiVersion` of its objects.
  public let apiVersion: String
  /// `kind` of its objects.
  public let kind: String
  /// Field selectors, the one that cuts off most first; a server that refuses one is asked with the next, at last
  /// without any.
  public let fieldSelectors: [String]
  /// True where the server may lack the kind: its definition is a custom resource that may be installed later.
  public let isOptional: Bool

  /// Makes a resource of its parts.
  public init(
    path: String, apiVersion: String, kind: String, fieldSelectors: [String] = [], isOptional: Bool = false
  ) {
    self.path = path
    self.apiVersion = apiVersion
    self.kind = kind
    self.fieldSelectors = fieldSelectors
    self.isOptional = isOptional
  }

  /// The pods that have addresses of their own: those that are finished or share their node's are left out where the
  /// server can do that.
  public static let pods = APIResource(
    path: "/api/v1/pods", apiVersion: "v1", kind: "Pod",
    fieldSelectors: [
      "status.phase!=Succeeded,status.phase!=Failed,spec.hostNetwork=false",
      "status.phase!=Succeeded,status.phase!=Failed",
    ])

  /// The namespaces of the cluster.
  public static let namespaces = APIResource(
    path: "/api/v1/namespaces", apiVersion: "v1", kind: "Namespace")

  /// The node of a name.
  public static func node(named name: String) -> APIResource {
    APIResource(
      path: "/api/v1/nodes", apiVersion: "v1", kind: "Node", fieldSelectors: ["metadata.name=\(name)"])
  }

  /// The nodes of the cluster.
  public static let nodes = APIResource(path: "/api/v1/nodes", apiVersion: "v1", kind: "Node")

  /// The NetworkPolicies of the cluster.
  public static let networkPolicies = APIResource(
    path: "/apis/networking.k8s.io/v1/networkpolicies", apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy")

  /// All ClusterNetworkPolicies, where the cluster has the kind.
  public static let clusterNetworkPolicies = APIResource(
    path: "/apis/policy.networking.k8s.io/v1alpha2/clusternetworkpolicies",
    apiVersion: "policy.networking.k8s.io/v1alpha2", kind: "ClusterNetworkPolicy", isOptional: true)
}
