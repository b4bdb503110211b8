import CSimdjson

/// Finds the tokens of JSON text. It keeps its memory, and serves one cursor at a time.
final class JSONIndexer {
  /// The indexer of simdjson's shim.
  let handle: OpaquePointer

  /// An indexer; nil without memory.
  init?() {
    guard let handle = json_indexer_create() else { return nil }
    self.handle = handle
  }

  deinit { json_indexer_destroy(handle) }
}
