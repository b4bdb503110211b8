/// A port of a container that has a name (`corev1.ContainerPort`).
public struct NamedPort: Sendable, Hashable {
  /// The name that policies use.
  public let name: String
  /// The port's protocol.
  public let transport: TransportProtocol
  /// The number, 1 to 65535.
  public let number: UInt16

  /// A named port.
  public init(_ name: String, _ transport: TransportProtocol, _ number: UInt16) {
    self.name = name
    self.transport = transport
    self.number = number
  }
}
