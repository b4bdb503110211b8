import Addresses
import KernelProgram
import Ruleset

/// The origin of one byte of a register, and what `bitwise` made of it: (byte and `mask`) xor `flip`.
struct RegisterByte {
  enum Origin: Hashable {
    /// A byte that no instruction has written.
    case nothing
    /// Zero behind a value that does not fill its register.
    case zero
    /// A byte of a part of the packet.
    case packet(PayloadBase, Int)
    /// A byte of a property of the packet.
    case meta(MetaKey, Int)
    /// A byte of a property of the connection.
    case connection(ConnectionKey, Int)
    /// A byte of a route.
    case route
    /// A byte of the answer to the question for a route to the packet's source by the interface it came by.
    case sourceRoute(Int)
  }
  var origin = Origin.nothing
  var mask: UInt8 = 0xff
  var flip: UInt8 = 0

  var isWhole: Bool { mask == 0xff && flip == 0 }
}

/// Neighbouring bytes of a register that come from one field of the packet.
struct FieldRun {
  let field: Field
  /// The place of the first of the bytes in the field.
  let offset: Int
  var bytes: [RegisterByte]

  /// The width of the field in bytes.
  var width: Int { field.byteCount }

  /// True where the bytes are the first of the field, as they are.
  var isPlain: Bool { offset == 0 && bytes.allSatisfy(\.isWhole) }

  /// The values of the field for which the bytes are `value`.
  ///
  /// - Throws: where they are too many intervals.
  func values(equalTo value: ArraySlice<UInt8>) throws(Lookups.UndecidedText) -> [Interval<UInt128>] {
    var fixed: UInt128 = 0
    var asked: UInt128 = 0
    for (place, (byte, number)) in zip(bytes, value).enumerated() {
      let wanted = number ^ byte.flip
      if wanted & ~byte.mask != 0 { return [] }
      let shift = UInt128((width - 1 - offset - place) * 8)
      fixed |= UInt128(wanted) << shift
      asked |= UInt128(byte.mask) << shift
    }
    let most: UInt128 = width == 16 ? .max : 1 << UInt128(width * 8) - 1
    let free = most & ~asked
    // The free bits at the end make an interval, those before it alternatives.
    let tail = free == most ? most : (asked & (0 &- asked)) - 1
    let holes = (0..<(width * 8)).map { UInt128(1) << UInt128($0) }.filter { $0 & free & ~tail != 0 }
    guard holes.count <= 8 else {
      throw Lookups.UndecidedText(text: "a mask on \(field.rawValue) is not modelled")
    }
    return (0..<(1 << holes.count)).map { choice in
      let base = holes.enumerated().reduce(fixed) { choice >> $1.offset & 1 == 1 ? $0 | $1.element : $0 }
      return Interval(base, base | tail)
    }.sorted()
  }

  /// The interval of the field's values whose first bytes lie between two numbers.
  func interval(_ lower: UInt128, _ upper: UInt128) -> Interval<UInt128> {
    let shift = UInt128((width - bytes.count) * 8)
    return Interval(lower << shift, upper << shift | (shift == 0 ? 0 : 1 << shift - 1))
  }
}

extension Field {
  /// The length of the field's value in the kernel, in bytes.
  var byteCount: Int {
    switch type {
    case .inetProtocol, .ctDirection, .icmpType, .icmpv6Type, .integer: 1
    case .inetService: 2
    case .ipv4Address, .mark, .ctState, .ctStatus, .existence: 4
    case .ipv6Address, .interfaceName, .interfaceKind: 16
    }
  }
}

extension [UInt8] {
  /// The bytes as a number, the first highest; nil where they are more than 16.
  var number: UInt128? { count > 16 ? nil : reduce(0) { $0 << 8 | UInt128($1) } }
}
