/// Writes JSON into a buffer of bytes, without line breaks unless asked for one.
///
/// The caller opens and closes; the writer puts the commas and escapes strings. What is written is well formed
/// when every `open` has its `close` and every value of an object follows its `key`.
public struct JSONWriter: Sendable {
  /// The bytes written so far, UTF-8.
  public private(set) var bytes: [UInt8] = []
  /// True where the next value or key is the first of its array or object, and needs no comma.
  private var isFirst = true

  /// A writer that has written nothing.
  public init() {}

  /// The text written so far.
  public var text: String { String(decoding: bytes, as: UTF8.self) }

  private mutating func separate() {
    if !isFirst { bytes.append(UInt8(ascii: ",")) }
    isFirst = false
  }

  /// Makes room for so many more bytes.
  public mutating func reserve(_ count: Int) { bytes.reserveCapacity(bytes.count + count) }

  /// Opens an array: `[`.
  public mutating func openArray() {
    separate()
    bytes.append(UInt8(ascii: "["))
    isFirst = true
  }

  /// Closes an array: `]`.
  public mutating func closeArray() {
    bytes.append(UInt8(ascii: "]"))
    isFirst = false
  }

  /// Opens an object: `{`.
  public mutating func openObject() {
    separate()
    bytes.append(UInt8(ascii: "{"))
    isFirst = true
  }

  /// Closes an object: `}`.
  public mutating func closeObject() {
    bytes.append(UInt8(ascii: "}"))
    isFirst = false
  }

  /// The key of the next value.
  public mutating func key(_ name: String) {
    string(name)
    bytes.append(UInt8(ascii: ":"))
    isFirst = true
  }

  /// A string, quoted and escaped.
  public mutating func string(_ value: String) {
    separate()
    bytes.append(UInt8(ascii: "\""))
    if value.utf8.allSatisfy({ $0 < 0x7f }) {
      for byte in value.utf8 { escape(byte) }
    } else {
      for scalar in value.unicodeScalars { escape(scalar) }
    }
    bytes.append(UInt8(ascii: "\""))
  }

  /// Appends a scalar; one that does not show as itself (a control or format character, a direction mark, a separator of
  /// lines) as its escape, which is the same string to a reader of JSON.
  private mutating func escape(_ scalar: Unicode.Scalar) {
    if scalar.value < 0x7f { return escape(UInt8(truncatingIfNeeded: scalar.value)) }
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator: break
    default:
      if !scalar.properties.isDefaultIgnorableCodePoint {
        bytes.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
        return
      }
    }
    for unit in UTF16.encode(scalar) ?? UTF16.encodedReplacementCharacter { escapeUnit(unit) }
  }

  private mutating func escapeUnit(_ unit: UInt16) {
    let digits = Array("0123456789abcdef".utf8)
    bytes.append(contentsOf: "\\u".utf8)
    for shift in [12, 8, 4, 0] { bytes.append(digits[Int(unit >> UInt16(shift) & 15)]) }
  }

  /// A string of bytes that need no escaping, which `write` appends.
  public mutating func plainString(_ write: (inout [UInt8]) -> Void) {
    separate()
    bytes.append(UInt8(ascii: "\""))
    write(&bytes)
    bytes.append(UInt8(ascii: "\""))
  }

  private mutating func escape(_ byte: UInt8) {
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"):
      bytes.append(UInt8(ascii: "\\"))
      bytes.append(byte)
    case UInt8(ascii: "\n"): bytes.append(contentsOf: "\\n".utf8)
    case UInt8(ascii: "\t"): bytes.append(contentsOf: "\\t".utf8)
    case UInt8(ascii: "\r"): bytes.append(contentsOf: "\\r".utf8)
    case 0..<0x20:
      let digits = Array("0123456789abcdef".utf8)
      bytes.append(contentsOf: "\\u00".utf8)
      bytes.append(digits[Int(byte >> 4)])
      bytes.append(digits[Int(byte & 15)])
    default: bytes.append(byte)
    }
  }

  /// A whole number.
  public mutating func number(_ value: some BinaryInteger) {
    separate()
    if value < 0 {
      bytes.append(contentsOf: String(value).utf8)
      return
    }
    var rest = value
    let start = bytes.count
    repeat {
      let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
      bytes.append(UInt8(ascii: "0") + UInt8(digit))
      rest = quotient
    } while rest != 0
    bytes[start...].reverse()
  }

  /// `true` or `false`.
  public mutating func bool(_ value: Bool) {
    separate()
    bytes.append(contentsOf: (value ? "true" : "false").utf8)
  }

  /// Writes the literal `null`.
  public mutating func null() {
    separate()
    bytes.append(contentsOf: "null".utf8)
  }

  /// A value that is JSON already.
  public mutating func raw(_ json: String) {
    separate()
    bytes.append(contentsOf: json.utf8)
  }

  /// A line break before the next value or key, or before the end.
  ///
  /// It comes after the comma: call it in place of nothing, between values only.
  public mutating func lineBreak() {
    if !isFirst {
      bytes.append(UInt8(ascii: ","))
      isFirst = true
    }
    bytes.append(UInt8(ascii: "\n"))
  }

  /// A line break that no value follows.
  public mutating func lastLineBreak() { bytes.append(UInt8(ascii: "\n")) }

  /// An array, whose values `body` writes.
  public mutating func array(_ body: (inout JSONWriter) -> Void) {
    openArray()
    body(&self)
    closeArray()
  }

  /// An object, whose keys and values `body` writes.
  public mutating func object(_ body: (inout JSONWriter) -> Void) {
    openObject()
    body(&self)
    closeObject()
  }
}
