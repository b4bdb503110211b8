public import Ruleset

/// A place for 4 bytes among the kernel's 16 registers of a rule, counted from 0. Longer values go on in the next ones.
///
/// Netlink numbers them twice: 1 to 4 for the places 0, 4, 8 and 12, and 8 to 23 for all.
public struct Register: Sendable, Hashable {
  /// The place, 0 to 15.
  public let place: Int

  /// A register by its place; nil where there is none.
  public init?(place: Int) {
    guard (0..<16).contains(place) else { return nil }
    self.place = place
  }

  /// A register by netlink's number; nil for 0, the verdict, and for what there is not.
  public init?(number: UInt32) {
    switch number {
    case 1...4: place = Int(number - 1) * 4
    case 8...23: place = Int(number - 8)
    default: return nil
    }
  }

  /// The first register.
  public static let first = Register(checked: 0)

  private init(checked place: Int) { self.place = place }
}

/// The part of a packet that a `payload` instruction counts its offset from.
public enum PayloadBase: UInt32, Sendable, Hashable {
  /// The IPv4 or IPv6 header.
  case network = 1
  /// The transport header, after the network header and any IPv6 extension headers.
  case transport = 2
}

/// A property of a packet outside its bytes, by the kernel's number (`NFT_META_…`).
public enum MetaKey: UInt32, Sendable, Hashable {
  /// The packet mark, 4 bytes of the machine's order.
  case mark = 3
  /// The name of the interface that the packet came by, 16 bytes.
  case inputInterfaceName = 6
  /// The name of the interface that the packet goes by, 16 bytes.
  case outputInterfaceName = 7
  /// The kind of the interface that the packet came by, 16 bytes.
  case inputInterfaceKind = 26
  /// The network protocol, 1 byte: 2 for IPv4, 10 for IPv6.
  case networkProtocol = 15
  /// The transport protocol's number behind any extension headers, 1 byte.
  case transportProtocol = 16

  /// The length of the value in bytes.
  public var length: Int {
    switch self {
    case .mark: 4
    case .inputInterfaceName, .outputInterfaceName, .inputInterfaceKind: 16
    case .networkProtocol, .transportProtocol: 1
    }
  }
}

/// A property of a packet's connection, by the kernel's number (`NFT_CT_…`).
public enum ConnectionKey: UInt32, Sendable, Hashable {
  /// The state as bits, 4 bytes of the machine's order.
  case state = 0
  /// The packet's direction, 1 byte: 0 original, 1 reply. Without a connection the rule ends.
  case direction = 1
  /// The connection's status as bits, 4 bytes of the machine's order: 32 after destination translation.
  case status = 2
  /// The connection's mark, 4 bytes of the machine's order.
  case mark = 3

  /// The length of the value in bytes.
  public var length: Int { self == .direction ? 1 : 4 }
}

/// A comparison of register bytes with a constant, as unsigned numbers whose first byte is the highest.
public enum CompareOperator: UInt32, Sendable, Hashable {
  /// The same bytes.
  case equal = 0
  /// The bytes differ.
  case notEqual = 1
  /// A smaller number.
  case less = 2
  /// A number that is not greater.
  case lessOrEqual = 3
  /// A greater number.
  case greater = 4
  /// A number that is not smaller.
  case greaterOrEqual = 5
}

/// A named set, or an anonymous one, which is what it holds.
public indirect enum SetReference: Sendable, Hashable {
  /// A set of the same table by its name.
  case named(String)
  /// The only reference to a set without a name of its own.
  case anonymous(KernelSet)
}

