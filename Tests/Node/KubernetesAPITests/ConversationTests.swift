import KubernetesAPI
import ScriptedServer
import Synchronization
import TestSupport
import Testing

@Suite("Conversations with a server", .bounded, .onOwnThread)
struct ConversationTests {
  static let pods = "/api/v1/pods"

  /// A server of a simulated cluster and a client of it, for the time of a test.
  static func with(
    _ cluster: SimulatedCluster = SimulatedCluster(), timing: ServerTiming = .short,
    _ body: (SimulatedCluster, ScriptedServer, APIClient) async throws -> Void
  ) async throws {
    let server = try await ScriptedServer.start { try await cluster.answer($0, $1) }
    let client = APIClient(ClusterAccess(server: server.address), timing: timing)
    do { try await body(cluster, server, client) } catch {
      Issue.record(error)
    }
    await client.shutdown()
    await server.shutdown()
  }

  static func fill(_ cluster: SimulatedCluster, _ count: Int) {
    for number in 0..<count { cluster.put(.init(namespace: "a", name: "pod-\(number)"), in: pods) }
  }

  @Test("the state, then changes; a server that sends lists as watches")
  func watchList() async throws {
    try await Self.with { cluster, _, client in
      Self.fill(cluster, 5)
      let follower = await Follower.follow(.pods, client) { follower in
        if follower.ended == 1, cluster.objects(Self.pods)["a/pod-9"] == nil {
          cluster.remove(namespace: "a", name: "pod-0", from: Self.pods)
          cluster.put(.init(namespace: "a", name: "pod-9"), in: Self.pods)
        }
        return follower.objects["a/pod-9"] != nil
      }
      #expect(follower.objects == cluster.objects(Self.pods))
      #expect(cluster.count("watchlist", Self.pods) == 1)
      #expect(cluster.count("list", Self.pods) == 0)
      #expect(follower.failures == [])
    }
  }

  @Test("servers that refuse or ignore initial events are asked for pages", arguments: [false, true])
  func pages(ignores: Bool) async throws {
    try await Self.with { cluster, _, client in
      Self.fill(cluster, 8)
      cluster.setManners {
        $0.sendsInitialEvents = false
        $0.ignoresInitialEvents = ignores
      }
      let follower = await Follower.follow(.pods, client) { $0.ended == 1 }
      #expect(follower.objects == cluster.objects(Self.pods))
      #expect(follower.objects.count == 8)
      #expect(cluster.count("page", Self.pods) == 2)
    }
  }

  @Test("a field selector that the server does not know is cut down, then left out")
  func fieldSelectors() async throws {
    for (field, count) in [("spec.hostNetwork", 2), ("status.phase", 3)] {
      try await Self.with { cluster, _, client in
        Self.fill(cluster, 2)
        cluster.setManners { $0.refusedField = field }
        let follower = await Follower.follow(.pods, client) { $0.ended == 1 }
        #expect(follower.objects.count == 2)
        #expect(follower.failures == [])
        #expect(cluster.count("watchlist", Self.pods) == count)
      }
    }
  }

  @Test("410: listed again, and what is gone meanwhile is gone")
  func expired() async throws {
    try await Self.with { cluster, server, client in
      Self.fill(cluster, 4)
      let follower = await Follower.follow(.pods, client) { follower in
        if follower.ended == 1, follower.lists.count == 1 {
          server.setAccepting(false)
          await server.closeConnections()
          cluster.remove(namespace: "a", name: "pod-1", from: Self.pods)
          cluster.compact()
          server.setAccepting(true)
        }
        return follower.ended == 2
      }
      #expect(follower.lists.contains(.expired))
      #expect(follower.objects == cluster.objects(Self.pods))
      #expect(follower.objects.count == 3)
    }
  }

