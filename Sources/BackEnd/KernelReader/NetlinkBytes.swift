/// Something in a message that is not in the closed lists of what is known, in words.
struct UnknownPart: Error, Hashable {
  let text: String

  init(_ text: String) { self.text = text }
}

/// A stretch of the bytes of a netlink message. Numbers are of the network's byte order.
struct NetlinkBytes {
  let storage: [UInt8]
  let range: Range<Int>

  init(_ bytes: [UInt8]) { self.init(bytes, 0..<bytes.count) }

  /// A stretch of bytes; what of the range lies outside of them is left out.
  init(_ storage: [UInt8], _ range: Range<Int>) {
    self.storage = storage
    self.range = range.clamped(to: 0..<storage.count)
  }

  var count: Int { range.count }
  var isEmpty: Bool { range.isEmpty }
  var array: [UInt8] { Array(storage[range]) }

  /// The bytes as a number, the first highest; at most 16 count.
  var number: UInt128 {
    var result: UInt128 = 0
    if count <= 8 {
      var short: UInt64 = 0
      for place in range { short = short << 8 | UInt64(storage[place]) }
      return UInt128(short)
    }
    for place in range { result = result << 8 | UInt128(storage[place]) }
    return result
  }

  /// A number of exactly so many bytes.
  func number<Value: FixedWidthInteger>(_ type: Value.Type, of name: @autoclosure () -> String)
    throws(UnknownPart) -> Value
  {
    guard count == Value.bitWidth / 8 else { throw UnknownPart("\(name()) has \(count) bytes") }
    return Value(truncatingIfNeeded: number)
  }

  /// A text that ends with a zero byte and has none before.
  func text(of name: @autoclosure () -> String) throws(UnknownPart) -> String {
    guard let last = range.last, storage[last] == 0, !storage[range.lowerBound..<last].contains(0) else {
      throw UnknownPart("\(name()) is no text")
    }
    guard let text = String(validating: storage[range.lowerBound..<last], as: UTF8.self) else {
      throw UnknownPart("\(name()) is no UTF-8")
    }
    return text
  }

  /// The next attribute behind `place`, which moves behind it; nil at the end of the stretch.
  ///
  /// - Throws: where the rest is no attribute.
  @inline(__always)
  func nextAttribute(at place: inout Int) throws(UnknownPart) -> NetlinkAttribute? {
    guard place < range.upperBound else { return nil }
    guard range.upperBound - place >= 4 else { throw UnknownPart("bytes behind the last attribute") }
    let length = Int(machine16(place))
    // The kernel pads every attribute to 4 bytes, the last one too.
    guard length >= 4, (length + 3) & ~3 <= range.upperBound - place else {
      throw UnknownPart("an attribute of \(length) bytes in \(range.upperBound - place)")
    }
    let kind = machine16(place + 2)
    let content = NetlinkBytes(storage, (place + 4)..<(place + length))
    place += (length + 3) & ~3
    return NetlinkAttribute(kind: kind, content: content)
  }

  /// A number of two bytes in the machine's order, as netlink's own headers have it.
  @inline(__always)
  func machine16(_ place: Int) -> UInt16 {
    let (first, second) = (UInt16(storage[place]), UInt16(storage[place + 1]))
    return UInt16(littleEndian: 1) == 1 ? second << 8 | first : first << 8 | second
  }

  /// A number of four bytes in the machine's order.
  func machine32(_ place: Int) -> UInt32 {
    let (first, second) = (UInt32(machine16(place)), UInt32(machine16(place + 2)))
    return UInt16(littleEndian: 1) == 1 ? second << 16 | first : first << 16 | second
  }
}

/// An attribute of a netlink message: its kind, flags included, and its content.
struct NetlinkAttribute {
  let kind: UInt16
  let content: NetlinkBytes

  /// The bit of kinds whose content is attributes; most of nf_tables leaves it out.
  static let nested: UInt16 = 0x8000
}
