/// An object as the API server sent it: its bytes and its identity.
public struct APIObject: Sendable {
  /// The object's JSON. An item of a list has no `apiVersion` and `kind`.
  public let json: [UInt8]

  /// An object from its JSON.
  public init(json: [UInt8]) { self.json = json }

  /// Namespace, name and versions; nil where the object has no name that can be read. Read anew each time, O(n) in the size of
  /// the metadata.
  public var header: ObjectHeader? { ObjectHeader(json: json) }

  /// Namespace and name alone. O(n) in the size of what stands before them: of an API server's objects, little.
  var key: ObjectHeader.Key? { ObjectHeader(json: json, keyAlone: true)?.key }
}
