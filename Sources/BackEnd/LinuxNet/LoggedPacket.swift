public import Addresses

/// The ends of a packet of which the kernel logged the beginning.
public struct LoggedPacket: Sendable, Hashable, CustomStringConvertible {
  /// The source address; nil where the bytes are no packet.
  public let source: IPAddress?
  /// The destination address; nil where the bytes are no packet.
  public let destination: IPAddress?
  /// The number of the protocol.
  public let proto: UInt8
  /// The ports of TCP, UDP and SCTP; nil for others and for later fragments.
  public let ports: (source: UInt16, destination: UInt16)?

  /// Reads the beginning of a packet.
  public init(_ bytes: [UInt8]) {
    var (source, destination): (IPAddress?, IPAddress?) = (nil, nil)
    var (proto, transport, isFirst): (UInt8, Int, Bool) = (0, 0, true)
    func address(_ family: IPFamily, _ range: Range<Int>) -> IPAddress {
      IPAddress(family, bits: bytes[range].reduce(0) { $0 << 8 | UInt128($1) })
    }
    switch bytes.first.map({ $0 >> 4 }) {
    case 4 where bytes.count >= 20:
      (source, destination) = (address(.ipv4, 12..<16), address(.ipv4, 16..<20))
      (proto, transport) = (bytes[9], Int(bytes[0] & 15) * 4)
      isFirst = bytes[6] & 0x1f == 0 && bytes[7] == 0
    case 6 where bytes.count >= 40:
      (source, destination) = (address(.ipv6, 8..<24), address(.ipv6, 24..<40))
      (proto, transport) = (bytes[6], 40)
    default: break
    }
    (self.source, self.destination, self.proto) = (source, destination, proto)
    guard [6, 17, 132].contains(proto), isFirst, bytes.count >= transport + 4 else {
      ports = nil
      return
    }
    func port(_ place: Int) -> UInt16 { UInt16(bytes[place]) << 8 | UInt16(bytes[place + 1]) }
    ports = (port(transport), port(transport + 2))
  }

  /// `tcp 10.0.0.1:40000 > 10.0.0.2:80`; `protocol 1 10.0.0.1 > 10.0.0.2`.
  public var description: String {
    guard let source, let destination else { return "no packet" }
    let name = [6: "tcp", 17: "udp", 132: "sctp"][Int(proto)] ?? "protocol \(proto)"
    func end(_ address: IPAddress, _ port: UInt16?) -> String {
      guard let port else { return "\(address)" }
      return address.family == .ipv6 ? "[\(address)]:\(port)" : "\(address):\(port)"
    }
    return "\(name) \(end(source, ports?.source)) > \(end(destination, ports?.destination))"
  }

  /// True where all fields are the same.
  public static func == (left: LoggedPacket, right: LoggedPacket) -> Bool {
    left.source == right.source && left.destination == right.destination && left.proto == right.proto
      && left.ports?.source == right.ports?.source && left.ports?.destination == right.ports?.destination
  }

  /// Hashes all fields.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(source)
    hasher.combine(destination)
    hasher.combine(proto)
    hasher.combine(ports?.source)
    hasher.combine(ports?.destination)
  }
}
