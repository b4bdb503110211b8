import ScriptedServer
import TestSupport
import Testing

/// An object that no API server should send.
private struct OddObject {
  let content: String
  var metadata = ""
  /// The words that tell of it; nil where it is what a compile makes of it.
  var told: String? = whole

  private static let whole = "an object cannot be read"
  private static let part = "a part of an object is left out"

  /// Bytes that are no text.
  private static let bytes = String(repeating: Answer.noText, count: 2)

  static let pods = [
    OddObject(content: "", told: nil),
    // Null members.
    OddObject(content: #","spec":null,"status":null"#, told: nil),
    OddObject(
      content: #","spec":{"nodeName":"node-a","containers":null},"status":{"phase":"Running","podIPs":null}"#,
      metadata: #","labels":null,"annotations":null"#, told: nil),
    OddObject(
      content:
        #","spec":{"nodeName":"node-a"},"status":{"phase":"Running","podIP":"10.244.1.61","podIPs":[null]}"#,
      told: nil),
    // Members of another type.
    OddObject(content: #","spec":[],"status":"x""#),
    OddObject(content: #","spec":{"nodeName":7},"status":{}"#),
    OddObject(
      content: #","spec":{"nodeName":"node-a"},"status":{"phase":null,"podIP":"10.244.1.10","podIPs":{}}"#),
    OddObject(content: "", metadata: #","labels":{"a":1}"#),
    // A phase that is not known.
    OddObject(
      content: #","spec":{"nodeName":"node-a"},"status":{"phase":"Strange","podIPs":[{"ip":"10.244.1.62"}]}"#),
    // Addresses that are none.
    OddObject(
      content:
        #","spec":{"nodeName":"node-a"},"status":{"phase":"Running","podIP":"none","podIPs":[{"ip":"none"}]}"#,
      told: part),
    OddObject(
      content: #","spec":{"nodeName":"node-a"},"status":{"phase":"Running","podIP":"10.244.1.300"}"#,
      told: part),
    OddObject(
      content:
        #","spec":{"nodeName":"node-a"},"status":{"phase":"Running","podIPs":[{"ip":"0.0.0.0"},{"ip":"::"}]}"#,
      told: nil),
    // No UTF-8, and half of a pair of UTF-16.
    OddObject(
      content: #","spec":{"nodeName":"node-a"},"status":{"phase":"Running","podIP":"10.244.1.63"}"#,
      metadata: #","labels":{"app":"\#(bytes)"}"#),
    OddObject(
      content: #","spec":{"nodeName":"\ud800"},"status":{"phase":"Running","podIP":"10.244.1.60"}"#, told: nil
    ),
    // Five megabytes.
    OddObject(
      content:
        #","spec":{"nodeName":"node-a","big":"\#(String(repeating: "x", count: 5_000_000))"},"status":{}"#,
      told: nil),
  ]

  static let policies = [
    OddObject(content: "", told: nil), OddObject(content: #","spec":null"#, told: nil),
    OddObject(content: #","spec":{"podSelector":null}"#, told: nil),
    OddObject(content: #","spec":{"podSelector":{},"policyTypes":["Odd"]}"#),
    OddObject(
      content:
        #","spec":{"podSelector":{"matchLabels":null},"ingress":null,"egress":null,"policyTypes":null}"#,
      told: nil),
    OddObject(content: #","spec":{"podSelector":{},"ingress":[null]}"#, told: nil),
    OddObject(content: #","spec":{"podSelector":{},"ingress":[{"from":[null]}]}"#),
    OddObject(content: #","spec":{"podSelector":{},"ingress":[{"ports":[{"port":-1}]}]}"#),
    OddObject(
      content: #","spec":{"podSelector":{},"ingress":[{"from":[{"ipBlock":{"cidr":"10.0.0.0/99"}}]}]}"#),
    OddObject(content: #","spec":{"podSelector":{"matchExpressions":[{"key":"a","operator":"Odd"}]}}"#),
    OddObject(content: #","spec":{"podSelector":{"matchLabels":{"app":"\#(bytes)"}}}"#),
  ]
}

extension AgentHistoryTests {
  @Test(
    "objects of any shape: each that cannot be read is named and counted, the others go on, and all is as before when they are gone"
  )
  func oddObjects() async throws {
    try await with(.small()) { agent in
      let (cluster, paths) = (agent.cluster, AgentProcess.paths)
      let kinds = [("pods", paths.pods, OddObject.pods), ("policies", paths.policies, OddObject.policies)]
      try await agent.waitUntilReady()
      for (_, path, objects) in kinds {
        for (number, odd) in objects.enumerated() {
          cluster.put(
            .init(namespace: "default", name: "odd-\(number)", metadata: odd.metadata, content: odd.content),
            in: path)
        }
      }
      for (kind, path, objects) in kinds {
        let told = objects.count { $0.told != nil }
        let counter = "netpolc_agent_unreadable_objects_total{kind=\"\(kind)\"}"
        try await agent.wait("the count of \(kind)") {
          try await agent.metric("netpolc_agent_events_total{kind=\"\(kind)\"}")
            >= Double(cluster.objects(path).count)
        }
        #expect(try await agent.metric(counter) == Double(told))
        for (number, odd) in objects.enumerated() {
          let name = "kind=\"\(kind)\" name=\"default/odd-\(number)\""
          let lines = agent.log.split(separator: "\n").filter { $0.contains(name) }
          #expect(lines.count == (odd.told == nil ? 0 : 1), "\(kind) \(number): \(odd.content.prefix(100))")
          if let told = odd.told { #expect(lines.allSatisfy { $0.contains(told) }, "\(lines)") }
        }
      }
      #expect(try await agent.ask("readyz").output.contains("objects of which a part is left out"))
      #expect(try await agent.ask("readyz").output.contains("objects that cannot be read"))
      cluster.putPod("other", "client", "10.244.2.12", node: "node-b")
      try await agent.wait("another pod") { await agent.table.contains("10.244.2.12") }
      // An address of a pod that cannot be read is no pod's.
      let known = try await agent.shell("nft list set inet netpolc known4").output
      #expect(known.contains("10.244.1.10"))
      for address in ["10.244.1.62", "10.244.1.63"] { #expect(!known.contains(address)) }
      // Another agent meets them in its lists.
      await agent.kill()
      try agent.start()
      try await agent.waitUntilReady()
      for (_, path, objects) in kinds {
        for number in objects.indices {
          cluster.remove(namespace: "default", name: "odd-\(number)", from: path)
        }
      }
      try await waitUntilEqual(agent, "the odd objects gone")
      let ready = try await agent.ask("readyz").output
      #expect(!ready.contains("cannot be read") && !ready.contains("left out"))
    }
  }

  @Test("two pods with one address for a while: told, counted, and as a compile has it")
  func twins() async throws {
    try await with(.small()) { agent in
      let cluster = agent.cluster
      try await agent.waitUntilReady()
      cluster.putPod("twin-1", "client", "10.244.2.20", node: "node-b")
      try await agent.wait("the first") { await agent.table.contains("10.244.2.20") }
      cluster.putPod("twin-2", "other", "10.244.2.20", node: "node-c")
      try await waitUntilEqual(agent, "both")
      try await agent.wait("the word") { agent.log.contains("several pods have one address") }
      #expect(try await agent.metric("netpolc_agent_address_conflicts_total") == 1)
      #expect(try await agent.ask("readyz").status == 0)
      cluster.removePod("twin-1")
      try await waitUntilEqual(agent, "the second alone")
      // One of this node, and one that has ended: the one that runs has it.
      cluster.putPod("twin-3", "web", "10.244.1.20")
      cluster.putPod("twin-4", "client", "10.244.1.20")
      try await waitUntilEqual(agent, "both of this node")
      cluster.removePod("twin-4")
      try await waitUntilEqual(agent, "one of this node")
      #expect(await agent.table.contains("10.244.1.20 : jump in4-default/web"))
    }
  }

  @Test("a Node that loses its podCIDRs: its blocks stay guarded, which is told, and all else goes on")
  func lostBlocks() async throws {
    try await with(.small()) { agent in
      let cluster = agent.cluster
      try await agent.waitUntilReady()
      let former = #","spec":{"podCIDRs":["10.244.1.0/24"]}"#
      for content in [#","spec":{"podCIDRs":null}"#, #","spec":null"#, ""] {
        cluster.put(.init(name: "node-a", content: content), in: AgentProcess.paths.nodes)
        try await agent.wait("the note for \(content)") {
          try await agent.ask("readyz").output.contains("note: node: the Node has no podCIDRs any more")
        }
        cluster.putPod("new", content.isEmpty ? "client" : "web", "10.244.1.30")
        try await agent.wait("another pod") { await agent.table.contains("10.244.1.30") }
        #expect(
          try await agent.shell("nft list set inet netpolc node-pods4").output.contains("10.244.1.0/24"))
        #expect(try await agent.ask("readyz").status == 0)
        cluster.put(.init(name: "node-a", content: former), in: AgentProcess.paths.nodes)
        cluster.removePod("new")
        try await waitUntilEqual(agent, "the Node as before")
        #expect(try await !agent.ask("readyz").output.contains("note: node:"))
      }
    }
  }
}
