public import Addresses

/// One packet that opens a connection, or stands alone.
public struct Probe: Sendable, Hashable {
  /// The content of the packet.
  public enum Payload: Sendable, Hashable {
    /// A TCP segment with SYN.
    case tcp(port: UInt16)
    /// A TCP segment of no connection, with these flags: a stray acknowledgement (0x10), a reset (0x04) and the like.
    case segment(flags: UInt8, port: UInt16)
    /// A UDP datagram.
    case udp(port: UInt16)
    /// An SCTP INIT chunk.
    case sctp(port: UInt16)
    /// An echo request of the addresses' family.
    case echo
    /// An ICMPv6 message of another type.
    case message(type: UInt8)
    /// A packet of a protocol without ports: 1 to 255, none that has a case of its own, and no extension header
    /// of IPv6.
    case other(UInt8)
  }

  /// The address that the packet says it is from.
  public var source: IPAddress
  /// The address that it is sent to, of the same family.
  public var destination: IPAddress
  /// The content of the packet.
  public var payload: Payload
  /// The source port, or nil for one that no other probe of the batch has.
  public var sourcePort: UInt16?
  /// The sender, or nil for the owner of the source address.
  public var sender: PacketLab.Place?
  /// The hop limit (IPv6) or time to live (IPv4) when it is sent, or nil for 64. A router that passes it on takes one off.
  public var hopLimit: UInt8?

  /// Creates a probe.
  public init(
    from source: IPAddress, to destination: IPAddress, _ payload: Payload, sourcePort: UInt16? = nil,
    sender: PacketLab.Place? = nil, hopLimit: UInt8? = nil
  ) {
    self.source = source
    self.destination = destination
    self.payload = payload
    self.sourcePort = sourcePort
    self.sender = sender
    self.hopLimit = hopLimit
  }

  /// The protocol number on the wire.
  public var protocolNumber: UInt8 {
    switch payload {
    case .tcp, .segment: 6
    case .udp: 17
    case .sctp: 132
    case .echo: source.family == .ipv4 ? 1 : 58
    case .message: 58
    case .other(let number): number
    }
  }

  /// The destination port, 0 for protocols without ports.
  public var destinationPort: UInt16 {
    switch payload {
    case .tcp(let port), .segment(_, let port), .udp(let port), .sctp(let port): port
    case .echo, .message, .other: 0
    }
  }
}

extension Probe: CustomStringConvertible {
  /// `10.0.0.1 -> 10.0.0.2 tcp/80`.
  public var description: String {
    let what =
      switch payload {
      case .tcp(let port): "tcp/\(port)"
      case .segment(let flags, let port): "tcp/\(port) with flags \(flags)"
      case .udp(let port): "udp/\(port)"
      case .sctp(let port): "sctp/\(port)"
      case .echo: "echo"
      case .message(let type): "icmpv6 type \(type)"
      case .other(let number): "protocol \(number)"
      }
    let bound = hopLimit.map { " with hop limit \($0)" } ?? ""
    return "\(source) -> \(destination) \(what)\(bound)"
  }
}
