public import Addresses

/// A service (`corev1.Service`): addresses behind which pods stand. Packets towards these addresses are rewritten to a
/// pod's address and port before policies are asked.
public struct Service: Sendable, Hashable {
  /// One port of a service.
  public struct Port: Sendable, Hashable {
    /// The port of a pod that packets are rewritten to.
    public enum Target: Sendable, Hashable {
      /// A number, 1 to 65535.
      case number(UInt16)
      /// The name of a container's port.
      case name(String)
    }

    /// The name, which is empty where there is one port only.
    public let name: String
    /// The protocol of packets to the port.
    public let transport: TransportProtocol
    /// The port that clients use, 1 to 65535.
    public let number: UInt16
    /// The port of the pods.
    public let target: Target

    /// A port of a service.
    public init(name: String = "", _ transport: TransportProtocol, _ number: UInt16, target: Target) {
      (self.name, self.transport, self.number, self.target) = (name, transport, number, target)
    }
  }

  /// The service's namespace.
  public let namespace: String
  /// The service's name.
  public let name: String
  /// `spec.clusterIPs`, `spec.externalIPs` and the addresses of load balancers, each once; none for a headless service.
  public let addresses: [IPAddress]
  /// `spec.selector`; nil where the endpoints are written by hand.
  public let selector: Labels?
  /// `spec.ports`, in the order written.
  public let ports: [Port]
  /// Where it was written.
  public let origin: Origin

  /// Creates a service.
  public init(
    namespace: String, name: String, addresses: [IPAddress], selector: Labels?, ports: [Port], origin: Origin
  ) {
    (self.namespace, self.name, self.addresses) = (namespace, name, addresses)
    (self.selector, self.ports, self.origin) = (selector, ports, origin)
  }

  /// The text `namespace/name`.
  public var displayName: String { "\(namespace)/\(name)" }
}
