import ScriptedServer
import TestSupport
import Testing

extension AgentHistoryTests {
  /// Pods that no API server should send.
  private static let oddPods = [
    "", #","spec":null,"status":null"#, #","spec":[],"status":"x""#, #","spec":{"nodeName":7},"status":{}"#,
    #","spec":{"nodeName":"node-a","containers":null},"status":{"phase":"Strange","podIPs":null}"#,
    #","spec":{"nodeName":"node-a"},"status":{"phase":"Running","podIP":"none","podIPs":[{"ip":"none"}]}"#,
    #","spec":{"nodeName":"node-a"},"status":{"phase":"Running","podIP":"10.244.1.300","podIPs":[null]}"#,
    #","spec":{"nodeName":"node-a"},"status":{"phase":"Running","podIPs":[{"ip":"0.0.0.0"},{"ip":"::"}]}"#,
    #","spec":{"nodeName":"node-a"},"status":{"phase":null,"podIP":"10.244.1.10","podIPs":{}}"#,
    #","spec":{"nodeName":"\ud800"},"status":{"phase":"Running","podIP":"10.244.1.60"}"#,
    #","spec":{"nodeName":"node-a","big":"\#(String(repeating: "x", count: 5_000_000))"},"status":{}"#,
  ]

  /// Policies likewise.
  private static let oddPolicies = [
    "", #","spec":null"#, #","spec":{"podSelector":null}"#,
    #","spec":{"podSelector":{},"policyTypes":["Odd"]}"#,
    #","spec":{"podSelector":{"matchLabels":null},"ingress":null,"egress":null,"policyTypes":null}"#,
    #","spec":{"podSelector":{},"ingress":[null]}"#,
    #","spec":{"podSelector":{},"ingress":[{"from":[null]}]}"#,
    #","spec":{"podSelector":{},"ingress":[{"ports":[{"port":-1}]}]}"#,
    #","spec":{"podSelector":{},"ingress":[{"from":[{"ipBlock":{"cidr":"10.0.0.0/99"}}]}]}"#,
    #","spec":{"podSelector":{"matchExpressions":[{"key":"a","operator":"Odd"}]}}"#,
  ]

  @Test(
    "objects of any shape: the agent goes on with the others, names them, and is as before when they are gone"
  )
  func oddObjects() async throws {
    try await with(.small()) { agent in
      let (cluster, paths) = (agent.cluster, AgentProcess.paths)
      try await agent.waitUntilReady()
      for (number, content) in Self.oddPods.enumerated() {
        for (metadata, odd) in [
          ("", ""), (#","labels":null,"annotations":null"#, "n"), (#","labels":{"a":1}"#, "l"),
        ] {
          cluster.put(
            .init(namespace: "default", name: "odd-\(number)\(odd)", metadata: metadata, content: content),
            in: paths.pods)
        }
      }
      for (number, content) in Self.oddPolicies.enumerated() {
        cluster.put(.init(namespace: "default", name: "odd-\(number)", content: content), in: paths.policies)
      }
      cluster.putPod("other", "client", "10.244.2.12", node: "node-b")
      try await agent.wait("another pod") { await agent.table.contains("10.244.2.12") }
      try await agent.wait("the names") {
        let ready = try await agent.ask("readyz")
        return ready.status == 0 && ready.output.contains("objects that cannot be read")
      }
      #expect(
        try await agent.ask("metrics").output.contains(
          "netpolc_agent_unreadable_objects_total{kind=\"policies\"}"))
      // Another agent meets them in its lists.
      await agent.kill()
      try agent.start()
      try await agent.waitUntilReady()
      for key in cluster.objects(paths.pods).keys where key.hasPrefix("default/odd-") {
        cluster.remove(namespace: "default", name: String(key.dropFirst(8)), from: paths.pods)
      }
      for number in Self.oddPolicies.indices {
        cluster.remove(namespace: "default", name: "odd-\(number)", from: paths.policies)
      }
      try await waitUntilEqual(agent, "the odd objects gone")
      #expect(try await !agent.ask("readyz").output.contains("cannot be read"))
    }
  }
}