  @Test("a store that was restored empty: the list of nothing is told as one")
  func emptied() async throws {
    try await Self.with { cluster, server, client in
      Self.fill(cluster, 4)
      let follower = await Follower.follow(.pods, client) { follower in
        if follower.ended == 1, follower.lists.count == 1 {
          cluster.forget(Self.pods)
          await server.closeConnections()
        }
        return follower.ended == 2
      }
      #expect(follower.objects == [:])
    }
  }

  @Test("a kind that is not installed is an empty list, and listed when it is installed")
  func absent() async throws {
    let path = APIResource.clusterNetworkPolicies.path
    try await Self.with { cluster, _, client in
      cluster.setManners { $0.absent = [path] }
      let follower = await Follower.follow(.clusterNetworkPolicies, client) { follower in
        if follower.ended == 1, follower.lists.count == 1 {
          #expect(follower.objects == [:])
          cluster.put(.init(name: "policy"), in: path)
          cluster.setManners { $0.absent = [] }
        }
        return follower.objects.count == 1
      }
      #expect(follower.lists == [.start, .absent])
      #expect(follower.failures == [])
    }
  }

  @Test("a server that is away is asked again until it is there")
  func away() async throws {
    try await Self.with { cluster, server, client in
      Self.fill(cluster, 3)
      server.setAccepting(false)
      let follower = await Follower.follow(.pods, client) { follower in
        if follower.failures.count == 5 { server.setAccepting(true) }
        return follower.ended == 1
      }
      #expect(follower.objects.count == 3)
      #expect(follower.lists == [.start])
    }
  }

  @Test("a silent connection is given up, the watch goes on, and two silent ones are a reason to list")
  func halfOpen() async throws {
    var timing = ServerTiming.short
    timing.idleLimit = .seconds(1)
    try await Self.with(timing: timing) { cluster, _, client in
      Self.fill(cluster, 2)
      let follower = await Follower.follow(.pods, client) { $0.ended >= 2 && $0.lists.contains(.quiet) }
      #expect(follower.objects == cluster.objects(Self.pods))
      #expect(follower.failures.contains(.silent))
      #expect(cluster.count("watch", Self.pods) >= 1)
    }
  }

  @Test("a token that is exchanged on disk is read for each request")
  func tokens() async throws {
    let file = try TemporaryFile("first\n")
    let cluster = SimulatedCluster()
    cluster.setManners { $0.token = "first" }
    Self.fill(cluster, 1)
    let server = try await ScriptedServer.start { try await cluster.answer($0, $1) }
    let client = APIClient(
      ClusterAccess(server: server.address, credential: .token(.file(file.path))), timing: .short)
    let follower = await Follower.follow(.pods, client) { follower in
      if follower.ended == 1, follower.failures.isEmpty {
        cluster.setManners { $0.token = "second" }
        await server.closeConnections()
      }
      if follower.failures.contains(where: { "\($0)".contains("401") }) { try? file.write("second") }
      if follower.failures.count > 1, follower.objects.count == 1 {
        cluster.put(.init(namespace: "a", name: "later"), in: Self.pods)
      }
      return follower.objects.count == 2
    }
    #expect(follower.objects.count == 2)
    await client.shutdown()
    await server.shutdown()
  }

  @Test(
    "refusals are told with the server's words",
    arguments: ["unauthenticated", "unauthorized-token", "forbidden"])
  func refusals(name: String) async throws {
    let text = try Fixtures.text("kubernetes-api/\(name).http")
    let server = try await ScriptedServer.start { _, answer in try await answer.write(text) }
    let client = APIClient(ClusterAccess(server: server.address), timing: .short)
    let follower = await Follower.follow(.pods, client) { $0.failures.count == 2 }
    let words = ["unauthenticated": "403: pods is forbidden", "unauthorized-token": "401: Unauthorized"]
    #expect("\(follower.failures[0])".contains(words[name] ?? "403: pods is forbidden"))
    #expect(follower.ended == 0)
    await client.shutdown()
    await server.shutdown()
  }
}
