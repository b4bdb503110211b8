import Foundation
import Glibc
import ScriptedServer
import TestSupport
import Testing

extension AgentTests {
  private static let clusterPolicies = AgentProcess.paths.clusterPolicies

  /// A policy of the cluster that denies what pods of `default` send to a network.
  private func fence(_ name: String, _ network: String) -> SimulatedCluster.Object {
    .init(
      name: name,
      content:
        #","spec":{"tier":"Admin","priority":10,"subject":{"namespaces":{}},"egress":[{"action":"Deny","to":[{"networks":["\#(network)"]}]}]}"#
    )
  }

  @Test(
    "a list that lacks a ClusterNetworkPolicy is held where that releases pods, and taken when a second one agrees"
  )
  func releasedByClusterPolicies() async throws {
    let cluster = SimulatedCluster.small()
    cluster.put(fence("fence", "192.0.2.0/24"), in: Self.clusterPolicies)
    try await with([], cluster) { agent in
      try await agent.waitUntilReady()
      #expect(await agent.table.contains("192.0.2.0/24"))
      // The store was restored from an old copy: another policy is there, which denies nothing.
      cluster.setManners { $0.admitted[Self.clusterPolicies] = 0 }
      cluster.forget(Self.clusterPolicies)
      cluster.put(
        .init(
          name: "other",
          content:
            #","spec":{"tier":"Admin","priority":20,"subject":{"namespaces":{}},"egress":[{"action":"Accept","to":[{"networks":["198.51.100.0/24"]}]}]}"#
        ), in: Self.clusterPolicies)
      cluster.setManners { $0.admitted[Self.clusterPolicies] = 1 }
      try await agent.wait("the held list") {
        try await agent.ask("readyz").output.contains(
          "held: the list of clusterpolicies objects would release 2 of the node's 2 isolated pods")
      }
      #expect(await agent.table.contains("192.0.2.0/24"))
      cluster.setManners { $0.admitted = [:] }
      try await agent.wait("the second list") { await !agent.table.contains("192.0.2.0/24") }
      try await agent.waitUntilReady()
    }
  }

  @Test(
    "a list may release isolated pods whose interface is gone, and is held where it releases one that has its own"
  )
  func releasedWithoutInterface() async throws {
    let cluster = SimulatedCluster.small()
    let path = AgentProcess.paths.pods
    // No route leads there.
    cluster.putPod("gone", "web", "10.244.9.9")
    try await with([], cluster) { agent in
      func relist(_ pods: [(name: String, address: String)]) {
        cluster.setManners { $0.admitted[path] = 0 }
        cluster.forget(path)
        for pod in pods { cluster.putPod(pod.name, pod.name, pod.address) }
        cluster.setManners { $0.admitted[path] = 1 }
      }
      try await agent.waitUntilReady()
      #expect(await agent.table.contains("10.244.9.9"))
      relist([("web", "10.244.1.10"), ("client", "10.244.1.11")])
      try await agent.wait("the list that is taken") { await !agent.table.contains("10.244.9.9") }
      relist([("client", "10.244.1.11")])
      try await agent.wait("the held list") {
        try await agent.ask("readyz").output.contains(
          "held: the list of pods objects would release 1 of the node's 1 isolated pods")
      }
      #expect(await agent.table.contains("10.244.1.10"))
    }
  }

