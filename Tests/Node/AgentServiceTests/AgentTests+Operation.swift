import Foundation
import ScriptedServer
import TestSupport
import Testing

extension AgentProcess {
  /// The arguments of another agent of the same cluster, for a shell.
  fileprivate func another(_ options: String) -> String {
    "netpolc-agent run --kubeconfig \(folder.path("config")) --library-directory \(folder.path("other"))"
      + " --start-jitter 0 \(options)"
  }
}

/// Acts of operators and other programs towards an agent that runs.
extension AgentTests {
  @Test("a second agent with the same run directory ends, and takes the sockets of the first one not away")
  func second() async throws {
    try await with { agent in
      try await agent.waitUntilReady()
      for mode in ["", "--dry-run"] {
        let run = try await agent.shell(
          "timeout 30 "
            + agent.another(
              "--node node-a --run-directory \(agent.folder.path("run")) --metrics-address '' \(mode)"))
        #expect(run.status == 1)
        #expect(run.errors.contains("another agent runs with \(agent.folder.path("run"))"), "\(run.errors)")
      }
      #expect(try await agent.ask("livez").status == 0)
      agent.cluster.putPod("new", "web", nil, uid: "uid-new")
      let add = try await agent.plugin("ADD", "new", ["10.244.1.20"], uid: "uid-new", container: "c1")
      #expect(add.status == 0, "\(add.output)")
    }
  }

  @Test(
    "options that mean nothing end the agent with their reason",
    arguments: [
      ("--node ''", "the node's name is empty"),
      ("--node node-a --max-released 101", "--max-released: 101 is no percentage"),
      ("--node node-a --metrics-address 127.0.0.1:70000", "'127.0.0.1:70000' is no address and port"),
    ])
  func meaningless(options: String, reason: String) async throws {
    try await with { agent in
      let run = try await agent.shell(
        "timeout 30 " + agent.another("--run-directory \(agent.folder.path("second")) \(options)"))
      #expect(run.status != 0 && run.status != 124)
      #expect(run.errors.contains(reason), "\(run.errors)")
    }
  }

