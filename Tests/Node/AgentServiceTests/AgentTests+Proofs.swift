import Foundation
import Glibc
import ScriptedServer
import TestSupport
import Testing

extension AgentTests {
  @Test(
    "after events the whole is proved in the background; where that fails it is compiled anew, else the former table",
    .long)
  func wholeProofs() async throws {
    let folder = try TemporaryFolder()
    try await with(["--objection-file", folder.path("objection")]) { agent in
      func ready() async throws -> String { try await agent.ask("readyz").output }
      try await agent.waitUntilReady()
      #expect(try await ready().contains("note: proof: the whole table was proved "))
      agent.cluster.putPod("other", "client", "10.244.2.12", node: "node-b")
      try await agent.wait("the peer") { await agent.table.contains("10.244.2.12") }
      try await agent.wait("the whole proof") {
        let isCurrent = try await !ready().contains("as revision")
        return try await agent.metric("netpolc_agent_whole_proofs_total") >= 2 && isCurrent
      }
      #expect(try await agent.shell("netpolc status").output.contains("; the whole table was proved "))
      try await agent.wait("the table that is saved") {
        let saved = try? String(contentsOfFile: agent.folder.path("library/agent/table"), encoding: .utf8)
        return saved?.contains("10.244.2.12") == true
      }
      // Once: a table compiled from the beginning is proved.
      try folder.write("objection", "once")
      agent.cluster.putPod("more", "client", "10.244.2.13", node: "node-b")
      try await agent.wait("the compilation") {
        try await agent.metric("netpolc_agent_recompilations_total") == 1
      }
      try await agent.waitUntilReady()
      #expect(agent.log.contains("the table in force is not proved"))
      #expect(await agent.table.contains("10.244.2.13"))
      // It stays: the former table, in which the pod that came since is closed.
      try folder.write("objection", "")
      agent.cluster.putPod("last", "client", "10.244.1.14")
      try await agent.wait("the former table") {
        try await ready().contains("former table: the table of revision")
      }
      #expect(try await agent.ask("readyz").status != 0)
      #expect(try await agent.metric("netpolc_agent_former_tables_total") >= 1)
      try FileManager.default.removeItem(atPath: folder.path("objection"))
      try await agent.waitUntilReady()
      try await agent.wait("the last pod") { await agent.table.contains("10.244.1.14") }
      try await agent.wait("its comparison") { try await !ready().contains("former table") }
    }
  }

  @Test("a process of libnftables that is stopped does not keep the next agent from the table")
  func stoppedWorker() async throws {
    try await with { agent in
      try await agent.waitUntilReady()
      agent.cluster.remove(namespace: "default", name: "web", from: AgentProcess.paths.policies)
      try await agent.wait("the policy's end") { await !agent.table.contains("in4-default/web") }
      let worker = try #require(await agent.children.first, "libnftables runs in no process")
      #expect(kill(worker, SIGSTOP) == 0)
      await agent.kill(SIGKILL)
      try agent.start()
      try await agent.wait("the end of the stopped process") { kill(worker, 0) != 0 }
      try await agent.waitUntilReady()
      agent.cluster.putWebPolicy()
      try await agent.wait("the policy") { await agent.table.contains("in4-default/web") }
    }
  }

  @Test(
    "what other programs do beside the table is told: tables that drop, IPVS, iptables; the agent is ready")
  func surroundings() async throws {
    try await with { agent in
      try await agent.waitUntilReady()
      #expect(try await !agent.ask("readyz").output.contains("other programs"))
      await agent.kill(SIGTERM)
      let made = try await agent.shell(
        """
        ip link add kube-ipvs0 type veth peer name ipvs-peer &&
        nft 'table ip other-enforcer { chain forward { type filter hook forward priority 10; policy drop; }; }' &&
        nft 'table ip filter { chain FORWARD { type filter hook forward priority 0; policy accept; ip saddr 192.0.2.1 drop; }; }'
        """)
      #expect(made.status == 0, "\(made.errors)")
      try agent.start()
      try await agent.waitUntilReady()
      try await agent.wait("the notes") {
        let ready = try await agent.ask("readyz").output
        return ready.contains("note: other programs: ") && ready.contains("IPVS mode")
          && ready.contains("chain forward of table ip other-enforcer")
      }
      let log = agent.log
      for (words, level) in [
        ("chain forward of table ip other-enforcer", "warning"), ("IPVS mode", "warning"),
        ("chain FORWARD of table ip filter", "info"),
      ] {
        let lines = log.split(separator: "\n").filter { $0.contains(words) }
        #expect(lines.count == 1, "told once: \(lines)")
        #expect(lines.allSatisfy { $0.contains(" \(level) beside this table") }, "\(lines)")
      }
    }
  }
}
