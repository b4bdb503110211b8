/// An object that makes a controller of ingress, or of a gateway, send to services: an Ingress, an HTTPRoute and its like, a
/// Route of OpenShift.
public struct IngressRoute: Sendable, Hashable {
  /// A port of a backend, as it is written.
  public enum Port: Sendable, Hashable {
    /// The number of a port of the service.
    case number(UInt16)
    /// The name of a port of the service.
    case name(String)
    /// The number of the port of the pods.
    case target(UInt16)
  }

  /// A service that it sends to.
  public struct Backend: Sendable, Hashable {
    /// The namespace of the service.
    public let namespace: String
    /// The name of the service.
    public let service: String
    /// The port; nil for every port of the service.
    public let port: Port?

    /// A service and a port of it.
    public init(namespace: String, service: String, port: Port?) {
      (self.namespace, self.service, self.port) = (namespace, service, port)
    }
  }

  /// The kind of the object, such as `Ingress`.
  public let kind: String
  /// The object's namespace.
  public let namespace: String
  /// The object's name.
  public let name: String
  /// The services, each once, in the order written.
  public let backends: [Backend]
  /// Where it was written.
  public let origin: Origin

  /// Creates a route.
  public init(kind: String, namespace: String, name: String, backends: [Backend], origin: Origin) {
    (self.kind, self.namespace, self.name) = (kind, namespace, name)
    (self.backends, self.origin) = (backends, origin)
  }

  /// The text `Ingress namespace/name`.
  public var displayName: String { "\(kind) \(namespace)/\(name)" }
}

/// The pods of a controller of ingress or of a gateway, as a person names them.
public struct IngressController: Sendable, Hashable {
  /// The namespace of the controller.
  public let namespace: String
  /// The labels of its pods; every pod of the namespace where it is empty.
  public let pods: LabelSelector

  /// The pods of a namespace that a selector matches.
  public init(namespace: String, pods: LabelSelector) { (self.namespace, self.pods) = (namespace, pods) }

  /// True for the controller's pods.
  public func matches(_ pod: Pod) -> Bool { pod.namespace == namespace && pods.matches(pod.labels) }

  /// The workload that stands for the controller where the inventory has no pod of it: with the labels that the selector asks
  /// for, and no address.
  public var workload: Pod {
    let labels = pods.requirements.filter { $0.relation == .isIn && $0.values.count == 1 }
      .map { Labels.Pair($0.key, $0.values[0]) }
    return Pod(
      namespace: namespace, name: "ingress-controller", kind: "IngressController", labels: Labels(labels),
      origin: .nowhere)
  }
}
