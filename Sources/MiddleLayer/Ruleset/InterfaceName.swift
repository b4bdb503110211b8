public import Addresses

/// The names of network interfaces as numbers, which is how the kernel compares them: the bytes of the name,
/// the first one highest, zeros behind it up to 16 bytes. `eth*` is the range of all names that start so.
public enum InterfaceName {
  /// The number of a name, or the range of a name that ends in `*`; nil if it is empty or longer than 15 bytes.
  public static func interval(_ name: String) -> Interval<UInt128>? {
    var bytes = Array(name.utf8)
    let isPrefix = bytes.last == UInt8(ascii: "*")
    if isPrefix { bytes.removeLast() }
    guard !bytes.isEmpty, bytes.count <= 15, !bytes.contains(0) else { return nil }
    var lower: UInt128 = 0
    for index in 0..<16 { lower = lower << 8 | UInt128(index < bytes.count ? bytes[index] : 0) }
    guard isPrefix else { return Interval(lower) }
    return Interval(lower, lower | (UInt128.max >> UInt128(8 * bytes.count)))
  }

  /// The kind of bridges, as a number.
  public static let bridgeKind = UInt128(0x6272_6964_6765) << 80

  /// The name of a number, or `prefix*` of such a range; nil if it is neither.
  public static func name(_ interval: Interval<UInt128>) -> String? {
    var bytes: [UInt8] = []
    for index in 0..<16 {
      let byte = UInt8(truncatingIfNeeded: interval.lower >> UInt128(8 * (15 - index)))
      if byte == 0 { break }
      bytes.append(byte)
    }
    let plain = String(decoding: bytes, as: UTF8.self)
    for candidate in [plain, plain + "*"] where self.interval(candidate) == interval { return candidate }
    return nil
  }
}
