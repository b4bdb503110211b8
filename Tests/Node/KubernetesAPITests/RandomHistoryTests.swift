import KubernetesAPI
import ScriptedServer
import TestSupport
import Testing

@Suite("Random histories of a cluster over a faulty connection", .bounded, .onOwnThread)
struct RandomHistoryTests {
  @Test("the state is the server's, each time", arguments: 1...12)
  func histories(seed: UInt64) async throws {
    var dice = SeededGenerator(seed: seed)
    let (initialEvents, ignores) = (!dice.chance(oneIn: 3), dice.chance(oneIn: 2))
    let cluster = SimulatedCluster()
    cluster.setManners {
      $0.seed = seed
      $0.faultOneIn = 2
      $0.sendsInitialEvents = initialEvents
      $0.ignoresInitialEvents = ignores
    }
    let path = ConversationTests.pods
    let timing = ServerTiming(
      idleLimit: .seconds(600), connectLimit: .seconds(600), firstWait: .milliseconds(1),
      longestWait: .milliseconds(5), pageSize: 4)
    try await ConversationTests.with(cluster, timing: timing) { cluster, server, client in
      async let following = Follower.follow(.pods, client) { $0.objects["a/last"] != nil }
      for step in 0..<400 {
        let name = "pod-\(Int.random(in: 0..<30, using: &dice))"
        switch Int.random(in: 0..<20, using: &dice) {
        case 0..<7: cluster.remove(namespace: "a", name: name, from: path)
        case 7: await server.closeConnections()
        case 8 where step % 5 == 0: cluster.compact()
        default: cluster.put(.init(namespace: "a", name: name), in: path)
        }
        if step % 10 == 0 { await OwnThread.pause(.milliseconds(Int.random(in: 0..<8, using: &dice))) }
      }
      cluster.put(.init(namespace: "a", name: "last"), in: path)
      let follower = await following
      #expect(follower.objects == cluster.objects(path), "seed \(seed)")
      #expect(!follower.failures.isEmpty, "seed \(seed): no fault was met")
    }
  }
}
