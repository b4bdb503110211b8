import Addresses
import Ruleset

extension DataType {
  /// The length of a value in bytes, without padding.
  var byteCount: Int {
    switch self {
    case .inetProtocol, .ctDirection, .icmpType, .icmpv6Type, .integer: 1
    case .inetService: 2
    case .ipv4Address, .mark, .ctState, .ctStatus, .existence: 4
    case .ipv6Address, .interfaceName, .interfaceKind: 16
    }
  }

  /// True where the kernel keeps values in the machine's byte order. One byte has none, but libnftables turns
  /// it too.
  var isMachineOrder: Bool {
    switch self {
    case .inetProtocol, .ctDirection, .mark, .ctState, .ctStatus, .existence: true
    case .ipv4Address, .ipv6Address, .inetService, .icmpType, .icmpv6Type, .interfaceName, .interfaceKind,
      .integer:
      false
    }
  }

  /// The bytes of a value as they stand in a register.
  func bytes(_ value: UInt128, inNetworkOrder: Bool) -> [UInt8] {
    let count = byteCount
    let ordered = (0..<count).map { UInt8(truncatingIfNeeded: value >> UInt128((count - 1 - $0) * 8)) }
    return isMachineOrder && !inNetworkOrder && UInt16(littleEndian: 1) == 1 ? ordered.reversed() : ordered
  }
}

/// Turns the values of keys into numbers of their bytes: those of the machine's order change, unless ranges need an order
/// that is the numbers' own.
struct RawKeys {
  private let swapped: [Bool]
  private let types: [DataType]

  init(_ types: [DataType], isInterval: Bool) {
    self.types = types
    swapped = types.map { $0.isMachineOrder && $0.byteCount > 1 && !isInterval }
  }

  func raw(_ keys: [ElementKey]) -> [ElementKey] { swapped.contains(true) ? keys.map(raw) : keys }

  func raw(_ elements: [VerdictElement]) -> [VerdictElement] {
    swapped.contains(true) ? elements.map { VerdictElement(raw($0.key), $0.verdict) } : elements
  }

  private func raw(_ key: ElementKey) -> ElementKey {
    switch key {
    case .single(let interval): return .single(raw(interval, 0))
    case .concatenation(let fields):
      return .concatenation(
        fields.enumerated().map { $0.offset < types.count ? raw($0.element, $0.offset) : $0.element })
    }
  }

  private func raw(_ interval: Interval<UInt128>, _ field: Int) -> Interval<UInt128> {
    guard swapped[field] else { return interval }
    let bytes = types[field].bytes(interval.lower, inNetworkOrder: false)
    return Interval(bytes.reduce(0) { $0 << 8 | UInt128($1) })
  }
}
