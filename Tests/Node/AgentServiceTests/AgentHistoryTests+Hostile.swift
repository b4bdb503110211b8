import Foundation
import ScriptedServer
import TestSupport
import Testing

/// A cluster's objects and a node's runtime, changed at random in the orders that nobody wrote a test for.
private struct HostileHistory {
  let agent: AgentProcess
  var dice: SeededGenerator
  /// The sandboxes of this node: container to pod and addresses.
  var sandboxes: [String: (name: String, uid: String, address: String)] = [:]
  var uids: [String: String] = [:]
  /// The node that each pod was put on last.
  var nodes: [String: String] = [:]
  var number = 0
  /// What was done last, for a failure.
  var steps: [String] = []

  private var cluster: SimulatedCluster { agent.cluster }
  private let paths = AgentProcess.paths
  private static let namespaces = ["default", "blue", "green"]

  init(_ agent: AgentProcess, seed: UInt64) {
    self.agent = agent
    dice = SeededGenerator(seed: seed)
  }

  private mutating func anyPod() -> (namespace: String, name: String) {
    (dice.pick(Self.namespaces), "p\(Int.random(in: 0..<7, using: &dice))")
  }

  /// One of few addresses of a node, so that they change hands.
  private mutating func anyAddress(_ node: String) -> String {
    "10.244.\(node == "node-a" ? 1 : 2).\(Int.random(in: 20..<27, using: &dice))"
  }

  mutating func step() async throws {
    number += 1
    let (namespace, name) = anyPod()
    switch Int.random(in: 0..<40, using: &dice) {
    case 0..<14: putPod(namespace, name)
    case 14..<19:
      steps.append("pod \(namespace)/\(name) gone")
      cluster.remove(namespace: namespace, name: name, from: paths.pods)
      uids["\(namespace)/\(name)"] = nil
    case 19..<21:
      // The same name at once, with another UID.
      cluster.remove(namespace: namespace, name: name, from: paths.pods)
      uids["\(namespace)/\(name)"] = nil
      putPod(namespace, name)
    case 21..<24: putNamespace(dice.pick(Self.namespaces))
    case 24: cluster.remove(name: dice.pick(["blue", "green"]), from: paths.namespaces)
    case 25..<30: putPolicy()
    case 30..<32:
      let name = "policy-\(Int.random(in: 0..<4, using: &dice))"
      cluster.remove(namespace: namespace, name: name, from: paths.policies)
      steps.append("policy \(namespace)/\(name) gone")
      if dice.chance(oneIn: 2) { putPolicy(named: name, in: namespace) }
    case 32: putClusterPolicy()
    case 33: cluster.remove(name: "fence-\(Int.random(in: 0..<2, using: &dice))", from: paths.clusterPolicies)
    case 34: putNode()
    case 35:
      steps.append("connections cut")
      if dice.chance(oneIn: 2) { cluster.compact() }
      await agent.cutConnections()
    case 36..<39: try await runtime()
    default:
      guard number % 5 == 0 else { return }
      steps.append("agent restarted")
      await agent.kill(dice.pick([15, 9]))
      try agent.start()
    }
  }

