public import Addresses

/// One entry of `ports` (`networkingv1.NetworkPolicyPort`).
public struct PolicyPort: Sendable, Hashable {
  /// Ports of a protocol.
  public enum Ports: Sendable, Hashable {
    /// `port` absent: every port of the protocol.
    case all
    /// A number, or `port` to `endPort`, both included.
    case range(Interval<UInt16>)
    /// A name, resolved for each destination pod.
    case named(String)

    /// The numbers; nil for a name, to which each destination pod gives a number of its own.
    public var numbers: PortSet? {
      switch self {
      case .all: .everything
      case .range(let range): PortSet(range)
      case .named: nil
      }
    }

    /// The name; nil where the ports are given by number.
    public var name: String? { if case .named(let name) = self { name } else { nil } }
  }

  /// The entry's protocol.
  public let transport: TransportProtocol
  /// The entry's ports.
  public let ports: Ports
  /// Where it was written.
  public let origin: Origin
  /// Where `endPort` was written, if it was: a range of one port does not show it.
  public let endPort: Origin?

  /// True for a port name without a protocol (`destinationNamedPort`): one entry of the model for each protocol.
  public let isOfEveryProtocol: Bool

  /// Creates an entry.
  public init(
    _ transport: TransportProtocol, _ ports: Ports, origin: Origin, endPort: Origin? = nil,
    isOfEveryProtocol: Bool = false
  ) {
    self.isOfEveryProtocol = isOfEveryProtocol
    self.transport = transport
    self.ports = ports
    self.origin = origin
    self.endPort = endPort
  }
}
