import CSimdjson
import JSONText

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Walks over JSON documents, one after the other, strictly by RFC 8259.
///
/// simdjson finds the tokens of a window of about a megabyte, which ends at a newline: no JSON string holds one,
/// so no token crosses. The index stays in the cache, and memory does not grow with the file.
public struct JSONCursor: EventCursor, ~Copyable {
  enum Expectation: UInt8 {
    case document, value, firstKey, firstElement, commaOrEnd
  }

  /// The places of the source.
  public let map: SourceMap
  let bytes: UnsafePointer<UInt8>
  private let count: Int
  private let indexer: JSONIndexer
  var tokens: UnsafePointer<UInt32>?
  var tokenIndex = 0
  var tokenCount = 0
  var windowStart = 0
  private var windowEnd = 0

  var expectation = Expectation.document
  var depth = 0
  /// For each open container whether it is an object.
  let open: UnsafeMutablePointer<Bool>
  /// The text of the current key or scalar, quotes excluded.
  private var textStart = 0
  private var textEnd = 0
  private var isString = false
  /// Room for a text whose escapes are resolved.
  private var unescaped: UnsafeMutablePointer<UInt8>
  /// True where the string read last has escapes.
  private var hasEscapes = false
  private var unescapedCapacity = 256
  /// The offset of the current event, in bytes.
  public internal(set) var position = 0
  /// The first backslash at or behind the string read last, or the end of the window.
  private var nextBackslash = -1

  /// Bytes that are indexed at once.
  private static let window = 1 << 20

  /// A cursor before the first document of a source.
  public init(_ map: SourceMap, _ indexer: JSONIndexer) {
    self.indexer = indexer
    self.map = map
    bytes = map.start
    count = map.count
    unescaped = .allocate(capacity: 256)
    open = .allocate(capacity: deepestNesting + 1)
    open.initialize(repeating: false, count: deepestNesting + 1)
  }

  /// A cursor before an entry of a list, in the middle of the source. `containers` are those around it, outermost first:
  /// whether each is an object; the last is the list.
  public init(_ map: SourceMap, _ indexer: JSONIndexer, at entry: Int, inside containers: [Bool]) {
    self.init(map, indexer)
    for (index, isObject) in containers.enumerated() { open[index + 1] = isObject }
    depth = containers.count
    expectation = .value
    windowEnd = entry
  }

  /// The containers around the current entry of a list, whose start was the last event.
  public var openContainers: [Bool] { (1..<depth).map { open[$0] } }

  /// Moves from the start of an entry to before the entry at an offset, or behind the end of its list.
  public mutating func resume(at offset: Int, behindList: Bool) {
    (tokenIndex, tokenCount, nextBackslash) = (0, 0, -1)
    // The last event was the start of an entry.
    depth -= 1
    expectation = .value
    windowEnd = offset
    if behindList {
      windowEnd = offset + 1
      _ = close(offset, .arrayEnd)
    }
  }

  deinit {
    open.deallocate()
    unescaped.deallocate()
  }

  /// True for a number, `true`, `false` and `null`.
  public var isPlain: Bool { !isString }
  /// None: JSON has no additions.
  public var decoration: Decoration { .none }
  /// The byte offset of a position, which is the position itself.
  public func offset(of position: Int) -> Int { position }

  /// The kind of the current scalar by its notation.
  public var scalarKind: ScalarKind {
    if isString { return .string }
    switch bytes[textStart] {
    case UInt8(ascii: "n"): return .null
    case UInt8(ascii: "t"), UInt8(ascii: "f"): return .boolean
    default:
      for index in textStart..<textEnd {
        switch bytes[index] {
        case UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"): return .number
        default: continue
        }
      }
      return .integer
    }
  }

  /// The text of the current key or scalar, its escapes resolved.
  public var text: EventText {
    mutating get {
      let length = textEnd - textStart
      if isString, hasEscapes {
        let resolved = JSONTokens.resolve(
          UnsafeBufferPointer(start: bytes + textStart, count: length)
        ).text
        if resolved.count > unescapedCapacity {
          unescaped.deallocate()
          unescapedCapacity = resolved.count
          unescaped = .allocate(capacity: unescapedCapacity)
        }
        _ = UnsafeMutableBufferPointer(start: unescaped, count: unescapedCapacity).update(from: resolved)
        return EventText(start: UnsafePointer(unescaped), count: resolved.count)
      }
      return EventText(start: bytes + textStart, count: length)
    }
  }

