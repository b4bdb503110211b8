import Foundation
import ScriptedServer
import TestSupport
import Testing

@Suite(
  "The agent as a process, a kernel's table, a simulated cluster", .serialized, .needsRoot, .bounded,
  .onOwnThread)
struct AgentTests {
  func with(
    _ arguments: [String] = [], _ cluster: SimulatedCluster = .small(), isRouted: Bool = true,
    _ body: (AgentProcess) async throws -> Void
  ) async throws {
    let agent = try await AgentProcess(arguments, cluster: cluster, isRouted: isRouted)
    do { try await body(agent) } catch is AgentProcess.NotReached {} catch {
      Issue.record("\(error)\n\(agent.log.suffix(2000))")
    }
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
      // Two pod events and two of policies that changed the table.
      #expect(metrics.contains("netpolc_agent_event_lag_seconds_count 4\n"), "\(metrics)")
      #expect(metrics.contains("netpolc_agent_policy_enforcement_latency_seconds_count 2\n"))
      #expect(metrics.contains("netpolc_agent_last_sync_timestamp_seconds "))
      await agent.kill(15)
      let left = await agent.table
      #expect(left.contains("10.244.1.10"))
      try agent.start()
      try await agent.waitUntilReady()
      #expect(await agent.table.contains("10.244.1.10"))
    }
  }

  @Test(
    "ADD waits for the pod's object, and its policies are there before it returns; DEL takes them away", .long
  )
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
      await agent.kill(9)
      #expect(await agent.table.contains("10.244.1.20"))
      try agent.start()
      try await agent.waitUntilReady()
      try await agent.wait("the sandbox after a restart") { await agent.table.contains("10.244.1.20") }
      #expect(
        try await agent.plugin("DEL", "new", ["10.244.1.20"], uid: "uid-new", container: "c1").status == 0)
      try await agent.wait("the sandbox's end") { await !agent.table.contains("10.244.1.20") }
      let unknown = try await agent.plugin("ADD", "nobody", ["10.244.1.21"], uid: "x", container: "c2")
      #expect(unknown.status == 1)
      #expect(unknown.output.contains("the API server has not sent the pod default/nobody"))
    }
  }

  @Test("an IPv4-mapped address is the IPv4 address, from the plugin and from the API server", .long)
  func mapped() async throws {
    try await with { agent in
      try await agent.waitUntilReady()
      agent.cluster.putPod("new", "web", nil, uid: "uid-new")
      let add = try await agent.plugin(
        "ADD", "new", ["::ffff:10.244.1.20", "fd00::20"], uid: "uid-new", container: "c1")
      #expect(add.status == 0, "\(add.output)")
      let table = await agent.table
      #expect(table.contains("10.244.1.20") && table.contains("fd00::20"))
      #expect(!table.contains("ffff:"), "\(table)")
      for address in ["::ffff:10.244.1.20", "10.244.1.20"] {
        let check = try await agent.plugin("CHECK", "new", [address], uid: "uid-new", container: "c1")
        #expect(check.status == 0, "\(check.output)")
      }
      agent.cluster.putPod("mapped", "client", "::ffff:10.244.2.13", node: "node-b")
      try await agent.wait("the peer") { await agent.table.contains("10.244.2.13") }
      #expect(await !agent.table.contains("ffff:"))
    }
  }

  @Test("a store that is restored empty is held, and taken when the second list agrees")
  func emptied() async throws {
    try await with { agent in
      try await agent.waitUntilReady()
      // The second list is not answered before the test has looked.
      agent.cluster.setManners { $0.admitted[AgentProcess.paths.policies] = 1 }
      agent.cluster.forget(AgentProcess.paths.policies)
      try await agent.wait("the held list") {
        try await agent.ask("readyz").output.contains("held: the list of policies objects is empty")
      }
      #expect(await agent.table.contains("in4-default/web"))
      agent.cluster.setManners { $0.admitted = [:] }
      try await agent.wait("the second list") { await !agent.table.contains("in4-default/web") }
      try await agent.waitUntilReady()
    }
  }

  @Test("foreign edits are told by the kernel and repaired, each", .long)
  func foreignEdits() async throws {
    try await with { agent in
      try await agent.waitUntilReady()
      let before = AgentHistoryTests.blocks(await agent.table)
      for (number, edit) in ForeignEdit.all.enumerated() {
        // An agent that repairs again and again waits longer each time; another one does not know of it.
        if number % 3 == 0 {
          await agent.kill(SIGTERM)
          try agent.start()
          try await agent.waitUntilReady()
        }
        let (repair, drift) = ("netpolc_agent_repair_seconds", "netpolc_agent_drift_total")
        let former = try await (agent.metric("\(repair)_sum"), agent.metric(drift))
        let run = try await agent.shell(edit.script)
        #expect(run.status == 0, "\(edit.script): \(run.errors)")
        try await agent.wait("the repair of \(edit.script)") {
          let drift = try await agent.metric(drift)
          let table = await agent.table
          return drift > former.1 && AgentHistoryTests.blocks(table) == before
        }
        // For people; the agent's waits before a repair have a test of their own.
        let seconds = try await agent.metric("\(repair)_sum") - former.0
        print("repaired in \(seconds) s: \(edit.script)")
      }
      try await agent.waitUntilReady()
    }
  }

  @Test(
    "after a boot the saved table closes the node's addresses before the API server answers",
    arguments: ["deny", "allow"])
  func boot(unknownPods: String) async throws {
    try await with(["--unknown-pods", unknownPods]) { agent in
      try await agent.waitUntilReady()
      await agent.kill(15)
      agent.cluster.setManners { manners in
        for path in [
          AgentProcess.paths.pods, AgentProcess.paths.namespaces, AgentProcess.paths.nodes,
          AgentProcess.paths.policies,
        ] { manners.admitted[path] = 0 }
      }
      // An agent that starts anew in the same boot installs nothing before it is in sync.
      try await agent.reboot(as: "first")
      try await agent.wait("the agent") { try await agent.ask("livez").status == 0 }
      #expect(await agent.table == "")
      try await agent.reboot(as: "second")
      try await agent.wait("the table of before the boot") { await agent.table.contains("guard4") }
      let known = try await agent.shell("nft list set inet netpolc known4").output
      #expect(!known.contains("10.244.1.10"))
      #expect(try await agent.ask("readyz").output.contains("note: boot: the table of revision"))
      #expect(try await agent.ask("readyz").status != 0)
      agent.cluster.setManners { $0.admitted = [:] }
      try await agent.waitUntilReady()
      let isGuarded = try await agent.shell("nft list set inet netpolc known4").output.contains("10.244.1.10")
      #expect(isGuarded == (unknownPods == "deny"))
    }
  }

  @Test("a pod without a route is not checked for its source, whether it was there before the agent or not")
  func unrouted() async throws {
    try await with(isRouted: false) { agent in
      func local() async throws -> String { try await agent.shell("nft list set inet netpolc local4").output }
      try await agent.waitUntilReady()
      #expect(try await !local().contains("10.244.1.10"))
      _ = try await agent.shell(
        "ip link set lo up && ip link add pods type veth peer name peer && ip link set pods up && ip link set peer up && ip route add 10.244.1.31/32 dev pods"
      )
      agent.cluster.putPod("routed", "client", "10.244.1.31")
      agent.cluster.putPod("unrouted", "client", "10.244.1.32")
      try await agent.wait("the pods") { await agent.table.contains("10.244.1.32") }
      try await agent.wait("the check") {
        let text = try await local()
        return text.contains("10.244.1.31") && !text.contains("10.244.1.32")
      }
      // Another pod has the address, and a route.
      agent.cluster.remove(namespace: "default", name: "routed", from: AgentProcess.paths.pods)
      try await agent.wait("the pod's end") { try await !local().contains("10.244.1.31") }
      agent.cluster.putPod("next", "client", "10.244.1.31")
      try await agent.wait("the next pod") { try await local().contains("10.244.1.31") }
    }
  }

  @Test("a dry run installs nothing, and tells what it would do")
  func dryRun() async throws {
    try await with(["--dry-run"]) { agent in
      try await agent.waitUntilReady()
      #expect(agent.log.contains("would install the table"))
      agent.cluster.putPod("other", "client", "10.244.2.12", node: "node-b")
      try await agent.wait("the change") {
        agent.log.contains("would change the table") && agent.log.contains("10.244.2.12")
      }
      #expect(await agent.table == "")
      // Nor does it put a table right: status names the command that does.
      let status = try await agent.shell("nft add table inet netpolc && netpolc status")
      #expect(status.output.contains("agent     dry run, revision 0"), "\(status.output)")
      #expect(status.output.contains("repair    netpolc compile POLICIES"), "\(status.output)")
    }
  }

  @Test("options of a file count, those of the command line before them; status tells the agent's state")
  func options() async throws {
    let folder = try TemporaryFolder()
    try folder.write(
      "options.json",
      #"{"established": "recheck", "audit": true, "max-released": 30, "pod-to-node": "policies"}"#)
    try await with(["--config", folder.path("options.json"), "--pod-to-node", "open"]) { agent in
      try await agent.waitUntilReady()
      let status = try await agent.shell("netpolc status")
      #expect(status.output.contains("AUDIT: nothing is dropped"), "\(status.output)")
      #expect(status.output.contains("--established recheck"))
      #expect(!status.output.contains("--pod-to-node"))
      #expect(status.output.contains("agent     ready, revision "))
      #expect(status.output.contains("isolated  1 of 2 pods"))
      #expect(status.status == 0)
      // Events later the same: the record is of the table in force.
      agent.cluster.putPod("more", "web", "10.244.1.12")
      try await agent.wait("the pod") { await agent.table.contains("10.244.1.12") }
      let later = try await agent.shell("netpolc status")
      #expect(later.output.contains("isolated  2 of 3 pods"), "\(later.output)")
      #expect(later.output.contains("as installed"))
      #expect(later.status == 0)
    }
  }

  @Test("pods' interfaces are found by their routes, as pods come")
  func interfaces() async throws {
    try await with(["--source-check", "pods"]) { agent in
      try await agent.waitUntilReady()
      try await agent.wait("the interface of the pods that are there") {
        try await agent.shell("nft list set inet netpolc pod-interfaces").output.contains("\"pods\"")
      }
      _ = try await agent.shell(
        "ip link add late type veth peer name far && ip link set late up && ip link set far up && ip route add 10.244.1.77/32 dev late"
      )
      agent.cluster.putPod("late", "client", "10.244.1.77")
      try await agent.wait("the interface of the pod that came") {
        try await agent.shell("nft list set inet netpolc pod-interfaces").output.contains("\"late\"")
      }
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
