/// The tokenizer of JSON as RFC 8259 has it: white space, kinds of values, numbers, literals, strings and their escapes.
///
/// All readers of JSON use it: `JSONScanner` for texts in memory, the walk over an API server's stream, and the cursor of
/// manifests. The last has simdjson find where tokens begin, in files of hundreds of megabytes.
public enum JSONTokens {
  /// True for the four bytes that may stand between tokens: space, line feed, carriage return, tab.
  @inlinable @inline(__always)
  public static func isSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09
  }

  /// The kind of value that a byte begins; nil where none begins with it.
  public static func kind(of byte: UInt8) -> JSONScanner.Kind? {
    switch byte {
    case UInt8(ascii: "{"): .object
    case UInt8(ascii: "["): .array
    case UInt8(ascii: "\""): .string
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): .number
    case UInt8(ascii: "t"), UInt8(ascii: "f"): .bool
    case UInt8(ascii: "n"): .null
    default: nil
    }
  }

  /// The end of a string's content.
  public enum StringEnd: Sendable, Hashable {
    /// The offset of the closing quotation mark, and whether the content has a backslash.
    case closed(Int, hasEscapes: Bool)
    /// The offset of a control character, which a string must escape.
    case control(Int)
    /// The text ends before the string does.
    case missing
  }

  /// The end of the string whose content begins at `start`, behind the opening quotation mark. O(length). Escapes are
  /// passed over and not judged: see `firstInvalid`.
  public static func end(ofString bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> StringEnd {
    var index = start
    var hasEscapes = false
    while index < bytes.count {
      switch bytes[index] {
      case UInt8(ascii: "\""): return .closed(index, hasEscapes: hasEscapes)
      case UInt8(ascii: "\\"):
        hasEscapes = true
        index += 2
      case 0..<0x20: return .control(index)
      default: index += 1
      }
    }
    return .missing
  }

  /// True where the bytes are a number, `true`, `false` or `null`.
  public static func isAtom(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    guard let first = bytes.first else { return false }
    switch first {
    case UInt8(ascii: "t"): return same(bytes, "true")
    case UInt8(ascii: "f"): return same(bytes, "false")
    case UInt8(ascii: "n"): return same(bytes, "null")
    default: return isNumber(bytes)
    }
  }

  private static func same(_ bytes: UnsafeBufferPointer<UInt8>, _ literal: StaticString) -> Bool {
    bytes.count == literal.utf8CodeUnitCount
      && bytes.indices.allSatisfy { bytes[$0] == literal.utf8Start[$0] }
  }

  private static func isNumber(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    let number = number(bytes)
    return number.fault == nil && number.count == bytes.count
  }

  /// A defect of a number.
  public enum NumberFault: Sendable, Hashable {
    /// The integer has more than one digit, and the first is 0.
    case leadingZero
    /// A digit is missing behind the sign, the point or the exponent.
    case noDigit
  }

  /// The number that bytes begin with.
  ///
  /// - Parameter bytes: the text from the number's first byte on; whatever follows it ends it.
  /// - Returns: the bytes that belong to it, as far as it was read, and its defect.
  public static func number(_ bytes: UnsafeBufferPointer<UInt8>) -> (count: Int, fault: NumberFault?) {
    var index = 0
    func next() -> UInt8 { index < bytes.count ? bytes[index] : 0 }
    func digits() -> Int {
      let from = index
      while next() &- 0x30 < 10 { index += 1 }
      return index - from
    }
    if next() == UInt8(ascii: "-") { index = 1 }
    let whole = index
    let length = digits()
    if length == 0 { return (index, .noDigit) }
    if length > 1, bytes[whole] == 0x30 { return (index, .leadingZero) }
    if next() == UInt8(ascii: ".") {
      index += 1
      if digits() == 0 { return (index, .noDigit) }
    }
    if next() | 0x20 == UInt8(ascii: "e") {
      index += 1
      if next() == UInt8(ascii: "+") || next() == UInt8(ascii: "-") { index += 1 }
      if digits() == 0 { return (index, .noDigit) }
    }
    return (index, nil)
  }

  /// Where a string has a backslash that begins no escape of RFC 8259; nil where it has none.
  public static func firstInvalid(_ bytes: UnsafeBufferPointer<UInt8>) -> Int? {
    var index = 0
    while index < bytes.count {
      guard bytes[index] == UInt8(ascii: "\\") else {
        index += 1
        continue
      }
      guard index + 1 < bytes.count else { return index }
      switch bytes[index + 1] {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
        UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
        index += 2
      case UInt8(ascii: "u"):
        guard unit(bytes, index + 2) != nil else { return index }
        index += 6
      default: return index
      }
    }
    return nil
  }

  /// The text that a string with escapes stands for, UTF-8. Half a surrogate pair becomes U+FFFD, which no name or label
  /// may hold, as other readers of JSON have it; then `isWhole` is false.
  public static func resolve(_ bytes: UnsafeBufferPointer<UInt8>) -> (text: [UInt8], isWhole: Bool) {
    var result: [UInt8] = []
    var isWhole = true
    result.reserveCapacity(bytes.count)
    var index = 0
    while index < bytes.count {
      let byte = bytes[index]
      index += 1
      guard byte == UInt8(ascii: "\\"), index < bytes.count else {
        result.append(byte)
        continue
      }
      let escape = bytes[index]
      index += 1
      switch escape {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): result.append(escape)
      case UInt8(ascii: "b"): result.append(0x08)
      case UInt8(ascii: "f"): result.append(0x0c)
      case UInt8(ascii: "n"): result.append(0x0a)
      case UInt8(ascii: "r"): result.append(0x0d)
      case UInt8(ascii: "t"): result.append(0x09)
      case UInt8(ascii: "u"):
        let scalar = unicode(bytes, &index)
        isWhole = isWhole && scalar != nil
        append(scalar, to: &result)
      default:
        isWhole = false
        append(nil, to: &result)
      }
    }
    return (result, isWhole)
  }

  private static func append(_ scalar: Unicode.Scalar?, to result: inout [UInt8]) {
    result.append(contentsOf: String(scalar ?? "\u{fffd}").utf8)
  }

  /// The scalar behind `\u`, whose digits begin at `index`; two escapes where they are a surrogate pair.
  private static func unicode(_ bytes: UnsafeBufferPointer<UInt8>, _ index: inout Int) -> Unicode.Scalar? {
    guard let first = unit(bytes, index) else { return nil }
    index += 4
    guard (0xd800...0xdfff).contains(first) else { return Unicode.Scalar(first) }
    guard first < 0xdc00, index + 1 < bytes.count, bytes[index] == UInt8(ascii: "\\"),
      bytes[index + 1] == UInt8(ascii: "u"), let second = unit(bytes, index + 2),
      (0xdc00...0xdfff).contains(second)
    else { return nil }
    index += 6
    return Unicode.Scalar(0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00))
  }

  private static func unit(_ bytes: UnsafeBufferPointer<UInt8>, _ from: Int) -> UInt32? {
    guard from + 4 <= bytes.count else { return nil }
    var value: UInt32 = 0
    for index in from..<(from + 4) {
      let byte = bytes[index]
      let digit: UInt32
      switch byte {
      case 0x30...0x39: digit = UInt32(byte) - 0x30
      case 0x41...0x46: digit = UInt32(byte) - 0x41 + 10
      case 0x61...0x66: digit = UInt32(byte) - 0x61 + 10
      default: return nil
      }
      value = value << 4 | digit
    }
    return value
  }
}
