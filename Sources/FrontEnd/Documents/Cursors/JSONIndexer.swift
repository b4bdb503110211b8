import CSimdjson
public import Diagnostics

/// Finds the tokens of JSON text. It keeps its memory, and serves one cursor at a time.
public final class JSONIndexer {
  /// The indexer of simdjson's shim.
  let handle: OpaquePointer

  /// An indexer; nil without memory, and where the loaded simdjson does not find tokens as expected.
  public init?() {
    guard let handle = json_indexer_create() else { return nil }
    self.handle = handle
  }

  deinit { json_indexer_destroy(handle) }

  /// The error about a source that no indexer could be made for.
  public static func failure(of map: SourceMap) -> Diagnostic {
    Diagnostic(
      .error, id: "unreadable", at: map.location(0),
      "cannot read JSON: no memory is left, or the loaded libsimdjson is not one that netpolc can use")
  }
}
