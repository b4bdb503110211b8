/// A set of protocol numbers, 0 to 255.
public struct ProtocolSet: Sendable, Hashable {
  private var low: UInt128
  private var high: UInt128

  private init(low: UInt128, high: UInt128) {
    self.low = low
    self.high = high
  }

  /// The empty set.
  public static let nothing = ProtocolSet(low: 0, high: 0)
  /// All 256 protocols.
  public static let everything = ProtocolSet(low: .max, high: .max)

  /// True where the protocol is in the set; setting it puts it in or takes it out.
  public subscript(transport: UInt8) -> Bool {
    get {
      let word = transport < 128 ? low : high
      return word >> UInt128(transport & 127) & 1 == 1
    }
    set {
      let bit = UInt128(1) << UInt128(transport & 127)
      if transport < 128 {
        low = newValue ? low | bit : low & ~bit
      } else {
        high = newValue ? high | bit : high & ~bit
      }
    }
  }

  /// The number of protocols in the set.
  public var count: Int { low.nonzeroBitCount + high.nonzeroBitCount }

  /// Protocol by protocol, both bits through `operation`, which works on whole words.
  func combined(_ other: ProtocolSet, _ operation: (UInt128, UInt128) -> UInt128) -> ProtocolSet {
    ProtocolSet(low: operation(low, other.low), high: operation(high, other.high))
  }
}