  private mutating func putPod(_ namespace: String, _ name: String) {
    let key = "\(namespace)/\(name)"
    let uid = uids[key] ?? "uid-\(number)"
    uids[key] = uid
    let node = dice.pick(["node-a", "node-a", "node-b"])
    nodes[key] = node
    let address = dice.chance(oneIn: 5) ? nil : anyAddress(node)
    let phase =
      address == nil ? "Pending" : dice.pick(["Running", "Running", "Running", "Succeeded", "Pending"])
    let ips = address.map { #","podIP":"\#($0)","podIPs":[{"ip":"\#($0)"}]"# } ?? ""
    let isOnHost = dice.chance(oneIn: 12) ? #","hostNetwork":true"# : ""
    let deletion = dice.chance(oneIn: 10) ? #","deletionTimestamp":"2026-11-27T00:00:00Z""# : ""
    let app = dice.pick(["web", "client", "other"])
    steps.append("pod \(key) \(uid) \(app) \(node) \(address ?? "-") \(phase)\(isOnHost)\(deletion)")
    cluster.put(
      .init(
        namespace: namespace, name: name, metadata: #","labels":{"app":"\#(app)"}\#(deletion)"#,
        content:
          #","spec":{"nodeName":"\#(node)"\#(isOnHost),"containers":[]},"status":{"phase":"\#(phase)"\#(ips)}"#
      ),
      in: paths.pods, uid: uid)
  }

  private mutating func putNamespace(_ name: String) {
    let team = dice.pick(["a", "b"])
    steps.append("namespace \(name) team=\(team)")
    cluster.put(
      .init(name: name, metadata: #","labels":{"kubernetes.io/metadata.name":"\#(name)","team":"\#(team)"}"#),
      in: paths.namespaces)
  }

  private mutating func putPolicy(named given: String? = nil, in place: String? = nil) {
    let name = given ?? "policy-\(Int.random(in: 0..<4, using: &dice))"
    let namespace = place ?? dice.pick(Self.namespaces)
    let app = dice.pick(["web", "client", "other", "of-nobody"])
    let peer = dice.pick([
      #"{"podSelector":{"matchLabels":{"app":"client"}}}"#,
      #"{"namespaceSelector":{"matchLabels":{"team":"a"}}}"#,
      #"{"namespaceSelector":{"matchLabels":{"team":"b"}},"podSelector":{"matchLabels":{"app":"client"}}}"#,
      #"{"ipBlock":{"cidr":"10.244.2.0/24","except":["10.244.2.24/32"]}}"#,
      #"{"podSelector":{"matchLabels":{"app":"nothing-has-it"}}}"#,
    ])
    let port = dice.pick([#"{"port":80}"#, #"{"port":53,"protocol":"UDP"}"#])
    steps.append("policy \(namespace)/\(name) \(app) \(peer) \(port)")
    let direction = dice.pick([
      #""policyTypes":["Ingress"],"ingress":[{"from":[\#(peer)],"ports":[\#(port)]}]"#,
      #""policyTypes":["Egress"],"egress":[{"to":[\#(peer)],"ports":[\#(port)]}]"#,
      #""policyTypes":["Ingress","Egress"],"ingress":[{"from":[\#(peer)]}],"egress":[{}]"#,
    ])
    cluster.put(
      .init(
        namespace: namespace, name: name,
        content: #","spec":{"podSelector":{"matchLabels":{"app":"\#(app)"}},\#(direction)}"#),
      in: paths.policies)
  }

  private mutating func putClusterPolicy() {
    let name = "fence-\(Int.random(in: 0..<2, using: &dice))"
    let peer = dice.pick([
      #"{"nodes":{"matchLabels":{"role":"worker"}}}"#, #"{"networks":["192.0.2.0/24"]}"#,
      #"{"namespaces":{"matchLabels":{"team":"b"}}}"#,
    ])
    steps.append("cluster policy \(name) \(peer)")
    let action = dice.pick(["Deny", "Accept", "Pass"])
    cluster.put(
      .init(
        name: name,
        content:
          #","spec":{"tier":"Admin","priority":\#(name.last == "0" ? 10 : 20),"subject":{"namespaces":{}},"egress":[{"action":"\#(action)","to":[\#(peer)]}]}"#
      ), in: paths.clusterPolicies)
  }

  private mutating func putNode() {
    let name = "node-\(dice.pick(["b", "c", "d"]))"
    if dice.chance(oneIn: 4) { return cluster.remove(name: name, from: paths.nodes) }
    let role = dice.pick(["worker", "other"])
    let address = "192.168.10.\(Int.random(in: 2..<5, using: &dice))"
    steps.append("node \(name) \(role) \(address)")
    cluster.put(
      .init(
        name: name, metadata: #","labels":{"role":"\#(role)"}"#,
        content:
          #","spec":{"podCIDRs":["10.244.2.0/24"]},"status":{"addresses":[{"type":"InternalIP","address":"\#(address)"}]}"#
      ), in: paths.nodes)
  }

  /// The container runtime: ADD of a pod of this node, DEL, GC, in any order, and again.
  private mutating func runtime() async throws {
    let container = "c\(Int.random(in: 0..<6, using: &dice))"
    switch Int.random(in: 0..<6, using: &dice) {
    case 0..<3:
      let name = "p\(Int.random(in: 0..<7, using: &dice))"
      // A pod whose object is there: an ADD without one waits, as it should. It waits ten seconds for a pod of another node
      // too, which no runtime asks for: seldom.
      guard let uid = uids["default/\(name)"], sandboxes[container] == nil,
        nodes["default/\(name)"] == "node-a" || dice.chance(oneIn: 20)
      else { return }
      let address = anyAddress("node-a")
      steps.append("ADD \(container) \(name) \(uid) \(address)")
      let add = try await agent.plugin("ADD", name, [address], uid: uid, container: container)
      if add.status == 0 { sandboxes[container] = (name, uid, address) }
    case 3, 4:
      steps.append("DEL \(container)")
      let gone = sandboxes.removeValue(forKey: container)
      let end = try await agent.plugin(
        "DEL", gone?.name ?? "p0", [gone?.address ?? "10.244.1.20"], uid: gone?.uid ?? "x",
        container: container)
      #expect(end.status == 0)
    default:
      let kept = Set(dice.some(sandboxes.keys.sorted(), most: sandboxes.count))
      steps.append("GC, left \(kept.sorted())")
      try await collect(kept)
    }
  }

  /// GC as a runtime does it: only these sandboxes are left.
  mutating func collect(_ kept: Set<String>) async throws {
    sandboxes = sandboxes.filter { kept.contains($0.key) }
    let run = try await agent.collect(kept.sorted())
    #expect(run.status == 0, "\(run.output)")
  }
}

extension AgentHistoryTests {
  /// The cluster in which a hostile history begins.
  private static func begin() -> SimulatedCluster {
    let cluster = SimulatedCluster.small()
    for name in ["blue", "green"] {
      cluster.put(
        .init(name: name, metadata: #","labels":{"kubernetes.io/metadata.name":"\#(name)","team":"a"}"#),
        in: AgentProcess.paths.namespaces)
    }
    return cluster
  }

  @Test(
    "names, addresses, nodes and namespaces change hands, the runtime and the server say it in any order",
    arguments: seeds(isFull ? 12 : 2))
  func hostile(seed: UInt64) async throws {
    let cluster = Self.begin()
    cluster.setManners { $0.seed = seed }
    try await with(cluster) { agent in
      try await agent.waitUntilReady()
      var history = HostileHistory(agent, seed: seed)
      for round in 0..<(Self.isFull ? 25 : 4) {
        do {
          // Every second history over a faulty connection.
          cluster.setManners { $0.faultOneIn = seed.isMultiple(of: 2) ? 5 : 0 }
          for _ in 0..<(Self.isFull ? 400 : 60) {
            try await history.step()
            if history.dice.chance(oneIn: 12) { await OwnThread.pause(.milliseconds(20)) }
          }
          cluster.setManners { $0.faultOneIn = 0 }
          // DEL may be told while the agent is away: a runtime tells with GC what is left.
          try await agent.wait("the agent") { try await agent.ask("livez").status == 0 }
          try await history.collect([])
          try await waitUntilEqual(agent, "seed \(seed), round \(round)")
        } catch {
          Issue.record("seed \(seed), round \(round): \(history.steps.suffix(70).joined(separator: "\n"))")
          throw error
        }
        history.steps = []
      }
      Self.tellFaults(cluster, seed)
    }
  }
}