  /// Moves to the next event.
  ///
  /// - Throws: where the source stops being JSON.
  public mutating func next() throws(SyntaxFault) -> Event {
    var at = try token()
    switch expectation {
    case .document:
      if at < 0 {
        position = count
        return .end
      }
    case .value:
      break
    case .firstKey:
      if at >= 0, bytes[at] == UInt8(ascii: "}") { return close(at, .objectEnd) }
      return try key(at)
    case .firstElement:
      if at >= 0, bytes[at] == UInt8(ascii: "]") { return close(at, .arrayEnd) }
    case .commaOrEnd:
      guard at >= 0 else { throw truncated() }
      let inObject = open[depth]
      let byte = bytes[at]
      if byte == UInt8(ascii: ",") {
        at = try token()
        if inObject { return try key(at) }
      } else if inObject, byte == UInt8(ascii: "}") {
        return close(at, .objectEnd)
      } else if !inObject, byte == UInt8(ascii: "]") {
        return close(at, .arrayEnd)
      } else {
        throw fault(inObject ? "expected ',' or '}'" : "expected ',' or ']'", at)
      }
    }
    guard at >= 0 else { throw truncated() }
    return try value(at)
  }

  /// Reads the current value with all that is in it.
  ///
  /// - Throws: where the source stops being JSON.
  public mutating func readNode(
    _ event: inout Event, _ field: String, _ context: inout NodeContext
  ) throws(SyntaxFault) -> SourceNode {
    try node(&event, field, depth: 0, &context)
  }

  /// Reads the member whose key is the current event.
  ///
  /// - Throws: where the source stops being JSON.
  public mutating func readMember(
    _ event: inout Event, _ field: String, into members: inout [SourceNode.Member],
    _ context: inout NodeContext
  ) throws(SyntaxFault) {
    try member(&event, field, depth: 0, into: &members, &context)
  }

  // MARK: Tokens

  /// The offset of the next token, or -1 at the end of the source.
  @inline(__always)
  private mutating func token() throws(SyntaxFault) -> Int {
    while tokenIndex == tokenCount {
      guard try fill() else { return -1 }
    }
    guard let tokens else { return -1 }
    defer { tokenIndex += 1 }
    return windowStart + Int(tokens[tokenIndex])
  }

  /// Where the text of the token read last ends, white space excluded.
  @inline(__always)
  private func endOfText() -> Int {
    var end = windowEnd
    if let tokens, tokenIndex < tokenCount { end = windowStart + Int(tokens[tokenIndex]) }
    while JSONTokens.isSpace(bytes[end - 1]) { end -= 1 }
    return end
  }

  /// Indexes the next window; false at the end.
  private mutating func fill() throws(SyntaxFault) -> Bool {
    windowStart = windowEnd
    guard windowStart < count else { return false }
    var end = min(windowStart + Self.window, count)
    if end < count {
      let newline = Int32(UInt8(ascii: "\n"))
      var last = end
      while last > windowStart, bytes[last - 1] != UInt8(ascii: "\n") { last -= 1 }
      if last > windowStart {
        end = last
      } else if let first = memchr(bytes + end, newline, count - end) {
        end = UnsafeRawPointer(first) - UnsafeRawPointer(bytes) + 1
      } else {
        end = count
      }
    }
    windowEnd = end
    tokenIndex = 0
    tokenCount = 0
    switch json_indexer_run(indexer.handle, bytes + windowStart, end - windowStart, &tokens, &tokenCount) {
    case JSON_INDEX_DONE: return true
    case JSON_INDEX_BAD_STRING: throw stringFault()
    case JSON_INDEX_INVALID_UTF8:
      let window = UnsafeBufferPointer(start: bytes + windowStart, count: windowEnd - windowStart)
      throw SyntaxFault(
        message: map.notUTF8, offset: windowStart + String.firstInvalidByte(window),
        id: "invalid-utf8")
    case JSON_INDEX_OUT_OF_MEMORY: throw fault("not enough memory for a line of this length", windowStart)
    default: throw fault("cannot be read as JSON", windowStart)
    }
  }

