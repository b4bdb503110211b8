import TestSupport
import Testing

@testable import KubernetesAPI

@Suite("Chunks become lines and items, wherever they end", .bounded)
struct SplitterTests {
  /// The body of a recording, without the headers and the chunks' sizes.
  static func body(_ name: String) throws -> [UInt8] {
    let text = try Fixtures.text("kubernetes-api/\(name).http")
    let end = try #require(text.firstRange(of: "\r\n\r\n"))
    let isChunked = text[..<end.lowerBound].contains("chunked")
    var rest = Array(text[end.upperBound...].utf8)[...]
    if !isChunked { return Array(rest) }
    var body: [UInt8] = []
    while let line = rest.firstIndex(of: 0x0d) {
      let size = try #require(Int(String(decoding: rest[..<line], as: UTF8.self), radix: 16))
      rest = rest[(line + 2)...]
      body += rest.prefix(size)
      rest = rest.dropFirst(size + 2)
      if size == 0 { break }
    }
    return body
  }

  private static func chunks(_ bytes: [UInt8], _ size: Int) -> [ArraySlice<UInt8>] {
    stride(from: 0, to: bytes.count, by: size).map { bytes[$0..<min($0 + size, bytes.count)] }
  }

  private static func pieces(_ bytes: [UInt8], _ size: Int) throws -> [ListSplitter.Piece] {
    var list = ListSplitter()
    var pieces: [ListSplitter.Piece] = []
    for chunk in chunks(bytes, size) {
      chunk.withUnsafeBytes { list.append($0) }
      while let piece = try list.next() { pieces.append(piece) }
    }
    return pieces
  }

  @Test(
    "a recorded list, in chunks of each size",
    arguments: [
      "list-pods", "list-nodes", "list-networkpolicies", "list-namespaces-page1", "list-namespaces-page2",
      "list-pods-field-selector",
    ])
  func lists(name: String) throws {
    let body = try Self.body(name)
    let whole = try Self.pieces(body, body.count)
    #expect(whole.last == .end)
    #expect(whole.count > 2)
    for case .item(let json) in whole {
      #expect(ObjectHeader(json: json) != nil)
    }
    for size in Array(1...70) + [997, 4096] {
      #expect(try Self.pieces(body, size) == whole, "chunks of \(size)")
    }
  }

  @Test("lists of odd shapes")
  func oddLists() throws {
    func items(_ text: String) throws -> [String] {
      try Self.pieces(Array(text.utf8), 1).compactMap {
        guard case .item(let json) = $0 else { return nil }
        return String(decoding: json, as: UTF8.self)
      }
    }
    #expect(try items(#"{"items":null,"metadata":{"resourceVersion":"1"}}"#) == [])
    #expect(try items(#"{"items":[],"metadata":{"resourceVersion":"1"}}"#) == [])
    #expect(
      try items(#" { "a" : [1,{"items":[2]}] , "items" : [ {"x":"]}\"\\"} , null, 7 ] } "#)
        == [#"{"x":"]}\"\\"}"#, "null", "7"])
    #expect(throws: ListSplitter.Failure.self) { try items("[]") }
    #expect(throws: ListSplitter.Failure.self) { try items("404 page not found") }
    #expect(throws: ListSplitter.Failure.self) { try items(#"{"items":[}"#) }
    #expect(try Self.pieces(Array(#"{"items":[{"a":1},{"b""#.utf8), 3).last != .end)
  }

  @Test("a recorded watch, in chunks of each size", arguments: ["watch-pods", "watchlist-pods"])
  func lines(name: String) throws {
    let body = try Self.body(name)
    func lines(_ size: Int) -> [[UInt8]] {
      var splitter = LineSplitter()
      var lines: [[UInt8]] = []
      for chunk in Self.chunks(body, size) {
        chunk.withUnsafeBytes { splitter.append($0) }
        while let line = splitter.next() { lines.append(Array(line)) }
      }
      #expect(!splitter.hasPart)
      return lines
    }
    let whole = lines(body.count)
    #expect(whole.count > 3)
    for line in whole { _ = try WatchEvent(line: line[...]) }
    for size in Array(1...70) + [997, 4096] { #expect(lines(size) == whole, "chunks of \(size)") }
  }

  @Test("a header is read from any order of members, and from none that is not there")
  func headers() {
    func header(_ text: String) -> ObjectHeader? { ObjectHeader(json: Array(text.utf8)) }
    #expect(
      header(
        #"{"spec":{"metadata":{"name":"no"}},"metadata":{"labels":{"name":"no"},"annotations":{"a":"b","kubernetes.io/config.mirror":"m"},"uid":"u","namespace":"n","name":"p","resourceVersion":"7"}}"#
      )
        == ObjectHeader(key: .init(namespace: "n", name: "p"), uid: "u", resourceVersion: "7", mirror: "m"))
    #expect(header(#"{"metadata":{"annotations":null,"name":"p"}}"#)?.key.name == "p")
    for bad in [
      "", "null", "[]", "{}", #"{"metadata":null}"#, #"{"metadata":{"name":7}}"#, #"{"metadata":{"name":""#,
    ] {
      #expect(header(bad) == nil, "\(bad)")
    }
  }

  @Test("lines that are no events, and events written otherwise than usual")
  func events() throws {
    func event(_ text: String) throws -> WatchEvent { try WatchEvent(line: Array(text.utf8)[...]) }
    for bad in [
      "{}", "null", #"{"type":"ADDED"}"#, #"{"type":"NEW","object":{}}"#, #"{"type":"ADDED","object":{}"#,
    ] {
      #expect(throws: APIFailure.self, "\(bad)") { try event(bad) }
    }
    guard
      case .change(.deleted(let object)) = try event(
        #" { "object" : {"metadata":{"name":"a","resourceVersion":"9"}} , "type" : "DELETED" } "#)
    else { throw APIFailure.silent }
    #expect(object.header == ObjectHeader(key: .init(name: "a"), resourceVersion: "9"))
    guard
      case .error(let status) = try event(
        #"{"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired","message":"old"}}"#)
    else { throw APIFailure.silent }
    #expect(status.isExpired)
  }
}
