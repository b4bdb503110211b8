import Foundation
import ScriptedServer
import TestSupport
import Testing

/// A node with an agent and a runtime that starts pods through the plugins of its conflist.
struct PacketNode {
  let agent: AgentProcess
  let sandbox: AgentProcess.Shell
  /// The datagrams that each pod sends.
  static let count = 20

  init(_ agent: AgentProcess) async throws {
    self.agent = agent
    let (bin, conf) = (agent.folder.path("bin"), agent.folder.path("conf"))
    for directory in [bin, conf] {
      try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    }
    try #"{"cniVersion":"1.0.0","name":"net","plugins":[{"type":"wire"}]}"#.write(
      toFile: "\(conf)/10-net.conflist", atomically: true, encoding: .utf8)
    let prefix = "na\(UInt32.random(in: 0...0xff_ffff))-"
    let preamble = """
      prefix=\(prefix); bin=\(bin); conf=\(conf); socket=\(agent.folder.path("run/cni.sock"))
      source \(Fixtures.path("agent/runtime.sh"))

      """
    var sandbox = agent.shell
    sandbox.preamble = preamble
    self.sandbox = sandbox
    let installed = try await agent.shell(
      "netpolc-agent install-cni --bin-directory \(bin) --conf-directory \(conf)")
    #expect(installed.status == 0, "\(installed.errors)")
  }

  func shell(_ script: String) async throws -> CommandRun { try await sandbox.run(script) }

  /// An address outside the cluster, and the name of its network namespace.
  static let outside = (name: "outside", address: "192.0.2.9")

  /// Sends datagrams of a size, to the web pod by default, as the pod's first process.
  static func sending(_ size: Int, to address: String = "10.244.1.10") -> String {
    "for ((i = 0; i < \(count); i++)); do printf %0\(size)d 0 > /dev/udp/\(address)/53; done"
  }

  /// Starts a pod through the plugins.
  func start(_ name: String, _ address: String, _ command: String = ":") async throws {
    let run = try await shell("start \(name) \(address) uid-\(name) '\(command)'")
    #expect(run.status == 0, "\(name): \(run.output) \(run.errors)")
  }

  func stop(_ name: String, _ address: String) async throws {
    _ = try await shell("stop \(name) \(address) uid-\(name)")
  }

  /// The datagrams that arrived at a pod: those that the web pod's policy allows, and those that it denies.
  func counted(at name: String = "web") async throws -> (allowed: Int, denied: Int) {
    let numbers = try await shell("counted \(name)").output.split(separator: " ").compactMap { Int($0) }
    return numbers.count == 2 ? (numbers[0], numbers[1]) : (-1, -1)
  }

  /// Removes the sandboxes that are left.
  func clear() async {
    _ = try? await shell("ip netns list | grep -o \"^$prefix[^ ]*\" | xargs -rn1 ip netns del")
  }

  /// Runs a test on a node whose web pod takes UDP port 53 from `app: client` only.
  static func with(_ arguments: [String] = [], _ body: (PacketNode) async throws -> Void) async throws {
    let cluster = SimulatedCluster.small()
    cluster.put(
      .init(
        namespace: "default", name: "web",
        content:
          #","spec":{"podSelector":{"matchLabels":{"app":"web"}},"policyTypes":["Ingress"],"ingress":[{"from":[{"podSelector":{"matchLabels":{"app":"client"}}}],"ports":[{"protocol":"UDP","port":53}]}]}"#
      ), in: AgentProcess.paths.policies)
    cluster.remove(namespace: "default", name: "client", from: AgentProcess.paths.pods)
    cluster.putPod("web", "web", nil, uid: "uid-web")
    let agent = try await AgentProcess(arguments, cluster: cluster, isRouted: false)
    do {
      let node = try await PacketNode(agent)
      do {
        try await agent.waitUntilReady()
        try await node.start("web", "10.244.1.10")
        _ = try await node.shell("count_at web")
        try await body(node)
      } catch is AgentProcess.NotReached {} catch { Issue.record("\(error)\n\(agent.log.suffix(2000))") }
      await node.clear()
    } catch { Issue.record("\(error)") }
    await agent.shutdown()
  }
}

@Suite(
  "Packets of pods that a runtime starts through the plugins", .serialized, .needsRoot, .long, .bounded,
  .onOwnThread)
struct AgentPacketTests {
  /// `NETPOLC_FULL` asks for the numbers that the project promises.
  static let isFull = ProcessInfo.processInfo.environment["NETPOLC_FULL"] != nil

