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

extension ManifestReader {
  /// Reads a source as plain documents, as strictly as policies are read: no duplicate keys, aliases, anchors or tags.
  ///
  /// - Parameter source: YAML or JSON.
  /// - Returns: the documents, empty ones left out, and errors; with an error the documents are not to be used.
  public static func documents(
    in source: ManifestSource
  ) -> (documents: [DocumentValue], diagnostics: [Diagnostic]) {
    let map = SourceMap(source)
    switch SourceFormat(map) {
    case .json:
      guard let indexer = JSONIndexer() else { return ([], []) }
      return read(JSONCursor(map, indexer), map)
    case .yaml:
      let bytes = map.content
      guard String(validating: bytes, as: UTF8.self) != nil else {
        let offset = String.firstInvalidByte(bytes)
        return (
          [], [Diagnostic(.error, id: "invalid-utf8", at: map.location(offset), map.notUTF8)]
        )
      }
      guard let cursor = YAMLCursor(map) else { return ([], []) }
      return read(cursor, map)
    }
  }

  private static func read<Cursor: EventCursor & ~Copyable>(
    _ cursor: consuming Cursor, _ map: SourceMap
  ) -> (documents: [DocumentValue], diagnostics: [Diagnostic]) {
    var reader = DocumentReader(cursor, map, ManifestReader(), known: [:], interner: Interner())
    var documents: [DocumentValue] = []
    do {
      try reader.advance()
      while reader.event != .end {
        let node = try reader.readNode("")
        if !node.isNull { documents.append(value(node, map)) }
        try reader.advance()
      }
    } catch {
      reader.diagnostics.append(
        Diagnostic(
          .error, id: error.id, at: map.location(error.offset), error.message,
          sourceLine: map.line(at: error.offset)))
    }
    return (documents, reader.diagnostics)
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
