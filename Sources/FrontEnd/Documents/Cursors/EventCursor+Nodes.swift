import Diagnostics
import Wording

extension EventCursor where Self: ~Copyable {
  /// Policies nest about ten levels deep; their managed fields a little deeper.
  private static var deepestNode: Int { 64 }

  /// The current value with all that is in it. Duplicate keys, tags and merge keys are errors; so are anchors and aliases,
  /// unless the context keeps anchors.
  ///
  /// Each cursor calls it from its own `readNode`, so that it is compiled for that cursor.
  mutating func node(
    _ event: inout Event, _ field: String, depth: Int, _ context: inout NodeContext
  ) throws(SyntaxFault) -> SourceNode {
    guard let start = context.anchors?.count else {
      return try plainNode(&event, field, depth: depth, &context)
    }
    if event == .alias { return aliasedNode(field, &context) }
    let name = anchor
    context.anchors?.add()
    let node = try plainNode(&event, field, depth: depth, &context)
    if let name { context.anchors?.keep(node, as: name, from: start) }
    return node
  }

  /// The value that an alias stands for, at the place where it is written out.
  private mutating func aliasedNode(_ field: String, _ context: inout NodeContext) -> SourceNode {
    let offset = self.offset(of: position)
    let name = anchor ?? ""
    do throws(Anchors.Fault) {
      if let node = try context.anchors?.value(name) { return node }
    } catch {
      let reason =
        switch error {
        case .unknown: "no value before has the anchor \(ForeignText(name).quoted)"
        case .tooMany: "aliases stand for more than 10,000 values"
        }
      context.report(.error, "alias", at: offset, field, reason)
    }
    return SourceNode(offset: offset, content: .refused)
  }

  private mutating func plainNode(
    _ event: inout Event, _ field: String, depth: Int, _ context: inout NodeContext
  ) throws(SyntaxFault) -> SourceNode {
    let offset = self.offset(of: position)
    if refusesDecoration(event, field, &context) {
      if event == .objectStart || event == .arrayStart { try skipContainer() }
      return SourceNode(offset: offset, content: .refused)
    }
    switch event {
    case .objectStart, .arrayStart:
      guard depth < Self.deepestNode else {
        context.report(
          .error, "nesting-too-deep", at: offset, field, "nested deeper than \(Self.deepestNode) levels")
        try skipContainer()
        return SourceNode(offset: offset, content: .refused)
      }
      if event == .objectStart {
        var members: [SourceNode.Member] = []
        event = try next()
        while event == .key {
          try member(&event, field, depth: depth, into: &members, &context)
          event = try next()
        }
        return SourceNode(offset: offset, content: .object(members))
      }
      var entries: [SourceNode] = []
      event = try next()
      while event != .arrayEnd {
        entries.append(try node(&event, "\(field)[\(entries.count)]", depth: depth + 1, &context))
        event = try next()
      }
      return SourceNode(offset: offset, content: .list(entries))
    case .scalar:
      let kind = scalarKind
      return SourceNode(offset: offset, content: .scalar(context.texts.string(text), kind))
    default:
      return SourceNode(offset: offset, content: .refused)
    }
  }

  /// The member whose key is the current event.
  mutating func member(
    _ event: inout Event, _ field: String, depth: Int, into members: inout [SourceNode.Member],
    _ context: inout NodeContext
  ) throws(SyntaxFault) {
    let keyOffset = offset(of: position)
    let key = context.texts.string(text)
    let isMerge = key == "<<" && isPlain
    let path = field.isEmpty ? key : "\(field).\(key)"
    _ = refusesDecoration(event, path, &context)
    let earlier = members.first { $0.key == key }
    if let fault = typedKeyFault() { context.report(.error, "wrong-type", at: keyOffset, field, fault) }
    if isMerge {
      context.report(
        .error, "merge-key", at: keyOffset, field, "YAML merge keys are not supported: write the fields out")
    }
    if let earlier {
      context.report(
        .error, "duplicate-key", at: keyOffset, path, "the key \(ForeignText(key).quoted) is written twice",
        notes: [.init("first written here", at: context.map.location(earlier.keyOffset))])
    }
    event = try next()
    let value = try node(&event, path, depth: depth + 1, &context)
    if !isMerge, earlier == nil {
      members.append(SourceNode.Member(key: key, keyOffset: keyOffset, value: value))
    }
  }

  /// The message about a plain `yes`, `1.5` or `012` as a key, which is no text to kubectl and would become another one;
  /// nil for other keys.
  public mutating func typedKeyFault() -> String? {
    guard isPlain else { return nil }
    let kind = scalarKind
    switch kind {
    case .string: return nil
    // Digits that say themselves stay what they are.
    case .integer where PlainScalar.integer(text).map(String.init) == text.string: return nil
    case .integer, .null, .boolean, .number:
      return "a key must be a string, but \(text.string) is \(kind.words): quote it"
    }
  }

  /// True where an event carries what YAML has beyond JSON, which is reported.
  private mutating func refusesDecoration(
    _ event: Event, _ field: String, _ context: inout NodeContext
  ) -> Bool {
    let at = offset(of: position)
    if event == .alias {
      context.report(.error, "alias", at: at, field, "YAML aliases are not supported: write the value out")
      return true
    }
    switch decoration {
    case .none: return false
    case .anchor where context.anchors != nil: return false
    case .anchor:
      context.report(.error, "anchor", at: at, field, "YAML anchors are not supported: remove the anchor")
    case .tag: context.report(.error, "tag", at: at, field, "YAML tags are not supported: remove the tag")
    }
    return true
  }
}
