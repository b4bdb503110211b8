import JSONText

/// One line of a watch.
enum WatchEvent {
  /// ADDED, MODIFIED or DELETED.
  case change(ResourceEvent)
  /// BOOKMARK, and whether it ends the initial events.
  case bookmark(resourceVersion: String, endsInitialEvents: Bool)
  /// ERROR, with its status.
  case error(APIStatus)

  /// The annotation of the bookmark behind the initial events of a watch that begins with a list.
  private static let initialEventsEnd = "k8s.io/initial-events-end"

  /// Reads a line.
  ///
  /// - Throws: `APIFailure.protocolError` where it is no event.
  init(line: ArraySlice<UInt8>) throws(APIFailure) {
    guard let (type, object) = line.withUnsafeBufferPointer({ Self.parts(of: $0) }) else {
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
      switch type {
      case "ADDED": self = .change(.added(object))
      case "MODIFIED": self = .change(.modified(object))
      case "DELETED": self = .change(.deleted(object))
      default: throw .protocolError("an event of the type '\(type.prefix(40))'")
      }
    }
  }

  /// The members `type` and `object`, in any order.
  private static func parts(of line: UnsafeBufferPointer<UInt8>) -> (type: String, object: [UInt8])? {
    if let parts = partsAsWritten(line) { return parts }
    var walk = JSONWalk(line)
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

  /// The members as every API server writes them, `{"type":"ADDED","object":{…}}`, without a walk through the object.
  private static func partsAsWritten(
    _ line: UnsafeBufferPointer<UInt8>
  ) -> (type: String, object: [UInt8])? {
    let opening: StaticString = #"{"type":""#
    let middle: StaticString = #"","object":"#
    let start = opening.utf8CodeUnitCount
    guard line.has(opening, at: 0), line.last == UInt8(ascii: "}") else { return nil }
    guard let quote = line[start...].prefix(20).firstIndex(of: UInt8(ascii: "\"")),
      line.has(middle, at: quote)
    else { return nil }
    let object = (quote + middle.utf8CodeUnitCount)..<(line.count - 1)
    guard object.count > 1, line[object.lowerBound] == UInt8(ascii: "{"),
      line[object.upperBound - 1] == UInt8(ascii: "}")
    else { return nil }
    return (String(decoding: line[start..<quote], as: UTF8.self), Array(line[object]))
  }
}

extension UnsafeBufferPointer<UInt8> {
  /// True where a text stands at an offset.
  fileprivate func has(_ text: StaticString, at offset: Int) -> Bool {
    let end = offset + text.utf8CodeUnitCount
    return end <= count && text.withUTF8Buffer { self[offset..<end].elementsEqual($0) }
  }
}
