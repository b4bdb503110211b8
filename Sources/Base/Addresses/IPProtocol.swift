/// An IP protocol by its number (IANA "Protocol Numbers"): what `protocol` of IPv4 and the last `next header` of IPv6
/// hold.
public struct IPProtocol: Sendable, Hashable, Comparable, RawRepresentable {
  /// The number, 0 to 255.
  public let rawValue: UInt8

  /// The protocol of a number.
  @inlinable public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// The protocol of a number.
  @inlinable public init(_ number: UInt8) { rawValue = number }

  /// ICMP of IPv4, 1.
  public static let icmp = IPProtocol(1)
  /// TCP, protocol 6.
  public static let tcp = IPProtocol(6)
  /// UDP, protocol 17.
  public static let udp = IPProtocol(17)
  /// ICMPv6, protocol 58.
  public static let icmpv6 = IPProtocol(58)
  /// SCTP, protocol 132.
  public static let sctp = IPProtocol(132)

  /// The protocols whose ports policies know, ascending: TCP, UDP and SCTP.
  public static let withPorts = [tcp, udp, sctp]

  /// True where a destination port of policies means anything to it: TCP, UDP and SCTP.
  @inlinable public var hasPorts: Bool { rawValue == 6 || rawValue == 17 || rawValue == 132 }

  /// The name that people use, for the protocols that policies and the kernel's logs name; nil for others.
  public var name: String? { Self.names.first { $0.number == rawValue }?.name }

  /// Its name as the kernel's tools write it, `tcp`, `icmpv6`, or `protocol 89`.
  public var keyword: String { name?.lowercased() ?? description }

  /// The protocol of a name, in any case of letters: `TCP`, `udp`, `ICMPv6`, `ipv6-icmp`.
  public init?(named name: String) {
    let lowercase = name.lowercased()
    guard let entry = Self.names.first(where: { $0.name.lowercased() == lowercase }) else {
      if lowercase == "ipv6-icmp" {
        self = .icmpv6
        return
      }
      return nil
    }
    self.init(entry.number)
  }

  private static let names: [(number: UInt8, name: String)] = [
    (1, "ICMP"), (2, "IGMP"), (6, "TCP"), (17, "UDP"), (33, "DCCP"), (47, "GRE"), (50, "ESP"), (51, "AH"),
    (58, "ICMPv6"), (89, "OSPF"), (132, "SCTP"), (136, "UDPLite"),
  ]

  /// Orders protocols by number.
  public static func < (left: IPProtocol, right: IPProtocol) -> Bool { left.rawValue < right.rawValue }
}

extension IPProtocol: CustomStringConvertible {
  /// Its name, or `protocol 89`.
  public var description: String { name ?? "protocol \(rawValue)" }
}
