import CYAML

/// Walks over the documents of a YAML source with libyaml's events.
///
/// Aliases are events of their own. An empty document is a null scalar.
public struct YAMLCursor: EventCursor, ~Copyable {
  private let map: SourceMap
  private let parser: UnsafeMutablePointer<yaml_parser_t>
  private let event: UnsafeMutablePointer<yaml_event_t>
  /// Open containers, and for each object whether a key is next.
  private var open: [Open] = []
  /// Where in the source this cursor began, in bytes.
  private let base: Int
  /// A known pair of position and byte offset, relative to `base`; libyaml counts characters.
  private var knownPosition = 0
  private var knownOffset = 0
  private let isASCII: Bool
  /// The current event's place, in characters.
  public private(set) var position = 0

  private enum Open: UInt8 { case array, key, value }

  /// A cursor from a byte offset on, which must be where a document may begin.
  public init?(_ map: SourceMap, from base: Int = 0) {
    parser = .allocate(capacity: 1)
    event = .allocate(capacity: 1)
    event.initialize(to: yaml_event_t())
    guard yaml_parser_initialize(parser) == 1 else {
      parser.deallocate()
      event.deallocate()
      return nil
    }
    yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
    yaml_parser_set_input_string(parser, map.start + base, map.count - base)
    self.map = map
    self.base = base
    isASCII = Self.isASCII(UnsafeBufferPointer(start: map.start + base, count: map.count - base))
  }

  deinit {
    yaml_event_delete(event)
    yaml_parser_delete(parser)
    event.deallocate()
    parser.deallocate()
  }

  private static func isASCII(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    var all: UInt8 = 0
    for byte in bytes { all |= byte }
    return all < 0x80
  }

  /// Moves to the next event.
  ///
  /// - Throws: where the source stops being YAML.
  public mutating func next() throws(SyntaxFault) -> Event {
    while true {
      yaml_event_delete(event)
      guard yaml_parser_parse(parser, event) == 1 else { throw fault() }
      position = Int(event.pointee.start_mark.index)
      switch event.pointee.type {
      case YAML_SCALAR_EVENT:
        return toggle(.scalar)
      case YAML_MAPPING_START_EVENT:
        try beginValue()
        open.append(.key)
        return .objectStart
      case YAML_SEQUENCE_START_EVENT:
        try beginValue()
        open.append(.array)
        return .arrayStart
      case YAML_MAPPING_END_EVENT:
        open.removeLast()
        return .objectEnd
      case YAML_SEQUENCE_END_EVENT:
        open.removeLast()
        return .arrayEnd
      case YAML_ALIAS_EVENT:
        if open.last == .key { throw badKey("an alias cannot be a key here") }
        return toggle(.alias)
      case YAML_STREAM_END_EVENT, YAML_NO_EVENT:
        return .end
      default:
        continue
      }
    }
  }

  /// Moves over the rest of the object or array whose start was the last event.
  ///
  /// - Throws: where the source stops being YAML.
  public mutating func skipContainer() throws(SyntaxFault) {
    let outside = open.count - 1
    while open.count > outside { _ = try next() }
  }

  /// Reads the current value with all that is in it.
  ///
  /// - Throws: where the source stops being YAML.
  public mutating func readNode(
    _ event: inout Event, _ field: String, _ context: inout NodeContext
  ) throws(SyntaxFault) -> SourceNode {
    try node(&event, field, depth: 0, &context)
  }

  /// Reads the member whose key is the current event.
  ///
  /// - Throws: where the source stops being YAML.
  public mutating func readMember(
    _ event: inout Event, _ field: String, into members: inout [SourceNode.Member],
    _ context: inout NodeContext
  ) throws(SyntaxFault) {
    try member(&event, field, depth: 0, into: &members, &context)
  }

  /// Between keys and values: a scalar where a key is due is one.
  private mutating func toggle(_ event: Event) -> Event {
    guard let last = open.indices.last else { return event }
    switch open[last] {
    case .array: return event
    case .key:
      open[last] = .value
      return .key
    case .value:
      open[last] = .key
      return event
    }
  }

