import Addresses
import Ruleset

/// Single words as values.
extension Notation {
  /// A value, range or prefix that is one word.
  func parse(_ word: ArraySlice<UInt8>) -> Interval<UInt128>? {
    switch self {
    case .ipv4:
      var at = word.startIndex
      guard let lower = dottedQuad(word, &at) else { return nil }
      if at == word.endIndex { return Interval(lower) }
      if word[at] == UInt8(ascii: "/") { return block(lower, .ipv4, word[(at + 1)...]) }
      guard word[at] == UInt8(ascii: "-") else { return nil }
      at += 1
      guard let upper = dottedQuad(word, &at), at == word.endIndex, lower <= upper else { return nil }
      return Interval(lower, upper)
    case .ipv6:
      if let slash = word.firstIndex(of: UInt8(ascii: "/")) {
        guard let base = ipv6(word[..<slash]) else { return nil }
        return block(base, .ipv6, word[(slash + 1)...])
      }
      guard let dash = word.firstIndex(of: UInt8(ascii: "-")) else { return ipv6(word).map { Interval($0) } }
      guard let lower = ipv6(word[..<dash]), let upper = ipv6(word[(dash + 1)...]), lower <= upper else {
        return nil
      }
      return Interval(lower, upper)
    case .interface: return InterfaceName.interval(String(decoding: word, as: UTF8.self))
    default:
      if let value = scalar(word) { return Interval(value) }
      if let slash = word.firstIndex(of: UInt8(ascii: "/")) {
        guard let base = scalar(word[..<slash]) else { return nil }
        return aligned(base, word[(slash + 1)...])
      }
      guard let dash = word.firstIndex(of: UInt8(ascii: "-")), let lower = number(word[..<dash]),
        let upper = number(word[(dash + 1)...]), lower <= upper
      else { return nil }
      return Interval(lower, upper)
    }
  }

  /// A number or a name.
  private func scalar(_ word: ArraySlice<UInt8>) -> UInt128? {
    number(word) ?? understood?.number(String(decoding: word, as: UTF8.self))
  }

  /// nft lists ranges of marks too as prefixes, where they are aligned: `0x5e96e700/26`.
  private func aligned(_ base: UInt128, _ length: ArraySlice<UInt8>) -> Interval<UInt128>? {
    let width = maximum.bitWidth - maximum.leadingZeroBitCount
    guard let length = Notation.port.number(length), length <= UInt128(width) else { return nil }
    let rest = (UInt128(1) << (UInt128(width) - length)) - 1
    return Interval(base & ~rest, base | rest)
  }

  private func dottedQuad(_ word: ArraySlice<UInt8>, _ at: inout Int) -> UInt128? {
    var bits: UInt32 = 0
    for octetIndex in 0..<4 {
      if octetIndex > 0 {
        guard at < word.endIndex, word[at] == UInt8(ascii: ".") else { return nil }
        at += 1
      }
      var octet: UInt32 = 0
      let start = at
      while at < word.endIndex, at - start < 3, case let digit = word[at] &- UInt8(ascii: "0"), digit < 10 {
        octet = octet * 10 + UInt32(digit)
        at += 1
      }
      guard at > start, octet <= 255 else { return nil }
      bits = bits << 8 | octet
    }
    return UInt128(bits)
  }

  private func ipv6(_ word: ArraySlice<UInt8>) -> UInt128? {
    guard let address = IPAddress(String(decoding: word, as: UTF8.self)), address.family == .ipv6 else {
      return nil
    }
    return address.bits
  }

  private func block(_ base: UInt128, _ family: IPFamily, _ length: ArraySlice<UInt8>) -> Interval<UInt128>? {
    guard let length = Notation.port.number(length), length <= UInt128(family.bitWidth) else { return nil }
    return CIDR(IPAddress(family, bits: base), prefixLength: Int(length)).interval
  }

  /// A decimal or hexadecimal number that fits.
  private func number(_ word: ArraySlice<UInt8>) -> UInt128? {
    guard let first = word.first, first >= UInt8(ascii: "0"), first <= UInt8(ascii: "9"), word.count <= 40
    else {
      return nil
    }
    let text = String(decoding: word, as: UTF8.self)
    let value = text.hasPrefix("0x") ? UInt128(text.dropFirst(2), radix: 16) : UInt128(text)
    guard let value, value <= maximum else { return nil }
    return value
  }
}
