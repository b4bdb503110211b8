import Documents
import Foundation
import KubernetesManifests
import ScriptedServer
import TestSupport
import Testing

@Suite(
  "The agent's table is that of a compile of the server's state", .serialized, .needsRoot, .long,
  .bounded, .onOwnThread)
struct AgentHistoryTests {
  /// The live table and the one that a compile makes of the cluster's objects, as nft lists both.
  private func tables(_ agent: AgentProcess) async throws -> (live: [String], compiled: [String]) {
    try agent.folder.write("cluster.json", agent.cluster.manifest)
    let compiled = try await agent.shell(
      """
      netpolc compile \(agent.folder.path("cluster.json")) --node node-a --unknown-pods deny > \(agent.folder.path("compiled.nft")) &&
      unshare --net /bin/bash -c 'nft -f \(agent.folder.path("compiled.nft")) && nft -s list table inet netpolc'
      """)
    #expect(compiled.status == 0, "\(compiled.errors)")
    return (Self.blocks(await agent.table), Self.blocks(compiled.output))
  }

  /// The parts of a listing in no order, without markers, comments and counts.
  static func blocks(_ text: String) -> [String] {
    var blocks: [String] = []
    for line in text.split(separator: "\n") {
      let rule = line.prefix { _ in true }.replacing(#/ comment "[^"]*"/#, with: "").replacing(
        #/counter packets \d+ bytes \d+/#, with: "counter")
      if line.hasPrefix("\tset ") || line.hasPrefix("\tmap ") || line.hasPrefix("\tchain ") {
        blocks.append(String(rule))
      } else if !blocks.isEmpty {
        blocks[blocks.count - 1] += "\n" + rule
      }
    }
    return blocks.map { $0.trimmingCharacters(in: .newlines.union(.init(charactersIn: "}"))) }
      .filter { !$0.contains("netpolc-revision-") }.sorted()
  }

  func waitUntilEqual(_ agent: AgentProcess, _ what: String) async throws {
    var last: (live: [String], compiled: [String]) = ([], [])
    do {
      try await agent.wait(what) {
        last = try await tables(agent)
        return last.live == last.compiled && !last.live.isEmpty
      }
    } catch {
      let (live, compiled) = (Set(last.live), Set(last.compiled))
      Issue.record(
        "\(what): live only \(live.subtracting(compiled)), compiled only \(compiled.subtracting(live))")
      throw error
    }
  }

  func with(_ cluster: SimulatedCluster, _ body: (AgentProcess) async throws -> Void) async throws {
    let agent = try await AgentProcess([], cluster: cluster)
    do { try await body(agent) } catch is AgentProcess.NotReached {} catch {
      Issue.record("\(error)\n\(agent.log.suffix(2000))")
    }
    await agent.shutdown()
  }

  @Test("the guide's policies by events, and its relabel experiment")
  func guide() async throws {
    let cluster = SimulatedCluster()
    let inventory = try Fixtures.text("guide/inventory.yaml")
    cluster.put(yaml: inventory)
    try await with(cluster) { agent in
      try await agent.waitUntilReady()
      for folder in Fixtures.folders(in: "guide") {
        let text = try Fixtures.text("guide/\(folder)/policy.yaml")
        cluster.put(yaml: text)
        try await waitUntilEqual(agent, folder)
        if folder.hasSuffix("deny-egress") {
          #expect(await agent.table.contains("out4-default/deny-egress"))
          let hello = "app.kubernetes.io/name: hello"
          cluster.put(yaml: inventory.replacing(hello, with: hello + "123"))
          try await waitUntilEqual(agent, "\(folder), relabelled")
          #expect(await !agent.table.contains("out4-default/deny-egress"))
          cluster.put(yaml: inventory)
        }
        cluster.removeAll(AgentProcess.paths.policies)
      }
      try await waitUntilEqual(agent, "the end")
    }
  }

  static func policy(_ app: String, port: Int) -> String {
    let ingress = #"{"from":[{"podSelector":{"matchLabels":{"app":"client"}}}],"ports":[{"port":\#(port)}]}"#
    return
      #","spec":{"podSelector":{"matchLabels":{"app":"\#(app)"}},"policyTypes":["Ingress","Egress"],"ingress":[\#(ingress)],"egress":[{}]}"#
  }

  /// `NETPOLC_FULL` asks for the numbers that the project promises.
  static let isFull = ProcessInfo.processInfo.environment["NETPOLC_FULL"] != nil

  /// The seeds of random histories; `NETPOLC_SEED` asks for one alone.
  static func seeds(_ count: UInt64) -> [UInt64] {
    let asked = ProcessInfo.processInfo.environment["NETPOLC_SEED"].flatMap { UInt64($0) }
    return asked.map { [$0] } ?? Array(1...count)
  }

  @Test("random histories over a faulty connection", arguments: seeds(isFull ? 10 : 3))
  func histories(seed: UInt64) async throws {
    var dice = SeededGenerator(seed: seed)
    let cluster = SimulatedCluster.small()
    let initialEvents = dice.chance(oneIn: 2)
    cluster.setManners {
      $0.seed = seed
      $0.faultOneIn = 3
      $0.sendsInitialEvents = initialEvents
    }
    try await with(cluster) { agent in
      try await agent.wait("readiness") { try await agent.ask("readyz").status == 0 }
      for step in 0..<(Self.isFull ? 10_000 : 600) {
        let number = Int.random(in: 0..<20, using: &dice)
        let app = dice.pick(["web", "client", "other"])
        switch Int.random(in: 0..<24, using: &dice) {
        case 0..<12:
          let address = dice.chance(oneIn: 8) ? nil : "10.244.\(number % 2 + 1).\(100 + number)"
          cluster.putPod("pod-\(number)", app, address, node: number % 2 == 0 ? "node-a" : "node-b")
        case 12..<17:
          cluster.remove(namespace: "default", name: "pod-\(number)", from: AgentProcess.paths.pods)
        case 17..<20:
          cluster.put(
            .init(
              namespace: "default", name: "policy-\(number % 4)",
              content: Self.policy(app, port: 80 + number)
            ), in: AgentProcess.paths.policies)
        case 20:
          cluster.remove(
            namespace: "default", name: "policy-\(number % 4)", from: AgentProcess.paths.policies)
        case 21: await agent.cutConnections()
        case 22 where step % 3 == 0: cluster.compact()
        default:
          // Two pods with one address for a while.
          cluster.putPod("pod-\(number)", app, "10.244.1.99")
          cluster.putPod("pod-\((number + 2) % 20)", app, "10.244.1.99")
          cluster.putPod("pod-\(number)", app, nil)
          cluster.putPod("pod-\((number + 2) % 20)", app, nil)
        }
        if step % 25 == 0 { await OwnThread.pause(.milliseconds(Int.random(in: 0..<30, using: &dice))) }
      }
      cluster.setManners { $0.faultOneIn = 0 }
      await agent.cutConnections()
      try await waitUntilEqual(agent, "seed \(seed)")
      Self.tellFaults(cluster, seed)
    }
  }

  /// Tells of a full size what it met.
  static func tellFaults(_ cluster: SimulatedCluster, _ seed: UInt64) {
    guard isFull else { return }
    let requests = ["list", "page", "watch", "watchlist"].map { "\(cluster.count($0)) \($0)" }
    print("seed \(seed): \(requests.joined(separator: ", ")); \(cluster.count("fault")) met a fault")
  }
}

extension SimulatedCluster {
  private static let pathsByKind = [
    "Pod": AgentProcess.paths.pods, "Namespace": AgentProcess.paths.namespaces,
    "Node": AgentProcess.paths.nodes, "NetworkPolicy": AgentProcess.paths.policies,
  ]

