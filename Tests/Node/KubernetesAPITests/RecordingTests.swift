import ScriptedServer
import Synchronization
import TestSupport
import Testing

@testable import KubernetesAPI

@Suite("Recorded answers over a socket, cut at every kind of place", .bounded, .onOwnThread)
struct RecordingTests {
  /// Answers the requests in turn, the last answer again and again.
  static func follow(
    _ resource: APIResource,
    _ answers: [(ScriptedServer.Request, Answer) -> (String, Answer.Cut?)],
    pieces: Int? = nil, isSecure: Bool = false, until isDone: @escaping @Sendable (Follower) async -> Bool
  ) async throws -> Follower {
    nonisolated(unsafe) let answers = answers
    let turn = Mutex(0)
    let identity = isSecure ? try SecureTests.identity("one") : nil
    let server = try await ScriptedServer.start(identity: identity) { request, answer in
      let number = turn.withLock { turn in
        turn += 1
        return turn - 1
      }
      let (text, cut) = answers[min(number, answers.count - 1)](request, answer)
      answer.setCut(cut)
      let bytes = Array(text.utf8)
      guard let pieces else { return try await answer.write(bytes) }
      for start in stride(from: 0, to: bytes.count, by: pieces) {
        try await answer.write(bytes[start..<min(start + pieces, bytes.count)])
      }
    }
    var access = ClusterAccess(server: server.address)
    if isSecure {
      access.trust = .authorities(.file(Fixtures.path("kubernetes-api/certificates/one-ca.crt")))
    }
    let client = APIClient(access, timing: .short)
    let follower = await Follower.follow(resource, client, until: isDone)
    await client.shutdown()
    await server.shutdown()
    return follower
  }

  static func recording(_ name: String) throws -> String {
    try Fixtures.text("kubernetes-api/\(name).http")
  }

  static let noInitialEvents = "list-bad-parameters"

  @Test("a list, then its watch to the end", arguments: [17, 1000])
  func listAndWatch(pieces: Int) async throws {
    let texts = try [Self.noInitialEvents, "list-pods", "watch-pods"].map(Self.recording)
    var answers = texts.map { text in { (_: ScriptedServer.Request, _: Answer) in (text, Answer.Cut?.none) } }
    answers.append { _, _ in ("HTTP/1.1 500 X\r\nContent-Length: 0\r\n\r\n", nil) }
    var expected = Follower()
    expected.take(.listBegan(.start))
    var list = ListSplitter()
    try SplitterTests.body("list-pods").withUnsafeBytes { list.append($0) }
    while let piece = try list.next() {
      if case .item(let json) = piece { expected.take(.added(APIObject(json: json))) }
    }
    expected.take(.listEnded(resourceVersion: "1"))
    var lines = LineSplitter()
    try SplitterTests.body("watch-pods").withUnsafeBytes { lines.append($0) }
    while let line = lines.next() {
      if case .change(let event) = try WatchEvent(line: line) { expected.take(event) }
    }
    let follower = try await Self.follow(.pods, answers, pieces: pieces) { !$0.failures.isEmpty }
    #expect(follower.lists == [.start])
    #expect(follower.ended == 1)
    #expect(follower.bookmarks > 0)
    #expect(follower.objects == expected.objects)
  }

  @Test(
    "lists as watches",
    arguments: [("watchlist-pods", APIResource.pods), ("watchlist-networkpolicies", .networkPolicies)])
  func watchList(name: String, resource: APIResource) async throws {
    let text = try Self.recording(name)
    let follower = try await Self.follow(resource, [{ _, _ in (text, nil) }], pieces: 5) {
      $0.bookmarks > 0 || $0.lists.count > 1
    }
    #expect(follower.ended == 1)
    #expect(!follower.objects.isEmpty)
  }

  @Test("pages have one version, and the whole is told as one list")
  func pages() async throws {
    let texts = try [Self.noInitialEvents, "list-namespaces-page1", "list-namespaces-page2"].map(
      Self.recording)
    var answers = texts.map { text in { (_: ScriptedServer.Request, _: Answer) in (text, Answer.Cut?.none) } }
    // The recorded second page has a third, which was not recorded.
    answers[2] = { request, _ in
      #expect(request.query["continue"]?.isEmpty == false)
      return (texts[2].replacing("\"continue\"", with: "\"continux\""), nil)
    }
    answers.append { _, _ in ("HTTP/1.1 500 X\r\nContent-Length: 0\r\n\r\n", nil) }
    let follower = try await Self.follow(.namespaces, answers) { $0.ended == 1 }
    #expect(follower.objects.count > 5)
  }

  @Test("a watch from a version that is gone, a page whose token expired")
  func expired() async throws {
    let texts = try [Self.noInitialEvents, "list-pods", "watch-too-old", "list-pods"].map(Self.recording)
    let answers = texts.map { text in { (_: ScriptedServer.Request, _: Answer) in (text, Answer.Cut?.none) } }
    let follower = try await Self.follow(.pods, answers) { $0.ended == 2 }
    #expect(follower.lists == [.start, .expired])
    #expect(follower.failures == [])
    let more = try [Self.noInitialEvents, "list-namespaces-page1", "list-continue-expired", "list-pods"].map(
      Self.recording)
    let pages = more.map { text in { (_: ScriptedServer.Request, _: Answer) in (text, Answer.Cut?.none) } }
    let second = try await Self.follow(.namespaces, pages) { $0.ended == 1 }
    #expect(second.lists == [.start, .expired])
    #expect(second.objects.keys.allSatisfy { $0.hasPrefix("rec-a/") })
  }

  @Test("watches of a version of the future are silent: listed again")
  func future() async throws {
    let texts = try [
      Self.noInitialEvents, "list-pods", "watch-future-rv", "watch-future-rv", "list-future-rv", "list-pods",
    ]
    .map(Self.recording)
    let answers = texts.map { text in
      { (_: ScriptedServer.Request, _: Answer) in
        (text.replacing("Retry-After: 1", with: "Retry-After: 0"), Answer.Cut?.none)
      }
    }
    let follower = try await Self.follow(.pods, answers) { $0.ended == 2 }
    // The list that was refused told nothing: the next is the same one.
    #expect(follower.lists == [.start, .quiet])
    #expect("\(follower.failures)".contains("504"))
  }
}
