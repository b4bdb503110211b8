/// The events that a cursor can be at.
enum Event: UInt8 {
  case objectStart, objectEnd, arrayStart, arrayEnd
  /// The name of a member; its value follows.
  case key
  case scalar
  /// A YAML alias, which is never followed: so a file cannot grow when it is read.
  case alias
  /// No document is left.
  case end
}

/// The kind of a scalar by its notation, before a field says which kind it expects.
enum ScalarKind: UInt8 {
  case null, boolean, integer, number, string
}

/// The additions that YAML allows on a value.
enum Decoration: UInt8 {
  case none, anchor, tag
}

/// Where and why a source stopped being YAML or JSON.
struct SyntaxFault: Error {
  let message: String
  /// The byte where it was noticed.
  let offset: Int
  let id: String
}

/// One walk over the documents of a source, an event at a time: what YAML and JSON have in common.
///
/// The text of an event is only there until the cursor moves.
protocol EventCursor: ~Copyable {
  /// Moves to the next event.
  mutating func next() throws(SyntaxFault) -> Event
  /// Moves over the rest of the object or array whose start was the last event.
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
  /// The byte offset of a position.
  mutating func offset(of position: Int) -> Int
  /// Lets other processors read the rest of the list whose first entry has just begun; nothing where that does not
  /// pay, or where the notation cannot be read from its middle.
  func readAhead(_ settings: ManifestReader, entriesOf type: ObjectType?) -> [EntriesAhead]
  /// Moves from the start of an entry to before the entry at an offset, or behind the end of its list.
  mutating func resume(at offset: Int, behindList: Bool)
}

extension EventCursor where Self: ~Copyable {
  func readAhead(_ settings: ManifestReader, entriesOf type: ObjectType?) -> [EntriesAhead] { [] }
  mutating func resume(at offset: Int, behindList: Bool) {
    preconditionFailure("nothing was read ahead")
  }
}

/// The limit of nesting in a document. Kubernetes objects, schemas of custom resources included, stay far
/// below.
let deepestNesting = 512

/// The bytes of one key or scalar, borrowed from a cursor until it moves.
struct EventText {
  let start: UnsafePointer<UInt8>
  let count: Int

  /// The text as a value of its own.
  var string: String {
    String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
  }

  /// The bytes of the source.
  var bytes: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: start, count: count) }

  static func == (left: EventText, right: StaticString) -> Bool {
    guard left.count == right.utf8CodeUnitCount else { return false }
    let other = right.utf8Start
    for index in 0..<left.count where left.start[index] != other[index] { return false }
    return true
  }
}
