/// An object as the API server sent it: its bytes and its identity.
public struct APIObject: Sendable {
  /// Namespace, name and versions; nil where the object has no name that can be read.
  public let header: ObjectHeader?
  /// The object's JSON. An item of a list has no `apiVersion` and `kind`.
  public let json: [UInt8]

  /// An object from its JSON.
  public init(json: [UInt8]) {
    self.json = json
    header = ObjectHeader(json: json)
  }
}
