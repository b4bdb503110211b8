import Glibc
import ScriptedServer
import TestSupport
import Testing

extension AgentHistoryTests {
  /// A policy of the cluster that denies what pods of `default` send.
  private func put(_ cluster: SimulatedCluster, to peer: String, priority: Int = 10) {
    cluster.put(
      .init(
        name: "fence",
        content:
          #","spec":{"tier":"Admin","priority":\#(priority),"subject":{"namespaces":{}},"egress":[{"action":"Deny","to":[\#(peer)]}]}"#
      ), in: AgentProcess.paths.clusterPolicies)
  }

  private func node(_ name: String, _ address: String, _ role: String) -> SimulatedCluster.Object {
    .init(
      name: name, metadata: #","labels":{"role":"\#(role)"}"#,
      content:
        #","spec":{"podCIDRs":["10.244.3.0/24"]},"status":{"addresses":[{"type":"InternalIP","address":"\#(address)"}]}"#
    )
  }

  @Test("policies of the cluster, installed later; nodes are followed once one names them; removed again")
  func clusterPolicies() async throws {
    let cluster = SimulatedCluster.small()
    let paths = AgentProcess.paths
    cluster.setManners { $0.absent = [paths.clusterPolicies] }
    try await with(cluster) { agent in
      try await agent.waitUntilReady()
      // The kind is installed. An agent asks for it again within two minutes; the next agent asks at once.
      cluster.setManners { $0.absent = [] }
      put(cluster, to: #"{"networks":["192.0.2.0/24"]}"#)
      await agent.kill(SIGTERM)
      try agent.start()
      try await waitUntilEqual(agent, "a network")
      #expect(await agent.table.contains("192.0.2.0/24"))
      #expect(cluster.count("watchlist", paths.nodes) == 2)
      cluster.put(node("node-b", "192.168.10.2", "worker"), in: paths.nodes)
      put(cluster, to: #"{"nodes":{"matchLabels":{"role":"worker"}}}"#)
      try await waitUntilEqual(agent, "nodes")
      #expect(await agent.table.contains("192.168.10.2"))
      cluster.put(node("node-c", "192.168.10.9", "worker"), in: paths.nodes)
      try await waitUntilEqual(agent, "a node more")
      #expect(await agent.table.contains("192.168.10.9"))
      cluster.put(node("node-b", "192.168.10.2", "other"), in: paths.nodes)
      try await waitUntilEqual(agent, "a node with other labels")
      cluster.remove(name: "node-c", from: paths.nodes)
      try await waitUntilEqual(agent, "a node gone")
      #expect(await !agent.table.contains("192.168.10.9"))
      cluster.remove(name: "fence", from: paths.clusterPolicies)
      try await waitUntilEqual(agent, "the policy gone")
      try await agent.waitUntilReady()
    }
  }

  @Test("other nodes that the server does not tell hold changes only while a policy names nodes")
  func missingNodes() async throws {
    let cluster = SimulatedCluster.small()
    let paths = AgentProcess.paths
    // The first request is that for this node alone; the one for all nodes waits for ever.
    cluster.setManners { $0.admitted = [paths.nodes: 1] }
    try await with(cluster) { agent in
      try await agent.waitUntilReady()
      put(cluster, to: #"{"networks":["192.0.2.0/24"]}"#)
      try await waitUntilEqual(agent, "no nodes named")
      put(cluster, to: #"{"nodes":{"matchLabels":{"role":"worker"}}}"#)
      try await agent.wait("the missing list") {
        try await agent.ask("readyz").output.contains("no complete list of nodes")
      }
      #expect(await agent.table.contains("192.0.2.0/24"))
      cluster.remove(name: "fence", from: paths.clusterPolicies)
      try await waitUntilEqual(agent, "the policy gone")
      try await agent.waitUntilReady()
      #expect(await !agent.table.contains("192.0.2.0/24"))
    }
  }

  @Test("a policy of the cluster that is not understood is closed, with its name; other changes go on")
  func closedClusterPolicy() async throws {
    let cluster = SimulatedCluster.small()
    put(cluster, to: #"{"networks":["192.0.2.0/24"]}"#)
    try await with(cluster) { agent in
      try await agent.waitUntilReady()
      put(cluster, to: #"{"networks":["nonsense"]}"#)
      try await agent.wait("the reason") {
        let ready = try await agent.ask("readyz")
        return ready.status == 0
          && ready.output.contains("not understood, and closed: clusterpolicies fence: ")
      }
      try await waitUntilEqual(agent, "the closed rule")
      #expect(await agent.table.contains("out4-fence"))
      cluster.putPod("other", "client", "10.244.2.12", node: "node-b")
      try await waitUntilEqual(agent, "another pod")
      cluster.remove(name: "fence", from: AgentProcess.paths.clusterPolicies)
      try await waitUntilEqual(agent, "the policy gone")
      #expect(try await !agent.ask("readyz").output.contains("closed"))
    }
  }
}
