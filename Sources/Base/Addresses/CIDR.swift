/// A block of addresses that share their first bits: `10.0.0.0/24`, `2001:db8::/64`.
public struct CIDR: Sendable, Hashable, Comparable {
  /// The first address of the block; bits beyond the prefix are zero.
  public let base: IPAddress
  /// The number of leading bits that the addresses share: 0 to 32, or 0 to 128.
  public let prefixLength: Int

  /// The block of `prefixLength` bits that holds `address`; bits beyond the prefix are cleared.
  public init(_ address: IPAddress, prefixLength: Int) {
    let width = address.family.bitWidth
    precondition((0...width).contains(prefixLength), "prefix length out of range")
    let host: UInt128 = prefixLength == 0 ? address.family.maximum : (1 << UInt128(width - prefixLength)) - 1
    base = IPAddress(address.family, bits: address.bits & ~host)
    self.prefixLength = prefixLength
  }

  /// The family of the block's addresses.
  public var family: IPFamily { base.family }

  /// The block's addresses, first to last, as numbers.
  public var interval: Interval<UInt128> {
    let width = family.bitWidth
    let host: UInt128 = prefixLength == 0 ? family.maximum : (1 << UInt128(width - prefixLength)) - 1
    return Interval(base.bits, base.bits | host)
  }

  /// True where `address` is of this family and in the block.
  public func contains(_ address: IPAddress) -> Bool {
    address.family == family && interval.contains(address.bits)
  }

  /// True where the two share an address.
  public func overlaps(_ other: CIDR) -> Bool {
    family == other.family && interval.overlaps(other.interval)
  }

  /// True where every address of `self` is in `other`, and `other` has more.
  public func isStrictSubset(of other: CIDR) -> Bool {
    family == other.family && other.interval.contains(interval) && self != other
  }

  /// By base address, then the wider block first.
  public static func < (left: CIDR, right: CIDR) -> Bool {
    left.base == right.base ? left.prefixLength < right.prefixLength : left.base < right.base
  }

  /// The fewest blocks that make up an interval of addresses, ascending: at most twice the family's bits.
  public static func covering(_ interval: Interval<UInt128>, family: IPFamily) -> [CIDR] {
    var blocks: [CIDR] = []
    var next = interval.lower
    while true {
      let alignment = next == 0 ? family.bitWidth : min(next.trailingZeroBitCount, family.bitWidth)
      var hostBits = alignment
      while hostBits > 0 {
        let span: UInt128 = hostBits == 128 ? .max : (1 << UInt128(hostBits)) - 1
        if span <= interval.upper - next { break }
        hostBits -= 1
      }
      let block = CIDR(IPAddress(family, bits: next), prefixLength: family.bitWidth - hostBits)
      blocks.append(block)
      if block.interval.upper >= interval.upper { return blocks }
      next = block.interval.upper + 1
    }
  }
}

extension CIDR: CustomStringConvertible {
  /// The text `address/length`.
  public var description: String { "\(base)/\(prefixLength)" }

  /// The reasons for which a text is not a block of addresses.
  public enum Fault: Error, Sendable, Hashable {
    /// No `address/length` of either family.
    case malformed
    /// An octet or the length is written with leading zeros.
    case leadingZeros
    /// An IPv4-mapped block: `::ffff:a.b.c.d/n`.
    case ipv4Mapped
  }

  /// Reads `address/length`, with a flag that is true where the text had bits set beyond the prefix.
  ///
  /// - Parameter text: what a manifest says.
  /// - Returns: the block, with host bits cleared, and whether any were set.
  /// - Throws: `Fault`, by the API server's distinctions (`ValidateIPNetwork` of apimachinery).
  public static func parse(_ text: String) throws(Fault) -> (block: CIDR, hostBitsSet: Bool) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2 else { throw .malformed }
    let digits = parts[1].utf8
    guard !digits.isEmpty, digits.count <= 5, digits.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }),
      let length = Int(parts[1])
    else { throw .malformed }
    guard let address = IPAddress(String(parts[0])) else {
      throw hasLeadingZeros(parts[0]) ? .leadingZeros : .malformed
    }
    guard length <= address.family.bitWidth else { throw .malformed }
    if digits.count > 1, digits.first == 0x30 { throw .leadingZeros }
    if address.isIPv4Mapped { throw .ipv4Mapped }
    let block = CIDR(address, prefixLength: length)
    return (block, block.base != address)
  }

  /// True where the text is an IPv4 address but for zeros before its octets.
  private static func hasLeadingZeros(_ text: Substring) -> Bool {
    let octets = text.split(separator: ".", omittingEmptySubsequences: false)
    guard octets.count == 4 else { return false }
    return IPAddress(octets.map { String(Int($0) ?? -1) }.joined(separator: ".")) != nil
      && octets.allSatisfy { !$0.isEmpty }
  }
}