  @Test(
    "pods send from their first instruction, with addresses of former pods: nothing leaks, nothing is lost")
  func starts() async throws {
    try await PacketNode.with { node in
      var dice = SeededGenerator(seed: 14)
      var (clients, others) = (0, 0)
      let outside = PacketNode.outside
      // A client may send to the web pod and to outside, and nowhere else.
      node.agent.cluster.put(
        .init(
          namespace: "default", name: "client",
          content:
            #","spec":{"podSelector":{"matchLabels":{"app":"client"}},"policyTypes":["Egress"],"egress":[{"to":[{"podSelector":{"matchLabels":{"app":"web"}}},{"ipBlock":{"cidr":"192.0.2.0/24"}}]}]}"#
        ), in: AgentProcess.paths.policies)
      let made = try await node.shell(
        "wire ADD \(outside.name) \(outside.address) && count_at \(outside.name)")
      #expect(made.status == 0, "\(made.errors)")
      var leftovers: [String] = []
      for number in 0..<(Self.isFull ? 1000 : 50) {
        let isClient = dice.chance(oneIn: 2)
        let (name, address) = ("p\(number)", "10.244.1.\(100 + number % 5)")
        node.agent.cluster.putPod(name, isClient ? "client" : "other", nil, uid: "uid-\(name)")
        let size = isClient ? 10 : 20
        var sending = [PacketNode.sending(size), PacketNode.sending(size, to: outside.address)]
        if dice.chance(oneIn: 2) { sending.reverse() }
        try await node.start(name, address, sending.joined(separator: "; "))
        if isClient { clients += 1 } else { others += 1 }
        for name in leftovers {
          node.agent.cluster.remove(namespace: "default", name: name, from: AgentProcess.paths.pods)
        }
        leftovers = []
        if dice.chance(oneIn: 2) { node.agent.cluster.putPod(name, isClient ? "client" : "other", address) }
        if dice.chance(oneIn: 2) {
          node.agent.cluster.remove(namespace: "default", name: name, from: AgentProcess.paths.pods)
        } else {
          leftovers.append(name)
        }
        try await node.stop(name, address)
      }
      let counted = try await node.counted()
      #expect(counted.denied == 0)
      #expect(counted.allowed == clients * PacketNode.count)
      let arrived = try await node.counted(at: outside.name)
      #expect(arrived.allowed == clients * PacketNode.count)
      #expect(arrived.denied == others * PacketNode.count)
    }
  }

  @Test("without the plugin a pod is closed until the API server tells its address; nothing leaks")
  func withoutPlugin() async throws {
    try await PacketNode.with { node in
      for number in 0..<(Self.isFull ? 100 : 10) {
        let (name, address) = ("q\(number)", "10.244.1.\(100 + number % 3)")
        node.agent.cluster.putPod(name, "other", nil, uid: "uid-\(name)")
        let run = try await node.shell(
          "wire ADD \(name) \(address) && in_pod \(name) bash -c '\(PacketNode.sending(20))'")
        #expect(run.status == 0, "\(run.errors)")
        node.agent.cluster.putPod(name, "other", address)
        try await node.agent.wait("the pod's address") { await node.agent.table.contains(address) }
        _ = try await node.shell(
          "in_pod \(name) bash -c '\(PacketNode.sending(20))'; unwire \(name)")
        node.agent.cluster.remove(namespace: "default", name: name, from: AgentProcess.paths.pods)
      }
      let counted = try await node.counted()
      #expect(counted.denied == 0)
    }
  }

  @Test("agents are killed and replaced under a flood: nothing leaks, nothing is lost, the next one goes on")
  func killed() async throws {
    try await PacketNode.with { node in
      let agent = node.agent
      try await node.startTwo()
      var dice = SeededGenerator(seed: 30)
      // A program of another version, which takes turns with this one.
      let former = ProcessInfo.processInfo.environment["NETPOLC_FORMER_AGENT"]
      try await node.flood {
        for number in 0..<(Self.isFull ? 300 : 30) {
          agent.cluster.putPod(
            "bystander", dice.pick(["client", "web", "other"]), "10.244.2.\(number % 9 + 1)", node: "node-b")
          await OwnThread.pause(.milliseconds(Int.random(in: 0..<250, using: &dice)))
          await agent.kill(dice.chance(oneIn: 4) ? SIGTERM : SIGKILL)
          if dice.chance(oneIn: 4) {
            // As if a version of another format had written the record.
            _ = try await agent.shell("sed -i '1s/.*/netpolc-state 1/' \(agent.folder.path("run"))/state-*")
          }
          agent.program = dice.chance(oneIn: 2) ? former : nil
          try agent.start()
          if dice.chance(oneIn: 3) { try await agent.waitUntilReady() }
        }
        try await agent.waitUntilReady()
      }
    }
  }

  @Test("denied packets are told with the names of pods and policies")
  func denials() async throws {
    try await PacketNode.with(["--log-denied"]) { node in
      node.agent.cluster.putPod("other", "other", nil, uid: "uid-other")
      try await node.start("other", "10.244.1.12", PacketNode.sending(20))
      try await node.agent.wait("the denial") {
        let log = node.agent.log
        return log.contains("denied") && log.contains("default/other") && log.contains("to=\"default/web\"")
      }
      #expect(node.agent.log.contains("udp 10.244.1.12:"))
    }
  }
}
