/// Bytes of netlink messages as they are made: numbers, texts, and attributes with what is in them.
package struct NetlinkWriter {
  /// The bytes so far.
  package private(set) var bytes: [UInt8] = []

  /// The bit of kinds whose content is attributes.
  package static let nested = NetlinkAttribute.nested

  /// A writer of no bytes.
  package init() {}

  /// Adds an attribute, whose content `body` writes, with its padding.
  ///
  /// - Parameters:
  ///   - kind: the attribute's kind, with `nested` where that is asked for.
  ///   - body: writes the content: 65,531 bytes at most.
  package mutating func attribute(_ kind: UInt16, _ body: (inout NetlinkWriter) -> Void) {
    let start = bytes.count
    bytes += [0, 0, 0, 0]
    body(&self)
    put(UInt16(truncatingIfNeeded: bytes.count - start), at: start)
    put(kind, at: start + 2)
    while bytes.count % 4 != 0 { bytes.append(0) }
  }

  /// Adds an attribute of some bytes.
  package mutating func attribute(_ kind: UInt16, _ content: some Sequence<UInt8>) {
    attribute(kind) { $0.append(content) }
  }

  /// Adds bytes as they are.
  package mutating func append(_ content: some Sequence<UInt8>) { bytes += content }

  /// Adds one byte.
  package mutating func append(byte: UInt8) { bytes.append(byte) }

  /// Adds a text with a zero at its end.
  package mutating func append(text: String) {
    bytes += text.utf8
    bytes.append(0)
  }

  /// Adds a number in the network's order.
  package mutating func append(bigEndian value: some FixedWidthInteger) {
    withUnsafeBytes(of: value.bigEndian) { bytes += $0 }
  }

  /// Adds a message: its header, in the machine's order, and what `body` writes.
  ///
  /// - Returns: the place of the message.
  @discardableResult
  mutating func message(
    _ type: UInt16, flags: UInt16, sequence: UInt32 = 0, _ body: (inout NetlinkWriter) -> Void
  ) -> Int {
    let start = bytes.count
    bytes += [UInt8](repeating: 0, count: 16)
    body(&self)
    put(UInt32(truncatingIfNeeded: bytes.count - start), at: start)
    put(type, at: start + 4)
    // A request.
    put(flags | 1, at: start + 6)
    put(sequence, at: start + 8)
    return start
  }

  /// Adds flags to those of a message.
  mutating func add(flags: UInt16, toMessageAt start: Int) {
    put(NetlinkBytes(bytes).machine16(start + 6) | flags, at: start + 6)
  }

  /// Puts a number in the machine's order where there are bytes already.
  mutating func put<Number: FixedWidthInteger>(_ value: Number, at place: Int) {
    withUnsafeBytes(of: value) { bytes.replaceSubrange(place..<place + $0.count, with: $0) }
  }
}
