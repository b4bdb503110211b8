/// The kinds of objects of the inventory that mean something here, and the list.
enum InventoryKind: String {
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

  /// True where it stands for pods to come.
  var isWorkload: Bool {
    switch self {
    case .deployment, .statefulSet, .daemonSet, .replicaSet, .replicationController, .job, .cronJob: true
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
}
