import ScriptedServer

extension SimulatedCluster {
  /// A small cluster: a namespace, a node, a policy that closes pods with `app: web` but for TCP port 80 from `app: client`.
  static func small() -> SimulatedCluster {
    let cluster = SimulatedCluster()
    cluster.put(
      .init(name: "default", metadata: #","labels":{"kubernetes.io/metadata.name":"default"}"#),
      in: AgentProcess.paths.namespaces)
    cluster.put(
      .init(
        name: "node-a",
        content:
          #","spec":{"podCIDRs":["10.244.1.0/24"]},"status":{"addresses":[{"type":"InternalIP","address":"192.168.10.1"}]}"#
      ),
      in: AgentProcess.paths.nodes)
    cluster.putWebPolicy()
    cluster.putPod("web", "web", "10.244.1.10")
    cluster.putPod("client", "client", "10.244.1.11")
    return cluster
  }

  func putWebPolicy() {
    put(
      .init(
        namespace: "default", name: "web",
        content:
          #","spec":{"podSelector":{"matchLabels":{"app":"web"}},"policyTypes":["Ingress"],"ingress":[{"from":[{"podSelector":{"matchLabels":{"app":"client"}}}],"ports":[{"protocol":"TCP","port":80}]}]}"#
      ), in: AgentProcess.paths.policies)
  }

  func putPod(_ name: String, _ app: String, _ address: String?, node: String = "node-a", uid: String? = nil)
  {
    let status =
      address.map { #""phase":"Running","podIP":"\#($0)","podIPs":[{"ip":"\#($0)"}]"# }
      ?? #""phase":"Pending""#
    put(
      .init(
        namespace: "default", name: name, metadata: #","labels":{"app":"\#(app)"}"#,
        content: #","spec":{"nodeName":"\#(node)","containers":[]},"status":{\#(status)}"#),
      in: AgentProcess.paths.pods, uid: uid)
  }
}
