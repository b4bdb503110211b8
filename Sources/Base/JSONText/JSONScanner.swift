/// The place and the reason at which a text is not JSON, or not of the expected shape.
public struct JSONFailure: Error, Sendable, Hashable {
  /// The place, in bytes from the start.
  public let offset: Int
  /// The defect in one clause.
  public let message: String

  /// A failure at a place.
  public init(_ message: String, at offset: Int) {
    self.offset = offset
    self.message = message
  }
}

/// Reads JSON value by value, strictly as RFC 8259 has it, out of bytes in memory.
///
/// The caller asks for what it expects; a value that does not interest is skipped. Text that ends too soon is
/// always an error.
public struct JSONScanner: Sendable {
  /// The kinds of a JSON value, known from its first byte.
  public enum Kind: Sendable, Hashable {
    /// An object: `{`.
    case object
    /// An array: `[`.
    case array
    /// A string: `"`.
    case string
    /// A JSON number.
    case number
    /// `true` or `false`.
    case bool
    /// The literal `null`.
    case null
  }

  /// Nesting beyond this is refused, so that no input can exhaust the stack.
  public static let depthLimit = 256

  /// The text, and a zero behind it so that looking ahead needs no check.
  private let bytes: [UInt8]
  /// The next byte.
  public private(set) var offset = 0

  /// Reads from the start of the text.
  public init(_ text: String) { bytes = Array(text.utf8) + [0] }

  /// The bytes from one place to another, as text.
  public func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

  /// Goes back, or ahead, to a place where a value starts.
  public mutating func move(to offset: Int) { self.offset = offset }

  private mutating func skipSpace() {
    while JSONTokens.isSpace(bytes[offset]) { offset += 1 }
  }

  /// A failure here.
  public func failure(_ message: String, at offset: Int? = nil) -> JSONFailure {
    JSONFailure(message, at: offset ?? self.offset)
  }

  private func unexpected(_ expected: String) -> JSONFailure {
    failure(
      offset >= bytes.count - 1
        ? "the text ends where \(expected) was expected: it was cut off" : "expected \(expected)")
  }

  /// The kind of the next value.
  ///
  /// - Throws: `JSONFailure` where the text is not JSON here, or another kind of value follows.
  public mutating func kind() throws(JSONFailure) -> Kind {
    skipSpace()
    guard let kind = JSONTokens.kind(of: bytes[offset]) else { throw unexpected("a value") }
    return kind
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    skipSpace()
    guard bytes[offset] == byte else { return false }
    offset += 1
    return true
  }

  /// Goes into an array.
  ///
  /// - Throws: `JSONFailure` where the text is not JSON here, or another kind of value follows.
  public mutating func openArray() throws(JSONFailure) {
    guard take(UInt8(ascii: "[")) else { throw unexpected("“[”") }
  }

  /// True where another item comes; `first` for the first one. Goes over the comma, or over the end.
  ///
  /// - Throws: `JSONFailure` where the text is not JSON here, or another kind of value follows.
  public mutating func nextItem(first: inout Bool) throws(JSONFailure) -> Bool {
    if take(UInt8(ascii: "]")) { return false }
    if first {
      first = false
    } else if !take(UInt8(ascii: ",")) {
      throw unexpected("“,” or “]”")
    }
    skipSpace()
    if bytes[offset] == UInt8(ascii: "]") { throw failure("expected a value") }
    return true
  }

  /// Goes into an object.
  ///
  /// - Throws: `JSONFailure` where the text is not JSON here, or another kind of value follows.
  public mutating func openObject() throws(JSONFailure) {
    guard take(UInt8(ascii: "{")) else { throw unexpected("“{”") }
  }

  /// The next key, or nil at the end; `first` for the first one.
  ///
  /// - Throws: `JSONFailure` where the text is not JSON here, or another kind of value follows.
  public mutating func nextKey(first: inout Bool) throws(JSONFailure) -> String? {
    if take(UInt8(ascii: "}")) { return nil }
    if first {
      first = false
    } else if !take(UInt8(ascii: ",")) {
      throw unexpected("“,” or “}”")
    }
    let key = try string()
    guard take(UInt8(ascii: ":")) else { throw unexpected("“:”") }
    return key
  }

