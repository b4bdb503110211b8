import JSONText

/// The metadata that identifies an object: all of it that a watch needs to know.
public struct ObjectHeader: Sendable, Hashable {
  /// Namespace and name of an object of one kind.
  public struct Key: Sendable, Hashable, CustomStringConvertible {
    /// `metadata.namespace`; empty for kinds that have none.
    public let namespace: String
    /// `metadata.name`, never empty.
    public let name: String

    /// `namespace/name`, or the name alone.
    public var description: String { namespace.isEmpty ? name : "\(namespace)/\(name)" }

    /// Makes a key of its parts.
    public init(namespace: String = "", name: String) {
      self.namespace = namespace
      self.name = name
    }
  }

  /// The annotation of a static pod's object whose value is the UID that the container runtime knows.
  public static let mirrorAnnotation = "kubernetes.io/config.mirror"

  /// Namespace and name.
  public let key: Key
  /// `metadata.uid`; empty where there is none.
  public let uid: String
  /// `metadata.resourceVersion`; empty where there is none.
  public let resourceVersion: String
  /// The annotation `kubernetes.io/config.mirror`, where there is one.
  public let mirror: String?

  /// Makes a header of its parts.
  public init(key: Key, uid: String = "", resourceVersion: String = "", mirror: String? = nil) {
    self.key = key
    self.uid = uid
    self.resourceVersion = resourceVersion
    self.mirror = mirror
  }

  /// Reads the header out of an object's JSON; nil where there is no `metadata.name`. O(n) in the size of the metadata.
  public init?(json: [UInt8]) {
    let header = json.withUnsafeBufferPointer { bytes -> ObjectHeader? in
      var walk = JSONWalk(bytes)
      guard walk.take("{") else { return nil }
      while let key = walk.nextKey() {
        if walk.matches(key, "metadata") { return Self(&walk) }
        guard walk.value() != nil else { return nil }
      }
      return nil
    }
    guard let header else { return nil }
    self = header
  }

  private init?(_ walk: inout JSONWalk) {
    guard walk.take("{") else { return nil }
    var fields: [Field: String] = [:]
    while let key = walk.nextKey() {
      guard let field = Field.allCases.first(where: { walk.matches(key, $0.name) }) else {
        guard walk.value() != nil else { return nil }
        continue
      }
      if field == .annotations {
        fields[.annotations] = Self.mirror(&walk)
      } else if walk.peek() == UInt8(ascii: "\"") {
        guard let range = walk.string(), let text = walk.text(range) else { return nil }
        fields[field] = text
      } else if walk.value() == nil {
        return nil
      }
    }
    guard let name = fields[.name], !name.isEmpty else { return nil }
    self.init(
      key: Key(namespace: fields[.namespace] ?? "", name: name), uid: fields[.uid] ?? "",
      resourceVersion: fields[.resourceVersion] ?? "", mirror: fields[.annotations])
  }

  private enum Field: CaseIterable {
    case name, namespace, uid, resourceVersion, annotations

    var name: StaticString {
      switch self {
      case .name: "name"
      case .namespace: "namespace"
      case .uid: "uid"
      case .resourceVersion: "resourceVersion"
      case .annotations: "annotations"
      }
    }
  }

  private static func mirror(_ walk: inout JSONWalk) -> String? {
    guard walk.peek() == UInt8(ascii: "{") else {
      _ = walk.value()
      return nil
    }
    var found: String?
    _ = walk.take("{")
    while let key = walk.nextKey() {
      let isMirror = walk.matches(key, "kubernetes.io/config.mirror")
      if isMirror, walk.peek() == UInt8(ascii: "\"") {
        found = walk.string().flatMap { walk.text($0) }
      } else if walk.value() == nil {
        return found
      }
    }
    _ = walk.take("}")
    return found
  }
}