  @Test(
    "a pod that cannot be read stays as it was known, and is gone once it is deleted, in one watch or in a list"
  )
  func unreadableThenDeleted() async throws {
    let cluster = SimulatedCluster.small()
    let path = AgentProcess.paths.pods
    try await with([], cluster) { agent in
      func spoil() {
        cluster.put(
          .init(
            namespace: "default", name: "client", metadata: #","labels":{"app":["client"]}"#,
            content: #","spec":{"nodeName":"node-a"},"status":{"podIP":"10.244.1.11"}"#), in: path)
      }
      func known() async throws -> Bool {
        try await agent.shell("nft list set inet netpolc known4").output.contains("10.244.1.11")
      }
      try await agent.waitUntilReady()
      #expect(try await known())
      spoil()
      try await agent.wait("the pod's name") {
        try await agent.ask("readyz").output.contains("pods default/client")
      }
      #expect(try await known())
      // Spoilt again and deleted at once.
      spoil()
      cluster.remove(namespace: "default", name: "client", from: path)
      try await agent.wait("the pod's end") { try await !known() }
      #expect(try await !agent.ask("readyz").output.contains("pods default/client"))
      // Between two lists.
      cluster.putPod("client", "client", "10.244.1.11")
      try await agent.wait("the pod") { try await known() }
      cluster.setManners { $0.admitted[path] = 0 }
      await agent.cutConnections()
      spoil()
      cluster.remove(namespace: "default", name: "client", from: path)
      cluster.compact()
      cluster.setManners { $0.admitted = [:] }
      try await agent.wait("the pod's end in a list") { try await !known() }
      #expect(try await !agent.ask("readyz").output.contains("pods default/client"))
    }
  }

  @Test(
    "a server that is away: the table stays, the plugin's word counts, and what happened meanwhile is made good"
  )
  func away() async throws {
    try await with { agent in
      try await agent.waitUntilReady()
      agent.cluster.putPod("new", "web", nil, uid: "uid-new")
      agent.cluster.putPod("seen", "client", "10.244.2.11", node: "node-b")
      try await agent.wait("the pod before") { await agent.table.contains("10.244.2.11") }
      await agent.setServer(isThere: false)
      try await agent.wait("the news") { try await agent.ask("readyz").output.contains("note: api pods: ") }
      agent.cluster.putPod("other", "client", "10.244.2.12", node: "node-b")
      agent.cluster.remove(namespace: "default", name: "seen", from: AgentProcess.paths.pods)
      let add = try await agent.plugin("ADD", "new", ["10.244.1.20"], uid: "uid-new", container: "c1")
      #expect(add.status == 0, "\(add.output)")
      #expect(await agent.table.contains("10.244.1.20"))
      #expect(await agent.table.contains("10.244.2.11"))
      // A minute in the full size.
      if AgentHistoryTests.isFull { await OwnThread.pause(.seconds(60)) }
      let ready = try await agent.ask("readyz")
      #expect(ready.status == 0, "\(ready.output)")
      await agent.setServer(isThere: true)
      try await agent.wait("what happened meanwhile") {
        let table = await agent.table
        return table.contains("10.244.2.12") && !table.contains("10.244.2.11")
      }
      try await agent.waitUntilReady()
    }
  }

  @Test("taken out: plugin, table, and the sandboxes whose end nobody tells any more")
  func takenOut() async throws {
    try await with { agent in
      try await agent.waitUntilReady()
      agent.cluster.putPod("new", "web", nil, uid: "uid-new")
      let add = try await agent.plugin("ADD", "new", ["10.244.1.20"], uid: "uid-new", container: "c1")
      #expect(add.status == 0, "\(add.output)")
      await agent.kill(SIGTERM)
      let sandboxes = agent.folder.path("run/sandboxes.json")
      #expect(FileManager.default.fileExists(atPath: sandboxes))
      let conflist = #"{"name":"net","plugins":[{"type":"ptp"},{"type":"netpolc-cni"}]}"#
      try agent.folder.write("conf/10-net.conflist", conflist)
      try agent.folder.write("bin/netpolc-cni", "")
      let run = try await agent.shell(
        "netpolc-agent uninstall-cni --table --run-directory \(agent.folder.path("run")) "
          + "--bin-directory \(agent.folder.path("bin")) --conf-directory \(agent.folder.path("conf"))")
      #expect(run.status == 0, "\(run.errors)")
      #expect(await agent.table == "")
      #expect(!FileManager.default.fileExists(atPath: sandboxes))
      #expect(!FileManager.default.fileExists(atPath: agent.folder.path("bin/netpolc-cni")))
      #expect(
        try String(contentsOfFile: agent.folder.path("conf/10-net.conflist"), encoding: .utf8)
          == #"{"name":"net","plugins":[{"type":"ptp"}]}"#)
    }
  }

  @Test("a SIGTERM that comes while the agent starts ends it")
  func terminated() async throws {
    try await with { agent in
      for milliseconds in [0, 1, 2, 5, 10, 20, 40, 80] {
        await OwnThread.pause(.milliseconds(milliseconds))
        await agent.kill(SIGTERM)
        try agent.start()
      }
      try await agent.waitUntilReady()
      // In order: the table is saved for the next boot.
      await agent.kill(SIGTERM)
      let saved = try String(contentsOfFile: agent.folder.path("library/agent/table"), encoding: .utf8)
      #expect(saved.contains("10.244.1.10"))
    }
  }

  @Test("after a list everything that is known is compared with what is compiled")
  func relisted() async throws {
    try await with { agent in
      try await agent.waitUntilReady()
      agent.cluster.compact()
      await agent.cutConnections()
      agent.cluster.putPod("other", "client", "10.244.2.12", node: "node-b")
      agent.cluster.compact()
      try await agent.wait("the peer") { await agent.table.contains("10.244.2.12") }
      try await agent.wait("the comparison") {
        try await agent.ask("metrics").output.contains("netpolc_agent_full_comparisons_total")
      }
      agent.cluster.remove(namespace: "default", name: "other", from: AgentProcess.paths.pods)
      try await agent.wait("the peer's end") { await !agent.table.contains("10.244.2.12") }
    }
  }

  @Test(
    "a difference from the kernel's program that stays: the former table, in which pods that are gone are closed",
    .long
  )
  func formerTable() async throws {
    let folder = try TemporaryFolder()
    let file = folder.path("difference")
    try await with(["--difference-file", file, "--hold-seconds", "8"]) { agent in
      try await agent.waitUntilReady()
      agent.cluster.putPod("gone", "client", "10.244.2.12", node: "node-b")
      try await agent.wait("the table that is saved") {
        let saved = try? String(contentsOfFile: agent.folder.path("library/agent/table"), encoding: .utf8)
        return saved?.contains("10.244.2.12") == true
      }
      try folder.write("difference", "")
      // The new table has neither the pod that goes nor the policy.
      agent.cluster.remove(namespace: "default", name: "gone", from: AgentProcess.paths.pods)
      agent.cluster.remove(namespace: "default", name: "web", from: AgentProcess.paths.policies)
      try await agent.wait("the former table") {
        let ready = try await agent.ask("readyz")
        return ready.status != 0 && ready.output.contains("kernel's table stays another")
          && ready.output.contains("former table: the table of revision")
      }
      // The new table is tried again after a while: for that moment it is there.
      try await agent.wait("the closed pod") {
        let table = await agent.table
        return table.contains("in4-default/web")
          && (table.range(of: #"set node-pods4 \{[^}]*10\.244\.2\.12"#, options: .regularExpression) != nil)
      }
      // A pod that goes meanwhile is closed too, and a new one stays closed.
      agent.cluster.remove(namespace: "default", name: "client", from: AgentProcess.paths.pods)
      agent.cluster.putPod("new", "client", "10.244.1.33")
      try await agent.wait("the pod that went") {
        let known = try await agent.shell("nft list set inet netpolc known4").output
        return known.contains("10.244.1.10") && !known.contains("10.244.1.11")
          && !known.contains("10.244.1.33")
      }
      #expect(try await agent.ask("metrics").output.contains("netpolc_agent_former_tables_total"))
      // The kernel executes what is sent again.
      try FileManager.default.removeItem(atPath: file)
      try await agent.wait("the new table") { await !agent.table.contains("in4-default/web") }
      try await agent.waitUntilReady()
    }
  }

  @Test(
    "the former table is of an earlier run: what changed hands while no agent ran is closed in it; without that knowledge it is not used",
    .long, arguments: [true, false])
  func tableOfEarlierRun(isKnown: Bool) async throws {
    let folder = try TemporaryFolder()
    let file = folder.path("difference")
    try await with(["--difference-file", file, "--hold-seconds", "8"]) { agent in
      try await agent.waitUntilReady()
      agent.cluster.putPod("leaves", "client", "10.244.2.12", node: "node-b")
      agent.cluster.putPod("stays", "client", "10.244.2.13", node: "node-b")
      try await agent.wait("the table that is saved") {
        let saved = try? String(contentsOfFile: agent.folder.path("library/agent/table"), encoding: .utf8)
        return saved?.contains("10.244.2.12") == true && saved?.contains("10.244.2.13") == true
      }
      await agent.kill()
      agent.cluster.remove(namespace: "default", name: "leaves", from: AgentProcess.paths.pods)
      agent.cluster.putPod("comes", "other", "10.244.2.12", node: "node-b")
      if !isKnown { try FileManager.default.removeItem(atPath: agent.folder.path("library/agent/owners")) }
      try folder.write("difference", "")
      try agent.start()
      try await agent.wait("the word about the former table") {
        let ready = try await agent.ask("readyz").output
        return ready.contains(
          isKnown ? "former table: the table of revision" : "former table: it is not known whose addresses")
      }
      try await agent.wait("the closed address") {
        let table = await agent.table
        func isClosed(_ address: String) -> Bool {
          table.range(of: #"set node-pods4 \{[^}]*"# + address, options: .regularExpression) != nil
        }
        return isClosed("10.244.2.12") == isKnown && !isClosed("10.244.2.13")
      }
    }
  }
}
