import ScriptedServer
import TestSupport
import Testing

@testable import KubernetesAPI

@Suite("Many agents and one server", .bounded, .onOwnThread)
struct ManyWatchersTests {
  /// The bytes that a server sends to so many watchers: for their first lists, and for changes of so many pods.
  private static func bytes(watchers: Int, pods: Int, changes: Int) async throws -> (lists: Int, changes: Int)
  {
    let cluster = SimulatedCluster()
    // As large as recorded pods are.
    let padding = #","status":{"phase":"Running","message":"\#(String(repeating: "x", count: 3_900))"}"#
    func put(_ name: String) {
      cluster.put(.init(namespace: "a", name: name, content: padding), in: ConversationTests.pods)
    }
    for number in 0..<pods { put("pod-\(number)") }
    var result = (lists: 0, changes: 0)
    try await ConversationTests.with(cluster) { cluster, server, client in
      let synced = AsyncStream<Void>.makeStream()
      await withTaskGroup(of: Follower.self) { group in
        for _ in 0..<watchers {
          group.addTask {
            await Follower.follow(.pods, client) { follower in
              if follower.ended == 1, follower.objects.count == pods { synced.continuation.yield() }
              return follower.objects["a/last"] != nil
            }
          }
        }
        var waiting = synced.stream.makeAsyncIterator()
        for _ in 0..<watchers { _ = await waiting.next() }
        result.lists = server.sentBytes
        for number in 0..<changes { put("pod-\(number % pods)") }
        put("last")
        for await follower in group {
          #expect(follower.objects.count == pods + 1)
          #expect(follower.failures == [])
        }
        result.changes = server.sentBytes - result.lists
      }
    }
    return result
  }

  @Test("bytes are those of one agent times their number: no watcher costs more than another")
  func bytesGrowWithWatchers() async throws {
    let one = try await Self.bytes(watchers: 1, pods: 20, changes: 30)
    for count in [4, 16] {
      let many = try await Self.bytes(watchers: count, pods: 20, changes: 30)
      #expect(many.lists == count * one.lists)
      // The server writes chunks of one event each: nothing is shared, nothing is added.
      #expect(many.changes == count * one.changes)
    }
    #expect(one.changes > 31 * 3_900)
  }

  @Test("first requests of a thousand agents are spread over the whole wait")
  func starts() {
    var tenths = [Int](repeating: 0, count: 10)
    for _ in 0..<1000 {
      let wait = ServerTiming.part(of: .seconds(3))
      #expect(wait >= .zero && wait <= .seconds(3))
      tenths[min(9, Int(wait / .milliseconds(300)))] += 1
    }
    // A hundred each; ten is the deviation.
    #expect(tenths.allSatisfy { 40...160 ~= $0 }, "\(tenths)")
  }
}
