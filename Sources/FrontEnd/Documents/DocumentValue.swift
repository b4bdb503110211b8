public import Diagnostics

/// A value of a document that is no Kubernetes object, with its place: for netpolc's own files.
public struct DocumentValue: Sendable {
  /// A member of an object.
  public struct Member: Sendable {
    /// The key of the entry.
    public let key: String
    /// Where the key stands.
    public let location: SourceLocation
    /// The value of the entry.
    public let value: DocumentValue
  }

  /// The kinds of value.
  public enum Content: Sendable {
    /// Keys, each once, and values in the order written.
    case object([Member])
    /// Values in the order written.
    case list([DocumentValue])
    /// Text, and whether its notation makes it a string rather than a number or a truth value.
    case scalar(String, isString: Bool)
    /// Nothing: absent means the same.
    case null
  }

  /// Where it begins.
  public let location: SourceLocation
  /// The content of the value.
  public let content: Content
}

extension DocumentValue {
  /// Reads a source as plain documents, strictly: no duplicate keys, tags or merge keys.
  ///
  /// - Parameters:
  ///   - source: YAML or JSON.
  ///   - followsAliases: true where an alias stands for the value with its anchor; anchors and aliases are errors otherwise.
  /// - Returns: the documents, empty ones left out, and errors; with an error the documents are not to be used.
  public static func documents(
    in source: ManifestSource, followsAliases: Bool = false
  ) -> (documents: [DocumentValue], diagnostics: [Diagnostic]) {
    let map = SourceMap(source)
    switch SourceFormat(map) {
    case .json:
      guard let indexer = JSONIndexer() else { return ([], [JSONIndexer.failure(of: map)]) }
      return read(JSONCursor(map, indexer), map, followsAliases)
    case .yaml:
      guard map.isUTF8 else {
        let offset = String.firstInvalidByte(map.content)
        return ([], [Diagnostic(.error, id: "invalid-utf8", at: map.location(offset), map.notUTF8)])
      }
      guard let cursor = YAMLCursor(map) else { return ([], []) }
      return read(cursor, map, followsAliases)
    }
  }

  private static func read<Cursor: EventCursor & ~Copyable>(
    _ cursor: consuming Cursor, _ map: SourceMap, _ followsAliases: Bool
  ) -> (documents: [DocumentValue], diagnostics: [Diagnostic]) {
    var cursor = cursor
    var context = NodeContext(map)
    var documents: [DocumentValue] = []
    do {
      var event = try cursor.next()
      while event != .end {
        context.anchors = followsAliases ? Anchors() : nil
        let node = try cursor.readNode(&event, "", &context)
        if !node.isNull { documents.append(value(node, map)) }
        event = try cursor.next()
      }
    } catch {
      context.report(error)
    }
    return (documents, context.diagnostics)
  }

  private static func value(_ node: SourceNode, _ map: SourceMap) -> DocumentValue {
    let content: DocumentValue.Content =
      switch node.content {
      case .object(let members):
        .object(
          members.map {
            .init(key: $0.key, location: map.location($0.keyOffset), value: value($0.value, map))
          })
      case .list(let entries): .list(entries.map { value($0, map) })
      case .scalar(_, .null), .refused: .null
      case .scalar(let text, let kind): .scalar(text, isString: kind == .string)
      }
    return DocumentValue(location: map.location(node.offset), content: content)
  }
}