  /// Reads a string.
  ///
  /// - Throws: `JSONFailure` where the text is not JSON here, or another kind of value follows.
  public mutating func string() throws(JSONFailure) -> String {
    let (content, hasEscapes) = try stringContent()
    if !hasEscapes { return text(content) }
    let (invalid, resolved) = bytes[content].withUnsafeBufferPointer { content in
      (JSONTokens.firstInvalid(content), JSONTokens.resolve(content))
    }
    if let invalid { throw failure("expected an escape", at: content.lowerBound + invalid) }
    if !resolved.isWhole { throw failure("half of a surrogate pair", at: content.lowerBound) }
    return String(decoding: resolved.text, as: UTF8.self)
  }

  /// The bytes of a string that has no escapes; nil, and no step, if it has some.
  ///
  /// - Throws: `JSONFailure` where the text is not JSON here, or another kind of value follows.
  public mutating func plainBytes() throws(JSONFailure) -> ArraySlice<UInt8>? {
    skipSpace()
    let start = offset
    let (content, hasEscapes) = try stringContent()
    if !hasEscapes { return bytes[content] }
    offset = start
    return nil
  }

  /// Goes over a string, whose content is between its quotation marks.
  private mutating func stringContent() throws(JSONFailure) -> (Range<Int>, hasEscapes: Bool) {
    guard take(UInt8(ascii: "\"")) else { throw unexpected("a string") }
    let start = offset
    let end = bytes.withUnsafeBufferPointer {
      JSONTokens.end(ofString: UnsafeBufferPointer(rebasing: $0.dropLast()), from: start)
    }
    switch end {
    case .closed(let close, let hasEscapes):
      offset = close + 1
      return (start..<close, hasEscapes)
    case .control(let place): offset = place
    case .missing: offset = bytes.count - 1
    }
    throw unexpected("the end of the string")
  }

  /// The text of a number.
  private mutating func numberText() throws(JSONFailure) -> Range<Int> {
    skipSpace()
    let start = offset
    let (count, fault) = bytes[start...].withUnsafeBufferPointer(JSONTokens.number)
    offset += count
    switch fault {
    case .leadingZero: throw failure("a number with leading zeros", at: start)
    case .noDigit: throw unexpected("a digit")
    case nil: return start..<offset
    }
  }

  /// A whole number that fits in 64 bits.
  ///
  /// - Throws: `JSONFailure` where the text is not JSON here, or another kind of value follows.
  public mutating func integer() throws(JSONFailure) -> Int64 {
    let range = try numberText()
    guard let value = Int64(text(range)) else {
      throw failure("expected a whole number", at: range.lowerBound)
    }
    return value
  }

  private mutating func literal(_ word: String) throws(JSONFailure) {
    skipSpace()
    for byte in word.utf8 {
      guard bytes[offset] == byte else { throw unexpected("“\(word)”") }
      offset += 1
    }
  }

  /// `true` or `false`.
  ///
  /// - Throws: `JSONFailure` where the text is not JSON here, or another kind of value follows.
  public mutating func bool() throws(JSONFailure) -> Bool {
    skipSpace()
    let value = bytes[offset] == UInt8(ascii: "t")
    try literal(value ? "true" : "false")
    return value
  }

  /// Reads the literal `null`.
  ///
  /// - Throws: `JSONFailure` where the text is not JSON here, or another kind of value follows.
  public mutating func null() throws(JSONFailure) { try literal("null") }

  /// Goes over a value of any kind.
  ///
  /// - Returns: its place in the bytes.
  /// - Throws: `JSONFailure` where the text is not JSON here, or nests too deep.
  @discardableResult public mutating func skip(depth: Int = 0) throws(JSONFailure) -> Range<Int> {
    guard depth < Self.depthLimit else { throw failure("nested too deeply") }
    let kind = try kind()
    let start = offset
    var first = true
    switch kind {
    case .object:
      try openObject()
      while try nextKey(first: &first) != nil { try skip(depth: depth + 1) }
    case .array:
      try openArray()
      while try nextItem(first: &first) { try skip(depth: depth + 1) }
    case .string: _ = try string()
    case .number: _ = try numberText()
    case .bool: _ = try bool()
    case .null: try null()
    }
    return start..<offset
  }

  /// Throws unless nothing but space follows.
  ///
  /// - Throws: `JSONFailure` where the text is not JSON here, or another kind of value follows.
  public mutating func expectEnd() throws(JSONFailure) {
    skipSpace()
    guard offset == bytes.count - 1 else { throw failure("more text behind the end") }
  }
}