/// One instruction of a rule, as the kernel executes it: in order, up to the first that gives a verdict or whose
/// condition fails. Attributes that change nothing for packets (counter values, handles) are left out.
public enum Instruction: Sendable, Hashable {
  /// `payload`: bytes of the packet into registers. Where the packet lacks them the rule ends.
  case payload(PayloadBase, offset: UInt32, length: UInt32, into: Register)
  /// `meta`: a property of the packet into registers.
  case meta(MetaKey, into: Register)
  /// `ct`: a property of the connection into registers.
  case connection(ConnectionKey, into: Register)
  /// `fib`: a look-up of a route for an address of the packet. `result` and `flags` are the kernel's numbers
  /// (`NFT_FIB_RESULT_…`, `NFTA_FIB_F_…`).
  case route(result: UInt32, flags: UInt32, into: Register)
  /// `bitwise`: (bytes and `mask`) xor `flip`.
  case bitwise(from: Register, into: Register, mask: [UInt8], flip: [UInt8])
  /// `byteorder`: units of `size` bytes turned around, as many whole ones as `length` holds.
  case byteOrder(from: Register, into: Register, length: UInt32, size: UInt32)
  /// `cmp`: a condition.
  case compare(Register, CompareOperator, [UInt8])
  /// `range`: a condition on a number between two, both included.
  case range(Register, isInverted: Bool, from: [UInt8], to: [UInt8])
  /// `lookup` in a set: a condition.
  case lookup(Register, SetReference, isInverted: Bool)
  /// `lookup` in a verdict map: the verdict of the element found; none found ends the rule.
  case verdictLookup(Register, SetReference)
  /// `immediate` of a verdict.
  case verdict(Verdict)
  /// The instruction `counter`.
  case counter
  /// `log` with the attributes that the kernel reports.
  case log(LogSettings)
  /// `limit`: a condition that holds for so many packets or bytes a time, or, inverted, beyond them.
  case limit(LimitSettings)
  /// `reject`: the packet is dropped and its sender gets an error. Type 0 is an ICMP error of the table's family, 1 a TCP reset, 2
  /// an ICMP error of the packet's family.
  case reject(type: UInt32, code: UInt8)
  /// An instruction that is not in this list, or not in a form of this list: never part of a proof.
  case unknown(String)

  /// The parts that part almost all instructions of one place in a rule; rules by the ten thousand are keys.
  public func hash(into hasher: inout Hasher) {
    switch self {
    case .compare(_, _, let bytes): hasher.combine(bytes)
    case .range(_, _, let first, let last):
      hasher.combine(first)
      hasher.combine(last)
    case .lookup(_, let set, _), .verdictLookup(_, let set):
      switch set {
      case .named(let name): hasher.combine(name)
      case .anonymous(let set): hasher.combine(set.elements.firstKey)
      }
    case .verdict(let verdict): hasher.combine(verdict.target)
    case .payload(let base, let offset, _, _): hasher.combine(base.rawValue << 16 | offset)
    case .meta, .connection, .route, .bitwise, .byteOrder, .counter, .log, .limit, .reject, .unknown: break
    }
  }
}

/// The attributes of a `log` instruction; nil for those that it does not have.
public struct LogSettings: Sendable, Hashable {
  /// The text before each line.
  public var prefix: String?
  /// The group of nflog; nil for the kernel log.
  public var group: UInt16?
  /// The number of bytes of each packet that go to the group.
  public var snapLength: UInt32?
  /// The number of packets that wait for the group's reader.
  public var queueThreshold: UInt16?
  /// The level of the kernel log.
  public var level: UInt32?
  /// Flags of the kernel log.
  public var flags: UInt32?

  /// Settings of a log instruction.
  public init(
    prefix: String? = nil, group: UInt16? = nil, snapLength: UInt32? = nil, queueThreshold: UInt16? = nil,
    level: UInt32? = nil, flags: UInt32? = nil
  ) {
    self.prefix = prefix
    self.group = group
    self.snapLength = snapLength
    self.queueThreshold = queueThreshold
    self.level = level
    self.flags = flags
  }
}

/// The attributes of a `limit` instruction.
public struct LimitSettings: Sendable, Hashable {
  /// Packets or bytes a unit of time.
  public var rate: UInt64
  /// The unit of time in seconds.
  public var unit: UInt64
  /// Packets or bytes beyond the rate at once.
  public var burst: UInt32
  /// True where bytes are counted, not packets.
  public var countsBytes: Bool
  /// True where the condition holds beyond the limit.
  public var isInverted: Bool

  /// Settings of a limit instruction.
  public init(
    rate: UInt64, unit: UInt64, burst: UInt32, countsBytes: Bool = false, isInverted: Bool = false
  ) {
    self.rate = rate
    self.unit = unit
    self.burst = burst
    self.countsBytes = countsBytes
    self.isInverted = isInverted
  }
}
