import Diagnostics

/// A value of a policy, with its place: policies are small, and strict reading wants them whole.
struct SourceNode {
  /// A member of an object.
  struct Member {
    let key: String
    let keyOffset: Int
    let value: SourceNode
  }

  /// The kinds of value.
  enum Content {
    case object([Member])
    case list([SourceNode])
    case scalar(String, ScalarKind)
    /// Something that was refused, and said so.
    case refused
  }

  /// The byte where it begins.
  let offset: Int
  let content: Content

  /// True where it is null, which means the same as absent.
  var isNull: Bool {
    if case .scalar(_, .null) = content { true } else { false }
  }
}

extension DocumentReader where Cursor: ~Copyable {
  /// Policies nest about ten levels deep; their managed fields a little deeper.
  private static var deepestPolicy: Int { 64 }

  /// The current value with all that is in it. Duplicate keys, aliases, anchors, tags and merge keys are errors.
  mutating func readNode(_ field: String, depth: Int = 0) throws(SyntaxFault) -> SourceNode {
    let offset = cursor.offset(of: cursor.position)
    if refusesDecoration(field) {
      try skip()
      return SourceNode(offset: offset, content: .refused)
    }
    switch event {
    case .objectStart, .arrayStart:
      guard depth < Self.deepestPolicy else {
        report("nesting-too-deep", field, "nested deeper than \(Self.deepestPolicy) levels")
        try skip()
        return SourceNode(offset: offset, content: .refused)
      }
      if event == .objectStart {
        var members: [SourceNode.Member] = []
        try readMembers(field, depth: depth, into: &members)
        return SourceNode(offset: offset, content: .object(members))
      }
      var entries: [SourceNode] = []
      while try nextEntry() { entries.append(try readNode("\(field)[\(entries.count)]", depth: depth + 1)) }
      return SourceNode(offset: offset, content: .list(entries))
    case .scalar:
      let kind = cursor.scalarKind
      return SourceNode(offset: offset, content: .scalar(interner.string(cursor.text), kind))
    default:
      return SourceNode(offset: offset, content: .refused)
    }
  }

  /// The members of an object up to its end, from the next event on.
  private mutating func readMembers(
    _ field: String, depth: Int, into members: inout [SourceNode.Member]
  ) throws(SyntaxFault) {
    while true {
      try advance()
      guard event == .key else { return }
      try readMemberNode(field, depth: depth, into: &members)
    }
  }

  /// The member whose key is the current event.
  mutating func readMemberNode(
    _ field: String, depth: Int, into members: inout [SourceNode.Member]
  ) throws(SyntaxFault) {
    let position = cursor.position
    let keyOffset = cursor.offset(of: position)
    let key = interner.string(cursor.text)
    let isMerge = key == "<<" && cursor.isPlain
    let path = field.isEmpty ? key : "\(field).\(key)"
    _ = refusesDecoration(path)
    let earlier = members.first { $0.key == key }
    refuseTypedKey(field)
    if isMerge { report("merge-key", field, "YAML merge keys are not supported: write the fields out") }
    if let earlier {
      report(
        .error, "duplicate-key", at: position, path, "the key \(Messages.quoted(key)) is written twice",
        notes: [.init("first written here", at: map.location(earlier.keyOffset))])
    }
    try advance()
    let value = try readNode(path, depth: depth + 1)
    if !isMerge, earlier == nil {
      members.append(SourceNode.Member(key: key, keyOffset: keyOffset, value: value))
    }
  }

  /// A plain `yes`, `1.5` or `012` as a key is no text to kubectl, which would turn it into another one.
  mutating func refuseTypedKey(_ field: String) {
    guard cursor.isPlain else { return }
    switch cursor.scalarKind {
    case .string: return
    // Digits that say themselves stay what they are.
    case .integer where PlainScalar.integer(cursor.text).map(String.init) == cursor.text.string: return
    case .integer, .null, .boolean, .number:
      report(
        "wrong-type", field,
        "a key must be a string, but \(cursor.text.string) is \(Self.describe(cursor.scalarKind)): quote it")
    }
  }

  /// True where the current event carries what YAML has beyond JSON; says so.
  private mutating func refusesDecoration(_ field: String) -> Bool {
    if event == .alias {
      report("alias", field, "YAML aliases are not supported: write the value out")
      return true
    }
    switch cursor.decoration {
    case .none: return false
    case .anchor: report("anchor", field, "YAML anchors are not supported: remove the anchor")
    case .tag: report("tag", field, "YAML tags are not supported: remove the tag")
    }
    return true
  }
}
