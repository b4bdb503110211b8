/// The events that a cursor can be at.
public enum Event: UInt8 {
  /// The start or the end of an object or of a list.
  case objectStart, objectEnd, arrayStart, arrayEnd
  /// The name of a member; its value follows.
  case key
  /// A value that is neither an object nor a list.
  case scalar
  /// A YAML alias. No cursor follows one: so a manifest cannot grow when it is read.
  case alias
  /// No document is left.
  case end

  /// True for the same event; readers in other modules compare millions of them, so that it is inlined there.
  @inlinable @inline(__always)
  public static func == (left: Event, right: Event) -> Bool { left.rawValue == right.rawValue }
}

/// The kind of a scalar by its notation, before a field says which kind it expects.
public enum ScalarKind: UInt8 {
  /// The kinds of JSON, whole numbers apart.
  case null, boolean, integer, number, string

  /// True for the same kind, inlined as for events.
  @inlinable @inline(__always)
  public static func == (left: ScalarKind, right: ScalarKind) -> Bool { left.rawValue == right.rawValue }
}

/// The additions that YAML allows on a value.
public enum Decoration: UInt8 {
  /// Nothing, an anchor (`&name`), or a tag (`!!str`).
  case none, anchor, tag

  /// True for the same addition, inlined as for events.
  @inlinable @inline(__always)
  public static func == (left: Decoration, right: Decoration) -> Bool { left.rawValue == right.rawValue }
}

/// Where and why a source stopped being YAML or JSON.
public struct SyntaxFault: Error {
  /// The defect in words.
  public let message: String
  /// The byte where it was noticed.
  public let offset: Int
  /// The stable name of the finding.
  public let id: String
}

/// One walk over the documents of a source, an event at a time: what YAML and JSON have in common.
///
/// Public, as all that a reader of another module calls for each event: the compiler specializes and inlines public
/// declarations across modules, and never those of a package.
///
/// The text of an event is only there until the cursor moves.
public protocol EventCursor: ~Copyable {
  /// Moves to the next event.
  ///
  /// - Throws: where the source stops being YAML or JSON.
  mutating func next() throws(SyntaxFault) -> Event
  /// Moves over the rest of the object or array whose start was the last event.
  ///
  /// - Throws: where the source stops being YAML or JSON.
  mutating func skipContainer() throws(SyntaxFault)
  /// Where the current event stands; a number that grows through the source and identifies the event.
  var position: Int { get }
  /// The text of the current key or scalar, without quotes and escapes.
  var text: EventText { mutating get }
  /// The kind of the current scalar by its notation.
  var scalarKind: ScalarKind { get }
  /// True where the current key or scalar is written without quotes.
  var isPlain: Bool { get }
  /// The additions on the current event's value.
  var decoration: Decoration { get }
  /// The name of the anchor on the current event's value, or of the one that an alias names; nil where there is none.
  var anchor: String? { get }
  /// The byte offset of a position.
  mutating func offset(of position: Int) -> Int
  /// Reads the current value with all that is in it; see `node`.
  ///
  /// - Throws: where the source stops being YAML or JSON.
  mutating func readNode(
    _ event: inout Event, _ field: String, _ context: inout NodeContext
  ) throws(SyntaxFault) -> SourceNode
  /// Reads the member whose key is the current event; see `member`.
  ///
  /// - Throws: where the source stops being YAML or JSON.
  mutating func readMember(
    _ event: inout Event, _ field: String, into members: inout [SourceNode.Member],
    _ context: inout NodeContext
  ) throws(SyntaxFault)
  /// Moves from the start of an entry to before the entry at an offset, or behind the end of its list.
  mutating func resume(at offset: Int, behindList: Bool)
}

extension EventCursor where Self: ~Copyable {
  /// JSON has no anchors.
  public var anchor: String? { nil }

  /// Nothing was read ahead where the notation cannot be read from its middle.
  public mutating func resume(at offset: Int, behindList: Bool) {
    preconditionFailure("nothing was read ahead")
  }
}

/// The limit of nesting in a document. Kubernetes objects, schemas of custom resources included, stay far
/// below.
public let deepestNesting = 512

/// The bytes of one key or scalar, borrowed from a cursor until it moves.
public struct EventText {
  /// The first byte of the text.
  public let start: UnsafePointer<UInt8>
  /// The number of bytes.
  public let count: Int

  /// The bytes from `start` on.
  @inlinable public init(start: UnsafePointer<UInt8>, count: Int) {
    self.start = start
    self.count = count
  }

  /// The text as a value of its own.
  public var string: String {
    String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
  }

  /// The bytes of the source.
  @inlinable public var bytes: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: start, count: count) }

  /// True where the bytes are those of a literal.
  @inlinable @inline(__always)
  public static func == (left: EventText, right: StaticString) -> Bool {
    guard left.count == right.utf8CodeUnitCount else { return false }
    let other = right.utf8Start
    for index in 0..<left.count where left.start[index] != other[index] { return false }
    return true
  }
}

extension ScalarKind {
  /// The kind in words.
  public var words: String {
    switch self {
    case .null: "null"
    case .boolean: "a boolean"
    case .integer, .number: "a number"
    case .string: "a string"
    }
  }
}