  // MARK: Grammar

  @inline(__always)
  private mutating func close(_ at: Int, _ event: Event) -> Event {
    position = at
    depth -= 1
    expectation = depth == 0 ? .document : .commaOrEnd
    return event
  }

  @inline(__always)
  private mutating func key(_ at: Int) throws(SyntaxFault) -> Event {
    guard at >= 0 else { throw truncated() }
    guard bytes[at] == UInt8(ascii: "\"") else { throw fault("expected a key in double quotes", at) }
    try string(at)
    let colon = try token()
    guard colon >= 0 else { throw truncated() }
    guard bytes[colon] == UInt8(ascii: ":") else { throw fault("expected ':'", colon) }
    expectation = .value
    return .key
  }

  @inline(__always)
  private mutating func string(_ at: Int) throws(SyntaxFault) {
    let end = endOfText()
    guard end - at >= 2, bytes[end - 1] == UInt8(ascii: "\"") else {
      throw fault("unexpected text after a string", at)
    }
    position = at
    textStart = at + 1
    textEnd = end - 1
    isString = true
    hasEscapes = hasBackslash(textStart, textEnd)
    if hasEscapes,
      let wrong = JSONTokens.firstInvalid(
        UnsafeBufferPointer(start: bytes + textStart, count: textEnd - textStart))
    {
      throw fault("not an escape of JSON", textStart + wrong)
    }
  }

  /// True where a backslash stands in a text of the window. Texts are asked for in ascending order, so that the window is
  /// searched once.
  @inline(__always)
  mutating func hasBackslash(_ start: Int, _ end: Int) -> Bool {
    if nextBackslash < start {
      let found = memchr(bytes + start, Int32(UInt8(ascii: "\\")), windowEnd - start)
      nextBackslash = found.map { UnsafeRawPointer($0) - UnsafeRawPointer(bytes) } ?? windowEnd
    }
    return nextBackslash < end
  }

  @inline(__always)
  private mutating func value(_ at: Int) throws(SyntaxFault) -> Event {
    switch bytes[at] {
    case UInt8(ascii: "\""):
      try string(at)
    case UInt8(ascii: "{"):
      try push(at, isObject: true)
      return .objectStart
    case UInt8(ascii: "["):
      try push(at, isObject: false)
      return .arrayStart
    default:
      let end = endOfText()
      guard JSONTokens.isAtom(UnsafeBufferPointer(start: bytes + at, count: end - at)) else {
        throw fault("expected a value", at)
      }
      position = at
      textStart = at
      textEnd = end
      isString = false
    }
    expectation = depth == 0 ? .document : .commaOrEnd
    return .scalar
  }

  private mutating func push(_ at: Int, isObject: Bool) throws(SyntaxFault) {
    guard depth < deepestNesting else {
      throw SyntaxFault(
        message: "nested deeper than \(deepestNesting) levels", offset: at, id: "nesting-too-deep")
    }
    position = at
    depth += 1
    open[depth] = isObject
    expectation = isObject ? .firstKey : .firstElement
  }

  // MARK: Faults

  @inline(never)
  private func fault(_ message: String, _ at: Int) -> SyntaxFault {
    SyntaxFault(message: message, offset: at, id: "json-syntax")
  }

  private func truncated() -> SyntaxFault { fault("the document ends too early", count) }

  /// Finds what is wrong with a string of the current window.
  private func stringFault() -> SyntaxFault {
    let window = UnsafeBufferPointer(start: bytes, count: windowEnd)
    var index = windowStart
    while index < windowEnd {
      guard bytes[index] == UInt8(ascii: "\"") else {
        index += 1
        continue
      }
      switch JSONTokens.end(ofString: window, from: index + 1) {
      case .closed(let end, _): index = end + 1
      case .missing: return fault("the string does not end", index)
      case .control(let place):
        return bytes[place] == UInt8(ascii: "\n") || bytes[place] == UInt8(ascii: "\r")
          ? fault("the string does not end on its line", index)
          : fault("a control character in a string must be escaped", place)
      }
    }
    return fault("the string does not end", windowStart)
  }
}