  private mutating func beginValue() throws(SyntaxFault) {
    guard let last = open.indices.last else { return }
    if open[last] == .key { throw badKey("a key must be a plain or quoted word, not a list or an object") }
    if open[last] == .value { open[last] = .key }
    guard open.count < deepestNesting else {
      throw SyntaxFault(
        message: "nested deeper than \(deepestNesting) levels", offset: offset(of: position),
        id: "nesting-too-deep")
    }
  }

  private mutating func badKey(_ message: String) -> SyntaxFault {
    SyntaxFault(message: message, offset: offset(of: position), id: "yaml-syntax")
  }

  /// The text of the current key or scalar.
  public var text: EventText {
    guard event.pointee.type == YAML_SCALAR_EVENT, let start = event.pointee.data.scalar.value else {
      return EventText(start: map.start, count: 0)
    }
    return EventText(start: UnsafePointer(start), count: Int(event.pointee.data.scalar.length))
  }

  /// True where the current key or scalar is written without quotes.
  public var isPlain: Bool {
    event.pointee.type == YAML_SCALAR_EVENT
      && event.pointee.data.scalar.style == YAML_PLAIN_SCALAR_STYLE
  }

  /// The kind of the current scalar by its notation.
  public var scalarKind: ScalarKind { isPlain ? PlainScalar.kind(text) : .string }

  /// The anchor or tag on the current event's value.
  public var decoration: Decoration {
    let (anchor, tag) = additions
    return tag != nil ? .tag : anchor != nil ? .anchor : .none
  }

  /// The name of the anchor on the current event's value, or of the one that an alias names.
  public var anchor: String? {
    let name = event.pointee.type == YAML_ALIAS_EVENT ? event.pointee.data.alias.anchor : additions.anchor
    return name.map { String(cString: $0) }
  }

  private var additions: (anchor: UnsafeMutablePointer<yaml_char_t>?, tag: UnsafeMutablePointer<yaml_char_t>?)
  {
    switch event.pointee.type {
    case YAML_SCALAR_EVENT: (event.pointee.data.scalar.anchor, event.pointee.data.scalar.tag)
    case YAML_MAPPING_START_EVENT:
      (event.pointee.data.mapping_start.anchor, event.pointee.data.mapping_start.tag)
    case YAML_SEQUENCE_START_EVENT:
      (event.pointee.data.sequence_start.anchor, event.pointee.data.sequence_start.tag)
    default: (nil, nil)
    }
  }

  /// The byte offset of a position. O(n) in the distance from the last one asked for.
  public mutating func offset(of position: Int) -> Int {
    if isASCII { return base + min(position, map.count - base) }
    let bytes = map.start + base
    let end = map.count - base
    while knownPosition < position, knownOffset < end {
      knownOffset += 1
      while knownOffset < end, bytes[knownOffset] & 0xc0 == 0x80 { knownOffset += 1 }
      knownPosition += 1
    }
    while knownPosition > position, knownOffset > 0 {
      knownOffset -= 1
      while knownOffset > 0, bytes[knownOffset] & 0xc0 == 0x80 { knownOffset -= 1 }
      knownPosition -= 1
    }
    return base + knownOffset
  }

  private mutating func fault() -> SyntaxFault {
    let problem = parser.pointee.problem.map { String(cString: $0) } ?? "cannot be read as YAML"
    if parser.pointee.error == YAML_READER_ERROR {
      return SyntaxFault(
        message: problem, offset: base + Int(parser.pointee.problem_offset), id: "yaml-syntax")
    }
    let context = parser.pointee.context.map { String(cString: $0) + ": " } ?? ""
    return SyntaxFault(
      message: context + problem, offset: offset(of: Int(parser.pointee.problem_mark.index)),
      id: "yaml-syntax")
  }
}