  @Test("blocks of the command line are not joined with those of the option file")
  func blocks() async throws {
    let folder = try TemporaryFolder()
    try folder.write(
      "options.json", #"{"pod-cidr": ["10.250.0.0/16"], "log-denied": false, "metrics-address": ""}"#)
    try await with(["--config", folder.path("options.json"), "--pod-cidr", "10.244.1.0/24"]) { agent in
      try await agent.waitUntilReady()
      let blocks = try await agent.shell("nft list set inet netpolc node-pods4").output
      #expect(blocks.contains("10.244.1.0/24") && !blocks.contains("10.250"), "\(blocks)")
    }
  }

  @Test("a Node that the API server does not know: not ready, since no pod would be of this node")
  func noNode() async throws {
    let cluster = SimulatedCluster.small()
    cluster.remove(name: "node-a", from: AgentProcess.paths.nodes)
    try await with(["--unknown-pods", "allow"], cluster) { agent in
      try await agent.wait("the reason") {
        try await agent.ask("readyz").output.contains("not ready: node: the API server has no Node 'node-a'")
      }
      cluster.put(.init(name: "node-a", content: #","spec":{}"#), in: AgentProcess.paths.nodes)
      try await agent.waitUntilReady()
    }
  }

  @Test(
    "STATUS tells whether ADD is served: an object that cannot be read makes the agent not ready, and no node"
  )
  func served() async throws {
    let cluster = SimulatedCluster.small()
    cluster.setManners { $0.admitted[AgentProcess.paths.pods] = 0 }
    try await with([], cluster) { agent in
      func status() async throws -> CommandRun {
        try await agent.plugin("STATUS", "", [], uid: "", container: "")
      }
      try await agent.wait("an agent without lists") {
        try await status().output.contains("lists: no complete list of pods yet")
      }
      cluster.setManners { $0.admitted = [:] }
      try await agent.waitUntilReady()
      cluster.put(.init(name: "odd", metadata: #","labels":[]"#), in: AgentProcess.paths.namespaces)
      try await agent.wait("the word") {
        try await agent.ask("readyz").output.contains("not ready: objects: namespaces odd cannot be read")
      }
      #expect(try await status().status == 0)
      cluster.putPod("new", "web", nil, uid: "uid-new")
      let add = try await agent.plugin("ADD", "new", ["10.244.1.20"], uid: "uid-new", container: "c1")
      #expect(add.status == 0, "\(add.output)")
    }
  }

  @Test("a saved table that is damaged is told, since nothing guards the node until the lists are complete")
  func damagedTable() async throws {
    try await with { agent in
      try await agent.waitUntilReady()
      await agent.kill(SIGTERM)
      try agent.folder.write("library/agent/table", "{\"node\":\"node-a\"}\ntable inet netp")
      agent.cluster.setManners { $0.admitted[AgentProcess.paths.pods] = 0 }
      try await agent.reboot(as: "second")
      try await agent.wait("the word") {
        try await agent.ask("readyz").output.contains(
          "note: boot: the saved table is not used, and no table is in force before the lists: it cannot be read"
        )
      }
      agent.cluster.setManners { $0.admitted = [:] }
      try await agent.waitUntilReady()
    }
  }

  @Test("sandboxes that cannot be kept for the next agent are told")
  func unwritable() async throws {
    try await with { agent in
      try await agent.waitUntilReady()
      try FileManager.default.createDirectory(
        atPath: agent.folder.path("run/sandboxes.json"), withIntermediateDirectories: true)
      agent.cluster.putPod("new", "web", nil, uid: "uid-new")
      let add = try await agent.plugin("ADD", "new", ["10.244.1.20"], uid: "uid-new", container: "c1")
      #expect(add.status == 0, "\(add.output)")
      let ready = try await agent.ask("readyz")
      #expect(ready.status == 0)
      #expect(
        ready.output.contains("note: the sandboxes: the sandboxes cannot be kept for the next agent: "),
        "\(ready.output)")
      try FileManager.default.removeItem(atPath: agent.folder.path("run/sandboxes.json"))
      _ = try await agent.plugin("DEL", "new", [], uid: "uid-new", container: "c1")
      #expect(try await !agent.ask("readyz").output.contains("cannot be kept"))
    }
  }

  @Test("a log that nobody reads stops nothing; what was lost is told once somebody does")
  func unreadLog() async throws {
    try await with { agent in
      try await agent.waitUntilReady()
      await agent.kill(SIGTERM)
      let (folder, run) = (agent.folder.path(""), agent.folder.path("run"))
      let command = agent.another("--node node-a --metrics-address '' --run-directory \(run)")
      let shell = agent.shell
      // The shell holds both ends of the pipe, and reads when it is told to.
      async let unread = shell.run(
        """
        cd \(folder) && mkfifo pipe && exec 3<>pipe || exit 1
        \(command) >&3 2>&3 & agent=$!
        until [ -e read ] || [ -e end ]; do sleep 0.1; done
        cat <&3 > text & reader=$!
        until [ -e end ]; do sleep 0.1; done
        kill $agent; wait $agent; kill $reader
        """)
      // In a namespace without pods: what is refused closes its namespace, and 1,500 policies of a pod are work of a minute.
      func put(_ name: String) {
        agent.cluster.put(
          .init(
            namespace: "elsewhere", name: name,
            content: #","spec":{"podSelector":{},"policyTypes":["Odd"]}"#),
          in: AgentProcess.paths.policies)
      }
      do {
        try await agent.wait("readiness", whileItRuns: false) { try await agent.ask("readyz").status == 0 }
        for number in 0..<1500 { put("odd-\(number)") }
        agent.cluster.putPod("other", "client", "10.244.2.12", node: "node-b")
        try await agent.wait("the event", whileItRuns: false) { await agent.table.contains("10.244.2.12") }
        try await agent.wait("all policies", whileItRuns: false) {
          try await agent.metric("netpolc_agent_unreadable_objects_total{kind=\"policies\"}") == 1500
        }
        try agent.folder.write("read", "")
        var more = 0
        try await agent.wait("the word about lost lines", whileItRuns: false) {
          put("later-\(more)")
          more += 1
          let text = (try? String(contentsOfFile: agent.folder.path("text"), encoding: .utf8)) ?? ""
          return text.contains("nobody read the log for a while lost=") && text.contains("elsewhere/later-")
        }
      } catch { Issue.record("\(error)") }
      try agent.folder.write("end", "")
      _ = try await unread
    }
  }

  @Test(
    "in a fight the agent is not ready while its table is gone, and a repair that waits is not put off for ever",
    .long
  )
  func fight() async throws {
    try await with { agent in
      try await agent.waitUntilReady()
      // As many repairs as make the next one wait six seconds, longer than a look for the next boot's table.
      for number in 0..<9 {
        _ = try await agent.shell("nft delete table inet netpolc")
        if number == 8 {
          try await agent.wait("the word") {
            let ready = try await agent.ask("readyz")
            let isGone = await agent.table == ""
            return isGone && ready.status != 0
              && ready.output.contains("kernel: another program changes the table again and again")
          }
        }
        try await agent.wait("the table") { await agent.table.contains("in4-default/web") }
      }
      try await agent.waitUntilReady()
      _ = try await agent.shell(
        "nft delete table inet netpolc; nft add table inet netpolc '{ flags dormant; }'")
      try await agent.wait("the table that is not dormant") {
        let table = await agent.table
        return table.contains("in4-default/web") && !table.contains("dormant")
      }
      try await agent.waitUntilReady()
    }
  }
}
