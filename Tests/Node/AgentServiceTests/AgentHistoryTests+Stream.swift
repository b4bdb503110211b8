import ScriptedServer
import TestSupport
import Testing

extension AgentHistoryTests {
  @Test(
    "a long stream of events: memory and descriptors stay as they are, and the table is that of a compile")
  func stream() async throws {
    let cluster = SimulatedCluster.small()
    try await with(cluster) { agent in
      try await agent.waitUntilReady()
      var dice = SeededGenerator(seed: 2_000_000)
      let rounds = Self.isFull ? 2_000 : 6
      var early = (kilobytes: 0, descriptors: 0)
      for round in 0..<rounds {
        for _ in 0..<(Self.isFull ? 1_000 : 500) {
          let number = Int.random(in: 0..<400, using: &dice)
          let app = dice.pick(["web", "client", "other"])
          switch Int.random(in: 0..<50, using: &dice) {
          case 0: cluster.removePod("pod-\(number)")
          case 1:
            cluster.put(
              .init(
                namespace: "default", name: "policy-\(number % 4)", content: Self.policy(app, port: number)),
              in: AgentProcess.paths.policies)
          default:
            let isOwn = number < 100
            cluster.putPod(
              "pod-\(number)", app, "10.244.\(isOwn ? 1 : 2 + number / 200).\(50 + number % 200)",
              node: isOwn ? "node-a" : "node-b")
          }
        }
        // The agent has taken everything before this pod; then nothing before it is kept.
        let marker = "10.245.\(round / 250 % 250).\(round % 250 + 1)"
        cluster.putPod("marker", "client", marker, node: "node-b")
        try await agent.wait("round \(round)") { await agent.table.contains("\(marker)") }
        cluster.compact()
        if round == rounds / 5 { early = await agent.usage }
      }
      try await waitUntilEqual(agent, "the end")
      let late = await agent.usage
      #expect(early.kilobytes > 0)
      #expect(late.descriptors <= early.descriptors + 2, "\(early), \(late)")
      #expect(late.kilobytes <= early.kilobytes * 5 / 4 + 16_384, "\(early), \(late)")
      try await agent.waitUntilReady()
      if Self.isFull { print("stream: after a fifth \(early), at the end \(late)") }
    }
  }
}

extension SimulatedCluster {
  func removePod(_ name: String) {
    remove(namespace: "default", name: name, from: AgentProcess.paths.pods)
  }
}
