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
  public init?(json: [UInt8]) { self.init(json: json, keyAlone: false) }

  /// Reads the header, or namespace and name alone.
  init?(json: [UInt8], keyAlone: Bool) {
    let header = json.withUnsafeBufferPointer { bytes -> ObjectHeader? in
      var walk = JSONWalk(bytes)
      guard walk.take("{") else { return nil }
      while let key = walk.nextKey() {
        if walk.matches(key, "metadata") { return Self(&walk, keyAlone) }
        guard walk.value() != nil else { return nil }
      }
      return nil
    }
    guard let header else { return nil }
    self = header
  }

  private init?(_ walk: inout JSONWalk, _ keyAlone: Bool) {
    guard walk.take("{") else { return nil }
    var (name, namespace, uid, version, mirror): (String?, String?, String?, String?, String?)
    func text(_ walk: inout JSONWalk, _ field: inout String?) -> Bool {
      guard walk.peek() == UInt8(ascii: "\"") else { return walk.value() != nil }
      field = walk.string().flatMap { walk.text($0) }
      return field != nil
    }
    while let key = walk.nextKey() {
      let isRead: Bool
      if walk.matches(key, "name") {
        isRead = text(&walk, &name)
      } else if walk.matches(key, "namespace") {
        isRead = text(&walk, &namespace)
      } else if walk.matches(key, "uid") {
        isRead = text(&walk, &uid)
      } else if walk.matches(key, "resourceVersion") {
        isRead = text(&walk, &version)
      } else if walk.matches(key, "annotations") {
        mirror = Self.mirror(&walk)
        isRead = true
      } else {
        isRead = walk.value() != nil
      }
      if !isRead { return nil }
      if keyAlone, name != nil, namespace != nil { break }
    }
    guard let name, !name.isEmpty else { return nil }
    self.init(
      key: Key(namespace: namespace ?? "", name: name), uid: uid ?? "", resourceVersion: version ?? "",
      mirror: mirror)
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
