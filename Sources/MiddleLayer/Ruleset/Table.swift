public import Addresses

/// A ruleset: tables of nftables objects as values. What it says is kernel state and nothing else; words for
/// readers are kept apart, in `Annotations`.
public struct Ruleset: Sendable, Equatable {
  /// The tables, in the order written.
  public var tables: [Table]

  /// A ruleset of the given tables.
  public init(_ tables: [Table]) { self.tables = tables }
}

/// A table: `table inet netpolc { … }`.
public struct Table: Sendable, Equatable {
  /// The packets that a table sees.
  public enum Family: String, Sendable, Hashable, CaseIterable {
    /// IPv4 and IPv6.
    case inet
    /// Packets of IPv4 only.
    case ip
    /// Packets of IPv6 only.
    case ip6
    /// Packets of the ARP protocol.
    case arp
    /// Frames of a bridge.
    case bridge
    /// Packets of a device, at ingress or egress.
    case netdev
  }

  /// The table's family, such as `inet`.
  public var family: Family
  /// The table's name, such as `netpolc`.
  public var name: String
  /// `flags dormant` and the like, as written; netpolc writes none.
  public var flags: [String]
  /// Sets, in print order.
  public var sets: [NamedSet]
  /// Verdict maps, in print order.
  public var maps: [VerdictMap]
  /// Chains, in print order.
  public var chains: [Chain]
  /// Objects of the table that this model has no word for (counters, flowtables …), as a reader found them.
  /// Verification never proves anything about a table that has some.
  public var unmodelled: [String]

  /// Creates a table.
  public init(
    _ family: Family, _ name: String, flags: [String] = [], sets: [NamedSet] = [], maps: [VerdictMap] = [],
    chains: [Chain] = [], unmodelled: [String] = []
  ) {
    self.family = family
    self.name = name
    self.flags = flags
    self.sets = sets
    self.maps = maps
    self.chains = chains
    self.unmodelled = unmodelled
  }
}

/// The type of one field of a set's key.
public enum DataType: String, Sendable, Hashable, CaseIterable {
  /// An IPv4 address.
  case ipv4Address = "ipv4_addr"
  /// An IPv6 address.
  case ipv6Address = "ipv6_addr"
  /// A protocol number of the IP header.
  case inetProtocol = "inet_proto"
  /// A transport port.
  case inetService = "inet_service"
  /// A packet mark.
  case mark = "mark"
  /// A connection's state.
  case ctState = "ct_state"
  /// A connection's status.
  case ctStatus = "ct_status"
  /// A number without a type of its own, of one byte.
  case integer = "integer"
  /// The kind of a network interface, as a name.
  case interfaceKind = "ifkind"
  /// 1 where something exists, 0 where it is missing.
  case existence = "boolean"
  /// A direction within a connection.
  case ctDirection = "ct_dir"
  /// A type of ICMPv6 message.
  case icmpv6Type = "icmpv6_type"
  /// A type of ICMP message.
  case icmpType = "icmp_type"
  /// A network interface's name.
  case interfaceName = "ifname"

  /// The largest value.
  public var maximum: UInt128 {
    switch self {
    case .ipv4Address, .mark, .ctState, .ctStatus: UInt128(UInt32.max)
    case .ipv6Address, .interfaceName, .interfaceKind: .max
    case .inetProtocol, .icmpv6Type, .icmpType, .integer: 255
    case .ctDirection, .existence: 1
    case .inetService: 65_535
    }
  }
}

/// The key of an element: one value or range for each field.
public enum ElementKey: Sendable, Hashable, Comparable {
  /// `10.0.0.1` or `10.0.0.0-10.0.0.9`.
  case single(Interval<UInt128>)
  /// `10.0.0.1 . tcp . 80`: two fields or more.
  case concatenation([Interval<UInt128>])

  /// A key of one value.
  public init(_ value: UInt128) { self = .single(Interval(value)) }

  /// The fields, first to last.
  public var fields: [Interval<UInt128>] {
    switch self {
    case .single(let field): [field]
    case .concatenation(let fields): fields
    }
  }

  /// Field by field.
  public static func < (left: ElementKey, right: ElementKey) -> Bool {
    if case .single(let a) = left, case .single(let b) = right { return a < b }
    return left.fields.lexicographicallyPrecedes(right.fields)
  }
}

/// The options of a set or map, such as `flags interval`.
public struct SetFlags: OptionSet, Sendable, Hashable {
  /// The bits of the set.
  public let rawValue: UInt8
  /// Flags of the given bits.
  public init(rawValue: UInt8) { self.rawValue = rawValue }
  /// Elements may be ranges.
  public static let interval = SetFlags(rawValue: 1)
  /// Elements cannot be changed while the set is bound.
  public static let constant = SetFlags(rawValue: 2)
  /// Elements vanish after a time. Not modelled by Verification.
  public static let timeout = SetFlags(rawValue: 4)
  /// Packets add elements. Not modelled by Verification.
  public static let dynamic = SetFlags(rawValue: 8)
}

/// `set web4 { type ipv4_addr; elements = { 10.0.0.1, 10.0.0.2 } }`
public struct NamedSet: Sendable, Equatable {
  /// The name, unique among sets and maps of the table.
  public var name: String
  /// The type of each field of the key.
  public var key: [DataType]
  /// The options, such as `flags interval`.
  public var flags: SetFlags
  /// True where `auto-merge` is set.
  public var autoMerge: Bool
  /// The elements, ascending, disjoint.
  public var elements: [ElementKey]

  /// Creates a set.
  public init(
    _ name: String, key: [DataType], flags: SetFlags = [], autoMerge: Bool = false,
    elements: [ElementKey] = []
  ) {
    self.name = name
    self.key = key
    self.flags = flags
    self.autoMerge = autoMerge
    self.elements = elements
  }
}

/// An element of a verdict map: `10.0.0.1 : jump web`.
public struct VerdictElement: Sendable, Hashable {
  /// The key of the element.
  public var key: ElementKey
  /// The effect on a packet with the key.
  public var verdict: Verdict

  /// Creates an element.
  public init(_ key: ElementKey, _ verdict: Verdict) {
    self.key = key
    self.verdict = verdict
  }
}

/// `map ingress4 { type ipv4_addr : verdict; elements = { 10.0.0.1 : jump web } }`
public struct VerdictMap: Sendable, Equatable {
  /// The name, unique among sets and maps of the table.
  public var name: String
  /// The type of each field of the key.
  public var key: [DataType]
  /// The options, such as `flags interval`.
  public var flags: SetFlags
  /// The elements, ascending by key, disjoint.
  public var elements: [VerdictElement]

  /// A verdict map.
  public init(_ name: String, key: [DataType], flags: SetFlags = [], elements: [VerdictElement] = []) {
    self.name = name
    self.key = key
    self.flags = flags
    self.elements = elements
  }
}
