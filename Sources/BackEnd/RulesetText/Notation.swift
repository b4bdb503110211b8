import Addresses
import Ruleset

/// The notation of a field's values or of a set's key.
enum Notation: Sendable, Hashable {
  case ipv4
  case ipv6
  case networkProtocol
  case transportProtocol
  case port
  case mark
  case connectionState
  case connectionStatus
  case number
  case connectionDirection
  case icmp
  case icmpv6
  case interface
  case existence

  init(_ type: DataType) {
    switch type {
    case .ipv4Address: self = .ipv4
    case .ipv6Address: self = .ipv6
    case .inetProtocol: self = .transportProtocol
    case .inetService: self = .port
    case .mark: self = .mark
    case .ctState: self = .connectionState
    case .ctStatus: self = .connectionStatus
    case .integer: self = .number
    case .ctDirection: self = .connectionDirection
    case .icmpType: self = .icmp
    case .icmpv6Type: self = .icmpv6
    case .interfaceName, .interfaceKind: self = .interface
    case .existence: self = .existence
    }
  }

  init(_ field: Field) { self = field == .metaNFProto ? .networkProtocol : Notation(field.type) }

  /// The names of values that are printed by name.
  var printed: Symbols? {
    switch self {
    case .networkProtocol: .networkProtocols
    case .transportProtocol: .printedProtocols
    case .connectionState: .connectionStates
    case .connectionStatus: .connectionStatus
    case .connectionDirection: .connectionDirections
    case .icmp: .icmp
    case .icmpv6: .icmpv6
    case .existence: .existence
    case .ipv4, .ipv6, .port, .mark, .number, .interface: nil
    }
  }

  /// The names that are understood.
  var understood: Symbols? {
    switch self {
    case .transportProtocol: .protocols
    case .port: .services
    default: printed
    }
  }

  /// The largest value.
  var maximum: UInt128 {
    switch self {
    case .ipv4, .mark, .connectionState, .connectionStatus: UInt128(UInt32.max)
    case .ipv6, .interface: .max
    case .networkProtocol, .transportProtocol, .icmp, .icmpv6, .number: 255
    case .port: 65_535
    case .connectionDirection, .existence: 1
    }
  }

  /// The names of the field's bits, for fields that nft asks for any of several bits.
  var bits: Symbols? {
    switch self {
    case .connectionState: .connectionStates
    case .connectionStatus: .connectionStatus
    default: nil
    }
  }

  /// The family, for addresses.
  var family: IPFamily? {
    switch self {
    case .ipv4: .ipv4
    case .ipv6: .ipv6
    default: nil
    }
  }

  /// The length of the prefix that is exactly the interval, if it is an address block of more than one address.
  func prefixLength(_ interval: Interval<UInt128>) -> Int? {
    guard let family, interval.lower != interval.upper else { return nil }
    let host = interval.lower ^ interval.upper
    guard host & (host &+ 1) == 0, interval.lower & host == 0 else { return nil }
    return family.bitWidth - (host == .max ? 128 : (host + 1).trailingZeroBitCount)
  }
}
