#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The two families of internet addresses. A value of one never matches the other.
public enum IPFamily: UInt8, Sendable, Hashable, CaseIterable, Comparable {
  /// IPv4, 32 bits.
  case ipv4 = 4
  /// IPv6, 128 bits.
  case ipv6 = 6

  /// The length of an address of this family, in bits.
  public var bitWidth: Int { self == .ipv4 ? 32 : 128 }

  /// The largest address of this family, as a number.
  public var maximum: UInt128 { self == .ipv4 ? UInt128(UInt32.max) : .max }

  /// Every address of this family.
  public var everything: Interval<UInt128> { Interval(0, maximum) }

  /// IPv4 sorts before IPv6.
  public static func < (left: IPFamily, right: IPFamily) -> Bool { left.rawValue < right.rawValue }
}

/// One IPv4 or IPv6 address.
///
/// Sorted by family, then by number. An IPv4-mapped IPv6 address (`::ffff:10.0.0.1`) is an IPv6 address here,
/// as it is on the wire.
public struct IPAddress: Sendable, Hashable, Comparable {
  /// The family of the address.
  public let family: IPFamily
  /// The address as a number, in host order: `10.0.0.1` is `0x0a000001`.
  public let bits: UInt128

  /// The address of `family` with the given number. Bits above the family's width must be zero.
  public init(_ family: IPFamily, bits: UInt128) {
    precondition(bits <= family.maximum, "address wider than its family")
    self.family = family
    self.bits = bits
  }

  /// By family, then by number.
  public static func < (left: IPAddress, right: IPAddress) -> Bool {
    left.family == right.family ? left.bits < right.bits : left.family < right.family
  }

  /// True where this is `::ffff:0:0/96`, an IPv4-mapped IPv6 address, which the API server refuses.
  public var isIPv4Mapped: Bool { family == .ipv6 && bits >> 32 == 0xffff }

  /// The IPv4 address of an IPv4-mapped one, since its packets are IPv4, and since Go (`net.ParseIP`, `net.ParseCIDR`), in which
  /// API server and container runtimes are written, reads it so; of every other address itself.
  public var withoutMapping: IPAddress {
    isIPv4Mapped ? IPAddress(.ipv4, bits: bits & UInt128(UInt32.max)) : self
  }
}

extension IPAddress: LosslessStringConvertible {
  /// Reads the usual notations: dotted decimal without leading zeros, and RFC 4291's forms of IPv6. Zones
  /// (`%eth0`), ports and brackets are refused.
  public init?(_ text: String) {
    if let address = IPAddress(dottedDecimal: text.utf8) {
      self = address
      return
    }
    guard text.utf8.contains(UInt8(ascii: ":")) else { return nil }
    var bytes = in6_addr()
    guard inet_pton(AF_INET6, text, &bytes) == 1 else { return nil }
    let bits = withUnsafeBytes(of: &bytes) { raw in raw.reduce(UInt128(0)) { $0 << 8 | UInt128($1) } }
    self.init(.ipv6, bits: bits)
  }

  /// Reads dotted decimal: four numbers up to 255 without leading zeros.
  private init?(dottedDecimal text: some Sequence<UInt8>) {
    var bits: UInt32 = 0
    var octet: UInt32 = 0
    var digits = 0
    var dots = 0
    for byte in text {
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"):
        if digits > 0 && octet == 0 { return nil }
        octet = octet * 10 + UInt32(byte - UInt8(ascii: "0"))
        digits += 1
        if octet > 255 { return nil }
      case UInt8(ascii: "."):
        if digits == 0 || dots == 3 { return nil }
        bits = bits << 8 | octet
        octet = 0
        digits = 0
        dots += 1
      default:
        return nil
      }
    }
    guard dots == 3, digits > 0 else { return nil }
    self.init(.ipv4, bits: UInt128(bits << 8 | octet))
  }

  /// Dotted decimal, or the shortest form of IPv6 (RFC 5952), as nft prints them.
  public var description: String {
    switch family {
    case .ipv4:
      let number = UInt32(bits)
      return "\(number >> 24).\(number >> 16 & 255).\(number >> 8 & 255).\(number & 255)"
    case .ipv6:
      var bytes = in6_addr()
      withUnsafeMutableBytes(of: &bytes) { raw in
        for index in 0..<16 { raw[index] = UInt8(truncatingIfNeeded: bits >> (8 * (15 - index))) }
      }
      return withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(INET6_ADDRSTRLEN)) { buffer in
        guard let start = buffer.baseAddress,
          inet_ntop(AF_INET6, &bytes, start, socklen_t(INET6_ADDRSTRLEN)) != nil
        else { preconditionFailure("inet_ntop has room for every IPv6 address") }
        return String(cString: start)
      }
    }
  }
}
