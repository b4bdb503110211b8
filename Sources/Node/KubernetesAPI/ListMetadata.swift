import JSONText

/// The `metadata` of a list.
struct ListMetadata {
  /// From where a watch goes on.
  let resourceVersion: String
  /// The token of the next page; empty on the last.
  let next: String

  /// Reads the metadata; what is missing is empty.
  init(json: [UInt8]) {
    var scanner = JSONScanner(String(decoding: json, as: UTF8.self))
    let value = try? scanner.value()
    resourceVersion = value?["resourceVersion"]?.string ?? ""
    next = value?["continue"]?.string ?? ""
  }
}
