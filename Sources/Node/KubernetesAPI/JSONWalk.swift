import JSONText

/// A walk over bytes of JSON that finds values without reading them.
///
/// It looks only for where values end. Bytes that are not JSON are refused by the reader of the values.
struct JSONWalk {
  private let bytes: UnsafeBufferPointer<UInt8>
  /// The next byte.
  private(set) var offset: Int

  /// A walk from an offset on.
  init(_ bytes: UnsafeBufferPointer<UInt8>, from offset: Int = 0) {
    self.bytes = bytes
    self.offset = offset
  }

  /// Moves over white space, and returns the byte that follows; nil at the end.
  mutating func peek() -> UInt8? {
    while offset < bytes.count, JSONTokens.isSpace(bytes[offset]) { offset += 1 }
    return offset < bytes.count ? bytes[offset] : nil
  }

  /// Moves over one byte where it is the next one behind white space.
  mutating func take(_ byte: Character) -> Bool {
    guard peek() == byte.asciiValue else { return false }
    offset += 1
    return true
  }

  /// Moves over a string, and returns the bytes between its quotation marks, escapes as they stand.
  mutating func string() -> Range<Int>? {
    guard take("\"") else { return nil }
    let start = offset
    guard case .closed(let end, _) = JSONTokens.end(ofString: bytes, from: start) else { return nil }
    offset = end + 1
    return start..<end
  }

  /// Moves over a value of any kind, and returns where it stands.
  mutating func value() -> Range<Int>? {
    guard let first = peek() else { return nil }
    let start = offset
    switch first {
    case UInt8(ascii: "\""): return string() == nil ? nil : start..<offset
    case UInt8(ascii: "{"), UInt8(ascii: "["):
      var depth = NestingDepth()
      guard let end = depth.end(in: bytes, from: offset) else { return nil }
      offset = end
      return start..<end
    default:
      while offset < bytes.count, !Self.endsScalar(bytes[offset]) { offset += 1 }
      return offset == start ? nil : start..<offset
    }
  }

  /// Moves to the next member of the object that was entered, behind its colon; nil at the object's end, or where the
  /// bytes are no object.
  mutating func nextKey() -> Range<Int>? {
    _ = take(",")
    guard let key = string(), take(":") else { return nil }
    return key
  }

  /// True where bytes between quotation marks are a text without escapes.
  func matches(_ range: Range<Int>, _ text: StaticString) -> Bool {
    range.count == text.utf8CodeUnitCount
      && text.withUTF8Buffer { $0.elementsEqual(bytes[range]) }
  }

  /// The bytes between quotation marks as text; nil where they hold an escape or are no UTF-8.
  func text(_ range: Range<Int>) -> String? {
    let slice = UnsafeBufferPointer(rebasing: bytes[range])
    if slice.contains(UInt8(ascii: "\\")) { return nil }
    return String(validating: slice, as: UTF8.self)
  }

  private static func endsScalar(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: ","), UInt8(ascii: "}"), UInt8(ascii: "]"): true
    default: JSONTokens.isSpace(byte)
    }
  }
}

/// The depth of a place in an object or list, kept from one chunk of bytes to the next.
struct NestingDepth {
  private var depth = 0
  private var isInString = false
  private var isEscaped = false

  /// Goes on until the outermost object or list ends.
  ///
  /// - Returns: the offset behind its last byte; nil where the bytes end before.
  mutating func end(in bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int? {
    var offset = start
    let count = bytes.count
    while offset < count {
      if isInString {
        offset = endOfString(in: bytes, from: offset)
        continue
      }
      switch bytes[offset] {
      case UInt8(ascii: "\""): isInString = true
      case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        depth -= 1
        if depth == 0 { return offset + 1 }
      default: break
      }
      offset += 1
    }
    return nil
  }

  @inline(__always)
  private mutating func endOfString(in bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
    var offset = start
    let count = bytes.count
    if isEscaped, offset < count {
      isEscaped = false
      offset += 1
    }
    while offset < count {
      let byte = bytes[offset]
      offset += 1
      if byte == UInt8(ascii: "\"") {
        isInString = false
        return offset
      }
      if byte == UInt8(ascii: "\\") {
        if offset == count {
          isEscaped = true
          return offset
        }
        offset += 1
      }
    }
    return offset
  }
}
