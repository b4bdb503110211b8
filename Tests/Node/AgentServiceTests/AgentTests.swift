import Foundation
import ScriptedServer
import TestSupport
import Testing

@Suite(
  "The agent as a process, a kernel's table, a simulated cluster", .serialized, .needsRoot,
  .needsFreeThreads, .bounded)
struct AgentTests {
  private func with(
    _ arguments: [String] = [], _ cluster: SimulatedCluster = .small(),
    _ body: (AgentProcess) async throws -> Void
  ) async throws {
    let agent = try await AgentProcess(arguments, cluster: cluster)
    do { try await body(agent) } catch { Issue.record("\(error)\n\(agent.log.suffix(2000))") }
    await agent.shutdown()
  }

  @Test("in sync, events, relabelling; the table stays after SIGTERM; the next agent goes on")
  func events() async throws {
    try await with { agent in
      try await agent.waitUntilReady()
      #expect(await agent.table.contains("10.244.1.10"))
      #expect(await !agent.table.contains("10.244.1.12"))
      // A client more, elsewhere: an element of the web pods' rule.
      agent.cluster.putPod("other", "client", "10.244.2.12", node: "node-b")
      try await agent.wait("the peer") { await agent.table.contains("10.244.2.12") }
      // Relabelled: neither isolated nor a client.
      agent.cluster.putPod("other", "nobody", "10.244.2.12", node: "node-b")
      try await agent.wait("the relabelled peer's end") { await !agent.table.contains("10.244.2.12") }
      agent.cluster.remove(namespace: "default", name: "web", from: AgentProcess.paths.policies)
      try await agent.wait("the policy's end") { await !agent.table.contains("web") }
      agent.cluster.putWebPolicy()
      try await agent.wait("the policy") {
        await agent.table.contains("in4-default/web")
      }
      #expect(try await agent.ask("livez").output == "ok\n")
      let metrics = try await agent.ask("metrics").output
      #expect(metrics.contains("netpolc_agent_ready 1\n"))
      #expect(metrics.contains("netpolc_agent_watch_synced{kind=\"pods\"} 1\n"))
      agent.kill(15)
      let left = await agent.table
      #expect(left.contains("10.244.1.10"))
      try agent.start()
      try await agent.waitUntilReady()
      #expect(await agent.table.contains("10.244.1.10"))
    }
  }

  @Test("ADD waits for the pod's object, and its policies are there before it returns; DEL takes them away")
  func plugin() async throws {
    try await with { agent in
      try await agent.waitUntilReady()
      agent.cluster.putPod("new", "web", nil, uid: "uid-new")
      let add = try await agent.plugin("ADD", "new", ["10.244.1.20"], uid: "uid-new", container: "c1")
      #expect(add.status == 0, "\(add.output)")
      #expect(await agent.table.contains("10.244.1.20"))
      #expect(
        try await agent.plugin("CHECK", "new", ["10.244.1.20"], uid: "uid-new", container: "c1").status == 0)
      #expect(try await agent.plugin("STATUS", "new", [], uid: "", container: "c1").status == 0)
      // The API still shows no address; nothing is taken away. A restart keeps the word.
      agent.cluster.putPod("new", "web", nil, uid: "uid-new")
      agent.kill(9)
      #expect(await agent.table.contains("10.244.1.20"))
      try agent.start()
      try await agent.waitUntilReady()
      try await agent.wait("the sandbox after a restart") { await agent.table.contains("10.244.1.20") }
      #expect(
        try await agent.plugin("DEL", "new", ["10.244.1.20"], uid: "uid-new", container: "c1").status == 0)
      try await agent.wait("the sandbox's end") { await !agent.table.contains("10.244.1.20") }
      let unknown = try await agent.plugin("ADD", "nobody", ["10.244.1.21"], uid: "x", container: "c2")
      #expect(unknown.status == 1)
      #expect(unknown.output.contains("the API server has not told of the pod default/nobody"))
    }
  }

  @Test("a store that is restored empty is held, and taken when the second list agrees")
  func emptied() async throws {
    try await with { agent in
      try await agent.waitUntilReady()
      agent.cluster.forget(AgentProcess.paths.policies)
      try await agent.wait("the held list") {
        try await agent.ask("readyz").output.contains("held: the list of policies objects is empty")
      }
      #expect(await agent.table.contains("10.244.1.10"))
      try await agent.wait("the second list") { await !agent.table.contains("10.244.1.10") }
      try await agent.waitUntilReady()
    }
  }

  @Test(
    "a foreign edit is repaired",
    arguments: [
      "nft flush table inet netpolc", "nft delete table inet netpolc",
      "nft add rule inet netpolc forward accept",
    ])
  func foreignEdit(edit: String) async throws {
    try await with { agent in
      try await agent.waitUntilReady()
      let before = Self.rules(await agent.table)
      let run = try await agent.shell(edit)
      guard run.status == 0 else { return }
      try await agent.wait("the repair") { Self.rules(await agent.table) == before }
      #expect(try await agent.ask("metrics").output.contains("netpolc_agent_drift_total"))
    }
  }

  /// The table without the revision's marker and its comment.
  private static func rules(_ text: String) -> [Substring] {
    text.split(separator: "\n").filter {
      !$0.contains("revision") && !$0.contains("netpolc-") && !$0.contains("comment")
    }
  }

  @Test("a policy that cannot be read closes its pods, and every other change goes on")
  func unreadable() async throws {
    try await with { agent in
      try await agent.waitUntilReady()
      agent.cluster.put(
        .init(
          namespace: "default", name: "broken",
          content:
            #","spec":{"podSelector":{"matchLabels":{"app":"client"}},"ingress":[{"from":[{"ipBlock":{"cidr":"nonsense"}}]}]}"#
        ),
        in: AgentProcess.paths.policies)
      try await agent.wait("the closed pod") {
        await agent.table.contains("default/broken")
      }
      let ready = try await agent.ask("readyz")
      #expect(ready.output.contains("policies default/broken"))
      #expect(ready.status == 0)
      agent.cluster.putPod("other", "client", "10.244.2.12", node: "node-b")
      try await agent.wait("the peer") { await agent.table.contains("10.244.2.12") }
    }
  }

  @Test("a Node without podCIDRs: not ready, with the reason; nothing is installed")
  func noBlocks() async throws {
    let cluster = SimulatedCluster.small()
    cluster.put(.init(name: "node-a", content: #","spec":{}"#), in: AgentProcess.paths.nodes)
    try await with([], cluster) { agent in
      try await agent.wait("the reason") {
        try await agent.ask("readyz").output.contains("unknown pods: the Node has no podCIDRs")
      }
      #expect(await agent.table == "")
    }
  }
}

@Suite("What kubectl apply installs", .bounded)
struct ManifestTests {
  @Test(
    "the manifests are those that reviewers read; NETPOLC_RECORD=1 writes them", arguments: [false, true])
  func golden(isRemoval: Bool) throws {
    let folder = AgentProcess.directory
    let run = try CommandRun(
      "\(folder)/netpolc-agent",
      ["manifest", "--image", "registry.example/netpolc-agent:1"] + (isRemoval ? ["--uninstall"] : []))
    #expect(run.status == 0)
    let golden = Golden("agent/\(isRemoval ? "uninstall" : "install").yaml")
    if let difference = golden.difference(from: run.output) { Issue.record("\(difference)") }
    if !isRemoval {
      let page = try String(contentsOf: Fixtures.package.appending(path: "docs/agent.md"), encoding: .utf8)
      #expect(page.contains(run.output), "docs/agent.md shows another manifest")
    }
  }
}
