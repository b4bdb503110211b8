/// Reads the YAML that programs write, many times faster than libyaml: blocks of keys and entries, scalars that end on
/// their line, literal texts, `{}` and `[]`, in ASCII without tabs.
///
/// It reads nothing in a way of its own: each event is the one that libyaml would give, with the same place. At the first
/// line that it does not know, a mistake included, it stops, and libyaml reads the source instead. A line's events
/// are given only when the line behind it is known too, since libyaml looks ahead by one token and may fail there.
struct BlockScanner: ~Copyable {
  /// The ways to write a scalar: as it is meant, with escapes, with doubled quotes, or as indented lines.
  enum Notation: UInt8 { case plain, quoted, escaped, doubled, literal }

  /// An event with its place and its text.
  struct Token {
    var event: Event
    var position: Int
    var notation = Notation.quoted
    /// The bytes of the text as it is written, without quotes.
    var start = 0
    var count = 0
    /// Of a literal text: the columns that each line is indented, and whether the last line's end belongs to it.
    var indent = 0
    var keepsLastBreak = false
  }

  /// An object or a list that is open at the end of what was scanned.
  struct Container {
    var isList: Bool
    /// The column of its keys or dashes.
    var indent: Int
    /// A list in the column of its own key.
    var isInColumnOfKey = false
    /// A key or a dash was there and no value yet, and where an empty value would stand.
    var awaitsValue = false
    var mark = 0
  }

  /// More levels are for libyaml, and for the limit of its cursor.
  static let deepest = 256
  /// libyaml wants the colon of a key within 1,024 characters.
  static let longestKey = 1_000

  let bytes: UnsafePointer<UInt8>
  let end: Int
  /// Where scanning goes on: the beginning of a line.
  var cursor = 0
  var containers: [Container] = []
  /// The present document began with `---`, and something of it was read.
  var isExplicit = false
  var hasContent = false
  /// The events of the last line that was scanned.
  var scanned: [Token] = []
  var isFinished = false
  private var ready: [Token] = []
  private var next = 0
  /// The event that was given last, and how many were.
  private(set) var current = Token(event: .end, position: 0)
  private(set) var given = 0
  /// Memory for a text that is not written as it is meant.
  private var decoded: UnsafeMutableBufferPointer<UInt8>
  private var decodedCount = 0

  /// A scanner of the bytes from a pointer on, which stay where they are.
  init(_ bytes: UnsafePointer<UInt8>, count: Int) {
    self.bytes = bytes
    end = count
    decoded = .allocate(capacity: 256)
  }

  deinit { decoded.deallocate() }

  /// True where a source holds no bytes that only libyaml knows.
  static func knowsBytes(of source: UnsafeBufferPointer<UInt8>) -> Bool {
    guard let start = UnsafeRawPointer(source.baseAddress) else { return true }
    var index = 0
    while index + 32 <= source.count {
      let block = start.loadUnaligned(fromByteOffset: index, as: SIMD32<UInt8>.self)
      if any((block &- 0x20 .> 0x5e) .& (block .!= 0x0a)) { return false }
      index += 32
    }
    return source[index...].allSatisfy { $0 &- 0x20 <= 0x5e || $0 == 0x0a }
  }

  /// Moves to the next event; nil where libyaml has to read on. After the last event it is `.end` for ever.
  mutating func nextEvent() -> Event? {
    while next == ready.count {
      if isFinished, scanned.isEmpty {
        current = Token(event: .end, position: end)
        return .end
      }
      swap(&ready, &scanned)
      scanned.removeAll(keepingCapacity: true)
      next = 0
      if !isFinished, !scanLine() { return nil }
    }
    current = ready[next]
    next += 1
    given += 1
    return current.event
  }

  /// True where the current key or scalar is written without quotes.
  var isPlain: Bool { current.notation == .plain }

  /// The text of the current key or scalar, where it is plain.
  var plainText: EventText { EventText(start: bytes + current.start, count: current.count) }

  /// The text of the current key or scalar, which is there until the scanner moves.
  var text: EventText {
    mutating get {
      let written = plainText
      switch current.notation {
      case .plain, .quoted: return written
      case .escaped, .doubled, .literal: break
      }
      decodedCount = 0
      if decoded.count < current.count + 1 {
        decoded.deallocate()
        decoded = .allocate(capacity: current.count + 1)
      }
      if current.notation == .literal { decodeLines() } else { decodeQuoted(written.bytes) }
      return EventText(start: decoded.baseAddress.map { UnsafePointer($0) } ?? bytes, count: decodedCount)
    }
  }

  /// No text is longer than it is written, but for the break after its last line.
  private mutating func append(_ byte: UInt8) {
    decoded.initializeElement(at: decodedCount, to: byte)
    decodedCount += 1
  }

  private mutating func decodeQuoted(_ written: UnsafeBufferPointer<UInt8>) {
    var index = 0
    while index < written.count {
      let byte = written[index]
      index += 1
      if current.notation == .doubled {
        if byte == UInt8(ascii: "'") { index += 1 }
        append(byte)
      } else if byte == UInt8(ascii: "\\") {
        append(Self.escaped(written[index]) ?? byte)
        index += 1
      } else {
        append(byte)
      }
    }
  }

  private mutating func decodeLines() {
    var index = current.start
    let last = current.start + current.count
    while index <= last {
      var spaces = 0
      while spaces < current.indent, index < last, bytes[index] == UInt8(ascii: " ") {
        spaces += 1
        index += 1
      }
      while index < last, bytes[index] != UInt8(ascii: "\n") {
        append(bytes[index])
        index += 1
      }
      if index < last { append(UInt8(ascii: "\n")) }
      index += 1
    }
    if current.keepsLastBreak { append(UInt8(ascii: "\n")) }
  }

  /// The byte that a backslash and a letter mean; nil for those that only libyaml knows.
  static func escaped(_ letter: UInt8) -> UInt8? {
    switch letter {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): letter
    case UInt8(ascii: "n"): 0x0a
    case UInt8(ascii: "t"): 0x09
    case UInt8(ascii: "r"): 0x0d
    default: nil
    }
  }
}
