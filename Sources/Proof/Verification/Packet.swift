public import Addresses
public import Ruleset

/// The path of a packet through the node.
public enum PacketPath: String, Sendable, Hashable {
  /// From one host to another, by the forward hook.
  case forwarded
  /// To an address of the node itself, by the input hook.
  case toNode
  /// From the node itself, by the output hook.
  case fromNode
}

/// A packet as the forward hook sees it: destination already translated, source not yet.
public struct Packet: Sendable, Hashable {
  /// The source address.
  public var source: IPAddress
  /// The destination address, of the same family.
  public var destination: IPAddress
  /// The transport protocol's number.
  public var transport: UInt8
  /// Bytes 0 and 1 behind the network header: the source port; of ICMP the message's type and code.
  public var firstBytes: UInt16
  /// Bytes 2 and 3 behind the network header: the destination port; of ICMP the checksum.
  public var destinationPort: UInt16
  /// The state of its connection: exactly one bit.
  public var state: ConnectionState
  /// The way it takes.
  public var path: PacketPath
  /// True where it goes against the direction of its connection's first packet.
  public var isReply: Bool
  /// True where the connection's destination was translated, as by a Service (`ct status dnat`). Means nothing without a
  /// connection.
  public var isTranslated: Bool
  /// The IPv6 hop limit; what was routed has at most 254. Means nothing for IPv4.
  public var hopLimit: UInt8
  /// The way in which the packet came to the node.
  public var arrival: Arrival

  /// A packet; the source port does not matter unless given.
  public init(
    _ source: IPAddress, _ destination: IPAddress, transport: UInt8, destinationPort: UInt16,
    firstBytes: UInt16 = 40_000, state: ConnectionState = .new, path: PacketPath = .forwarded,
    isReply: Bool = false, isTranslated: Bool = false, hopLimit: UInt8 = 63,
    arrival: Arrival = Arrival()
  ) {
    self.source = source
    self.destination = destination
    self.transport = transport
    self.firstBytes = firstBytes
    self.destinationPort = destinationPort
    self.state = state
    self.path = path
    self.isReply = isReply
    self.isTranslated = isTranslated
    self.hopLimit = hopLimit
    self.arrival = arrival
  }

  /// True where the kernel has a connection for the packet.
  var hasConnection: Bool { state != .invalid && state != .untracked }

  /// True where the packet is one that IPv6 cannot do without: neighbour discovery or a router message (133 to 137) that no
  /// router passed on, or a multicast listener message (130 to 132, 143) of the link.
  var isNeverBlocked: Bool {
    guard family == .ipv6, transport == 58 else { return false }
    if neighbourDiscovery.contains(firstBytes) { return hopLimit == 255 }
    return listenerMessages.contains(firstBytes) && hopLimit == 1
      && linkLocalSources.contains(source.bits)
  }

  /// The family of both addresses.
  public var family: IPFamily { source.family }

  /// A field's value, or nil for a field that the packet does not have or that is not part of this model. What a
  /// field implies about the protocols is asked for elsewhere.
  func value(_ field: Field) -> UInt128? {
    switch field {
    case .metaNFProto: family == .ipv4 ? 2 : 10
    case .metaL4Proto: UInt128(transport)
    case .ctState: UInt128(state.rawValue)
    case .ipSaddr: family == .ipv4 ? source.bits : nil
    case .ipDaddr: family == .ipv4 ? destination.bits : nil
    case .ip6Saddr: family == .ipv6 ? source.bits : nil
    case .ip6Daddr: family == .ipv6 ? destination.bits : nil
    case .thSport, .tcpSport, .udpSport, .sctpSport: UInt128(firstBytes)
    case .thDport, .tcpDport, .udpDport, .sctpDport: UInt128(destinationPort)
    case .icmpType, .icmpv6Type: UInt128(firstBytes >> 8)
    case .ctDirection: hasConnection ? (isReply ? 1 : 0) : nil
    case .ctStatus: hasConnection ? (isTranslated ? 32 : 0) : nil
    case .ip6HopLimit: family == .ipv6 ? UInt128(hopLimit) : nil
    case .metaIifName: path == .fromNode ? nil : arrival.interface
    case .metaIifKind: path == .fromNode ? nil : arrival.kind
    case .fibSourceRoute: path == .fromNode ? nil : arrival.isFromSourceRoute ? 1 : 0
    case .metaMark, .ctMark, .metaOifName: nil
    }
  }
}

extension Packet: CustomStringConvertible {
  /// `new tcp 10.0.0.1:40000 -> 10.0.0.2:80`.
  public var description: String {
    func end(_ address: IPAddress, _ port: UInt16) -> String {
      guard IPProtocol(transport).hasPorts else { return "\(address)" }
      return family == .ipv4 ? "\(address):\(port)" : "[\(address)]:\(port)"
    }
    var protocolName = IPProtocol(transport).keyword
    if transport == 1 || transport == 58 { protocolName += " type \(firstBytes >> 8)" }
    let ends = "\(end(source, firstBytes)) -> \(end(destination, destinationPort))"
    let isBound =
      family == .ipv6 && transport == 58
      && (neighbourDiscovery.contains(firstBytes) || listenerMessages.contains(firstBytes))
    return "\(state.name) \(protocolName) \(ends)\(isBound ? " hop limit \(hopLimit)" : "")"
      + (isTranslated && hasConnection ? " (destination translated)" : "") + arrival.words
  }
}

extension ConnectionState {
  /// The name of a single state, as nft writes it.
  public var name: String {
    switch self {
    case .invalid: "invalid"
    case .established: "established"
    case .related: "related"
    case .new: "new"
    case .untracked: "untracked"
    default: "state \(rawValue)"
    }
  }

  /// The states a packet can be in, one at a time.
  static let each: [ConnectionState] = [.new, .established, .related, .invalid, .untracked]
}
