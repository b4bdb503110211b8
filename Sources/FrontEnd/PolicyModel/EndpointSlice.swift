public import Addresses

/// Addresses behind a service (`discovery.k8s.io/v1.EndpointSlice`).
public struct EndpointSlice: Sendable, Hashable {
  /// One port of the endpoints.
  public struct Port: Sendable, Hashable {
    /// The name of the service's port that it stands behind.
    public let name: String
    /// The protocol of packets to the port.
    public let transport: TransportProtocol
    /// The port of the endpoints, 1 to 65535.
    public let number: UInt16

    /// A port of endpoints.
    public init(name: String, _ transport: TransportProtocol, _ number: UInt16) {
      (self.name, self.transport, self.number) = (name, transport, number)
    }
  }

  /// The namespace of the slice and its service.
  public let namespace: String
  /// The label `kubernetes.io/service-name`; nil where it has none.
  public let service: String?
  /// The addresses of `endpoints`, each once.
  public let addresses: [IPAddress]
  /// The ports of every endpoint of the slice.
  public let ports: [Port]
  /// Where it was written.
  public let origin: Origin

  /// Creates a slice.
  public init(namespace: String, service: String?, addresses: [IPAddress], ports: [Port], origin: Origin) {
    (self.namespace, self.service, self.addresses) = (namespace, service, addresses)
    (self.ports, self.origin) = (ports, origin)
  }
}