  /// Puts the objects of a YAML text.
  func put(yaml: String) {
    let (documents, diagnostics) = DocumentValue.documents(in: ManifestSource(name: "test", text: yaml))
    #expect(diagnostics.isEmpty)
    for document in documents {
      guard let kind = document["kind"]?.text, let path = Self.pathsByKind[kind],
        let metadata = document["metadata"], let name = metadata["name"]?.text
      else { continue }
      let isInNamespace = kind == "Pod" || kind == "NetworkPolicy"
      let labels = metadata["labels"].map { ",\"labels\":\($0.json)" } ?? ""
      let content = ["spec", "status"].compactMap { key in document[key].map { ",\"\(key)\":\($0.json)" } }
      put(
        Object(
          namespace: isInNamespace ? metadata["namespace"]?.text ?? "default" : "", name: name,
          metadata: labels, content: content.joined()), in: path)
    }
  }
}

extension DocumentValue {
  fileprivate subscript(_ key: String) -> DocumentValue? {
    guard case .object(let members) = content else { return nil }
    return members.first { $0.key == key }?.value
  }

  fileprivate var text: String? {
    guard case .scalar(let text, _) = content else { return nil }
    return text
  }

  fileprivate var json: String {
    switch content {
    case .object(let members):
      "{\(members.map { "\(Self.quoted($0.key)):\($0.value.json)" }.joined(separator: ","))}"
    case .list(let values): "[\(values.map(\.json).joined(separator: ","))]"
    case .scalar(let text, let isString): isString ? Self.quoted(text) : text
    case .null: "null"
    }
  }

  private static func quoted(_ text: String) -> String { "\"\(text.replacing("\"", with: "\\\""))\"" }
}
