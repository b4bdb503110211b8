/// `apiVersion` and `kind` of an object.
struct ObjectType: Sendable, Hashable {
  var apiVersion: String?
  var kind: String?

  /// True where the object only shares the name of a kind that is known here: `Job` of `batch.volcano.sh`,
  /// `Node` of `longhorn.io`, `NetworkPolicy` of `crd.projectcalico.org`. It means nothing here, like any
  /// other kind of its group.
  ///
  /// A policy is foreign only where its group is clearly another project's: a misspelt group is refused with its
  /// version. So are the versions of `extensions`, where some of the known kinds once lived.
  var isOfForeignGroup: Bool {
    guard let kind, let apiVersion, !apiVersion.isEmpty,
      let known = Kind(rawValue: kind) ?? Kind.entries(ofList: kind)
    else { return false }
    if apiVersion == known.apiVersion { return false }
    if known.isPolicy { return PolicyGroups.isOfOtherProject(group) }
    return group != Self.group(of: known.apiVersion) && group != "extensions"
  }

  /// The kind, where it is one that is read: nil for an unknown kind and for one of another group.
  var readableKind: Kind? { isOfForeignGroup ? nil : kind.flatMap(Kind.init(rawValue:)) }

  /// The type with what it leaves out taken from another.
  func completed(by other: ObjectType?) -> ObjectType {
    ObjectType(apiVersion: apiVersion ?? other?.apiVersion, kind: kind ?? other?.kind)
  }

  /// The group of `apiVersion`; empty for the core group, and where there is no version.
  var group: String { apiVersion.map { String(Self.group(of: $0)) } ?? "" }

  /// The type of the entries of a list of this type that do not say theirs, as the API server leaves it out: `Pod` of
  /// `v1` for `PodList` of `v1`. Nil where the entries must say it.
  var ofEntries: ObjectType? {
    // kpt's list is named like a typed one.
    guard let kind, kind.hasSuffix("List"), kind.count > 4, kind != "ResourceList" else { return nil }
    let entry = String(kind.dropLast(4))
    return ObjectType(apiVersion: apiVersion ?? Kind(rawValue: entry)?.apiVersion, kind: entry)
  }

  /// True where objects of this type are meant to filter packets, by the name that such kinds have in every
  /// project known: `ClusterNetworkPolicy`, `AdminNetworkPolicy`, `CiliumNetworkPolicy`,
  /// `GlobalNetworkPolicy`, `MultiNetworkPolicy` ….
  var isOfOtherPolicies: Bool {
    guard let kind else { return false }
    return kind.hasSuffix("NetworkPolicy") || kind.hasSuffix("NetworkPolicyList")
  }

  private static func group(of apiVersion: String) -> Substring {
    apiVersion.utf8.firstIndex(of: UInt8(ascii: "/")).map { apiVersion[..<$0] } ?? ""
  }
}

/// The kinds that mean something here.
enum Kind: String, CaseIterable {
  case networkPolicy = "NetworkPolicy"
  case clusterNetworkPolicy = "ClusterNetworkPolicy"
  case adminNetworkPolicy = "AdminNetworkPolicy"
  case baselineAdminNetworkPolicy = "BaselineAdminNetworkPolicy"
  case namespace = "Namespace"
  case pod = "Pod"
  case node = "Node"
  case deployment = "Deployment"
  case statefulSet = "StatefulSet"
  case daemonSet = "DaemonSet"
  case replicaSet = "ReplicaSet"
  case job = "Job"
  case cronJob = "CronJob"
  case replicationController = "ReplicationController"
  case service = "Service"
  case endpointSlice = "EndpointSlice"
  case ingress = "Ingress"
  case httpRoute = "HTTPRoute"
  case grpcRoute = "GRPCRoute"
  case tlsRoute = "TLSRoute"
  case tcpRoute = "TCPRoute"
  case udpRoute = "UDPRoute"
  case openShiftRoute = "Route"
  case list = "List"

  /// The versions that are understood, the usual one first.
  var apiVersions: [String] {
    switch self {
    case .networkPolicy: ["networking.k8s.io/v1"]
    case .clusterNetworkPolicy: ["policy.networking.k8s.io/v1alpha2", "policy.networking.k8s.io/v1beta1"]
    case .adminNetworkPolicy, .baselineAdminNetworkPolicy: ["policy.networking.k8s.io/v1alpha1"]
    case .namespace, .pod, .node, .list, .replicationController, .service: ["v1"]
    case .deployment, .statefulSet, .daemonSet, .replicaSet: ["apps/v1"]
    case .job, .cronJob: ["batch/v1"]
    case .endpointSlice: ["discovery.k8s.io/v1"]
    case .ingress: ["networking.k8s.io/v1", "networking.k8s.io/v1beta1", "extensions/v1beta1"]
    case .httpRoute, .grpcRoute, .tlsRoute, .tcpRoute, .udpRoute:
      ["v1", "v1beta1", "v1alpha3", "v1alpha2"].map { "gateway.networking.k8s.io/\($0)" }
    case .openShiftRoute: ["route.openshift.io/v1"]
    }
  }

  /// The usual version.
  var apiVersion: String { apiVersions[0] }

  /// True for kinds of policies, which are read strictly and whole.
  var isPolicy: Bool {
    switch self {
    case .networkPolicy, .clusterNetworkPolicy, .adminNetworkPolicy, .baselineAdminNetworkPolicy: true
    default: false
    }
  }

  /// True for kinds that make a controller of ingress or of a gateway send to services.
  var isRoute: Bool {
    switch self {
    case .ingress, .httpRoute, .grpcRoute, .tlsRoute, .tcpRoute, .udpRoute, .openShiftRoute: true
    default: false
    }
  }

  /// The kind with its article, for messages.
  var withArticle: String { (rawValue.hasPrefix("A") ? "an " : "a ") + rawValue }

  /// The kind of the entries of a typed list: `Pod` for `PodList`.
  static func entries(ofList kind: String) -> Kind? {
    guard kind.hasSuffix("List"), let entry = Kind(rawValue: String(kind.dropLast(4))), entry != .list else {
      return nil
    }
    return entry
  }
}
