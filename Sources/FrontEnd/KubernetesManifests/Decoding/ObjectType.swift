/// `apiVersion` and `kind` of an object.
struct ObjectType: Sendable, Hashable {
  var apiVersion: String?
  var kind: String?

  /// Whether the object only shares the name of a kind that is known here: `Job` of `batch.volcano.sh`, `Node` of
  /// `longhorn.io`. It means nothing here, like any other kind of its group.
  ///
  /// A NetworkPolicy of another group is never taken for that: it is meant to filter, so its version is refused. So are
  /// the versions of `extensions`, where some of the known kinds once lived.
  var isOfForeignGroup: Bool {
    guard let kind, let apiVersion, !apiVersion.isEmpty,
      let known = Kind(rawValue: kind) ?? Kind.entries(ofList: kind), known != .networkPolicy
    else { return false }
    let group = Self.group(of: apiVersion)
    return group != Self.group(of: known.apiVersion) && group != "extensions"
  }

  /// Whether objects of this type are meant to filter packets, by the name that such kinds have in every project known:
  /// `ClusterNetworkPolicy`, `AdminNetworkPolicy`, `CiliumNetworkPolicy`, `GlobalNetworkPolicy`, `MultiNetworkPolicy` ….
  var isOfOtherPolicies: Bool {
    guard let kind else { return false }
    return kind.hasSuffix("NetworkPolicy") || kind.hasSuffix("NetworkPolicyList")
  }

  private static func group(of apiVersion: String) -> Substring {
    apiVersion.contains("/") ? apiVersion.prefix { $0 != "/" } : ""
  }
}

/// The kinds that mean something here.
enum Kind: String, CaseIterable {
  case networkPolicy = "NetworkPolicy"
  case namespace = "Namespace"
  case pod = "Pod"
  case node = "Node"
  case deployment = "Deployment"
  case statefulSet = "StatefulSet"
  case daemonSet = "DaemonSet"
  case replicaSet = "ReplicaSet"
  case job = "Job"
  case cronJob = "CronJob"
  case list = "List"

  /// The version that is understood.
  var apiVersion: String {
    switch self {
    case .networkPolicy: "networking.k8s.io/v1"
    case .namespace, .pod, .node, .list: "v1"
    case .deployment, .statefulSet, .daemonSet, .replicaSet: "apps/v1"
    case .job, .cronJob: "batch/v1"
    }
  }

  /// The kind of the entries of a typed list: `Pod` for `PodList`.
  static func entries(ofList kind: String) -> Kind? {
    guard kind.hasSuffix("List"), let entry = Kind(rawValue: String(kind.dropLast(4))), entry != .list else {
      return nil
    }
    return entry
  }
}
