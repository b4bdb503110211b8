import JSONText

/// One line of a watch.
enum WatchEvent {
  /// ADDED, MODIFIED or DELETED.
  case change(ResourceEvent, resourceVersion: String?)
  /// BOOKMARK, and whether it ends the initial events.
  case bookmark(resourceVersion: String, endsInitialEvents: Bool)
  /// ERROR, with its status.
  case error(APIStatus)

  /// The annotation of the bookmark behind the initial events of a watch that begins with a list.
  private static let initialEventsEnd = "k8s.io/initial-events-end"

  /// Reads a line.
  ///
  /// - Throws: `APIFailure.protocolError` where it is no event.
  init(line: [UInt8]) throws(APIFailure) {
    guard let (type, object) = Self.parts(of: line) else {
      throw .protocolError("a line of a watch that is no event")
    }
    switch type {
    case "BOOKMARK":
      var scanner = JSONScanner(String(decoding: object, as: UTF8.self))
      let metadata = (try? scanner.value())?["metadata"]
      self = .bookmark(
        resourceVersion: metadata?["resourceVersion"]?.string ?? "",
        endsInitialEvents: metadata?["annotations"]?[Self.initialEventsEnd]?.string == "true")
    case "ERROR": self = .error(APIStatus(code: nil, body: object))
    default:
      let object = APIObject(json: object)
      let version = object.header?.resourceVersion
      switch type {
      case "ADDED": self = .change(.added(object), resourceVersion: version)
      case "MODIFIED": self = .change(.modified(object), resourceVersion: version)
      case "DELETED": self = .change(.deleted(object), resourceVersion: version)
      default: throw .protocolError("an event of the type '\(type.prefix(40))'")
      }
    }
  }

  /// The members `type` and `object`, in any order.
  private static func parts(of line: [UInt8]) -> (type: String, object: [UInt8])? {
    if let parts = partsAsWritten(line) { return parts }
    return line.withUnsafeBufferPointer { bytes in
      var walk = JSONWalk(bytes)
      var type: String?
      var object: Range<Int>?
      guard walk.take("{") else { return nil }
      while let key = walk.nextKey() {
        if walk.matches(key, "type") {
          guard let range = walk.string() else { return nil }
          type = walk.text(range)
        } else {
          guard let range = walk.value() else { return nil }
          if walk.matches(key, "object") { object = range }
        }
      }
      guard walk.take("}"), walk.peek() == nil, let type, let object else { return nil }
      return (type, Array(line[object]))
    }
  }

  /// The members as every API server writes them, `{"type":"ADDED","object":{…}}`, without a walk through the object.
  private static func partsAsWritten(_ line: [UInt8]) -> (type: String, object: [UInt8])? {
    let opening = Array(#"{"type":""#.utf8)
    let middle = Array(#"","object":"#.utf8)
    guard line.starts(with: opening), line.last == UInt8(ascii: "}") else { return nil }
    let rest = line[opening.count...]
    guard let quote = rest.prefix(20).firstIndex(of: UInt8(ascii: "\"")),
      line[quote...].starts(with: middle)
    else { return nil }
    let object = line[(quote + middle.count)..<(line.count - 1)]
    guard object.first == UInt8(ascii: "{"), object.last == UInt8(ascii: "}") else { return nil }
    return (String(decoding: rest[..<quote], as: UTF8.self), Array(object))
  }
}
