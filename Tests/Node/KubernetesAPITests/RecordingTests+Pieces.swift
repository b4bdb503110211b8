import Foundation
import ScriptedServer
import Testing

@testable import KubernetesAPI

/// Every recorded answer, in the smallest pieces and cut, plain and over TLS.
extension RecordingTests {
  /// A recorded answer, and what is asked for.
  struct Recorded: Sendable, CustomTestStringConvertible {
    let name: String
    let resource: APIResource
    /// The recorded answers before it.
    let before: [String]

    init(_ name: String, _ resource: APIResource = .pods, after before: [String] = []) {
      (self.name, self.resource, self.before) = (name, resource, before)
    }

    var testDescription: String { name }
  }

  /// All recorded answers to lists and watches, each where a server gives it.
  private static let all: [Recorded] = [
    .init("forbidden"), .init("list-bad-parameters"),
    .init("list-clusternetworkpolicies-no-crd", .clusterNetworkPolicies),
    .init("list-continue-expired", .namespaces, after: [noInitialEvents, "list-namespaces-page1"]),
    .init("list-future-rv", after: [noInitialEvents]),
    .init("list-namespaces-page1", .namespaces, after: [noInitialEvents]),
    .init("list-namespaces-page2", .namespaces, after: [noInitialEvents, "list-namespaces-page1"]),
    .init("list-networkpolicies", .networkPolicies, after: [noInitialEvents]),
    .init("list-nodes", .nodes, after: [noInitialEvents]),
    .init("list-pods", after: [noInitialEvents]),
    .init("list-pods-field-selector", after: [noInitialEvents]),
    .init("unauthenticated"), .init("unauthorized-token"),
    .init("watch-future-rv", after: [noInitialEvents, "list-pods"]),
    .init("watch-pods", after: [noInitialEvents, "list-pods"]),
    .init("watch-too-old", after: [noInitialEvents, "list-pods"]),
    .init("watchlist-networkpolicies", .networkPolicies), .init("watchlist-pods"),
  ]

  private typealias Turn = (ScriptedServer.Request, Answer) -> (String, Answer.Cut?)

  /// The recorded answers in turn, the last of them with a cut; then the server is in trouble, so that the end of all is a failure.
  private static func turns(_ recorded: Recorded, cut: Answer.Cut? = nil) throws -> [Turn] {
    var turns: [Turn] = try recorded.before.map { name in
      let text = try recording(name)
      return { _, _ in (text, nil) }
    }
    let text = try recording(recorded.name)
    turns.append { _, _ in (text, cut) }
    return turns
  }

  private static let trouble = "HTTP/1.1 500 X\r\nContent-Length: 0\r\n\r\n"

  @Test("byte by byte over TLS, an answer says what it says as a whole", arguments: all)
  func bytes(recorded: Recorded) async throws {
    let text = try Self.recording(recorded.name)
    let turns = try Self.turns(recorded) + [{ _, _ in (Self.trouble, nil) }]
    let isDone: @Sendable (Follower) async -> Bool = { follower in
      follower.failures.contains { "\($0)".contains("500") }
    }
    let whole = try await Self.follow(recorded.resource, turns, until: isDone)
    // The largest ones byte by byte in the full size only.
    let isFull = ProcessInfo.processInfo.environment["NETPOLC_FULL"] != nil
    let pieces = try await Self.follow(
      recorded.resource, turns, pieces: isFull || text.utf8.count < 8192 ? 1 : 7, isSecure: true,
      until: isDone)
    #expect(pieces.objects == whole.objects)
    #expect(pieces.lists == whole.lists)
    #expect(pieces.ended == whole.ended)
    #expect(pieces.failures.map { "\($0)" } == whole.failures.map { "\($0)" })
    #expect(pieces.bookmarks == whole.bookmarks)
  }

  private static let lists = all.filter {
    $0.name.hasPrefix("watchlist-")
      || $0.name.hasPrefix("list-")
        && ["pods", "policies", "nodes"].contains(where: $0.name.hasSuffix)
  }

  @Test(
    "cut in headers, sizes, objects, between two: the next try is told as a new list, or goes on",
    arguments: lists, [false, true])
  func cuts(recorded: Recorded, isSecure: Bool) async throws {
    let text = try Self.recording(recorded.name)
    let count = text.utf8.count
    let whole = try await Self.follow(recorded.resource, Self.turns(recorded)) { $0.ended == 1 }
    let head = count - (text.firstRange(of: "\r\n\r\n").map { text[$0.upperBound...].utf8.count } ?? 0)
    var places = [
      0, 1, 9, 20, head - 3, head - 1, head, head + 1, head + 3, head + 5, head + 6, count - 1, count - 2,
      count - 4,
    ]
    places += stride(from: head + 10, to: count, by: count / 12)
    for place in places where place < count {
      for isReset in [false, true] {
        let follower = try await Self.follow(
          recorded.resource,
          Self.turns(recorded, cut: .init(after: place, isReset: isReset)) + [{ _, _ in (text, nil) }],
          isSecure: isSecure
        ) { $0.ended >= 1 }
        #expect(follower.objects == whole.objects, "\(recorded.name) cut after \(place)")
      }
    }
  }
}
