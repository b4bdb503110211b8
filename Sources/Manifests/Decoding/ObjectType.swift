/// `apiVersion` and `kind` of an object.
struct ObjectType: Sendable, Hashable {
  var apiVersion: String?
  var kind: String?
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
