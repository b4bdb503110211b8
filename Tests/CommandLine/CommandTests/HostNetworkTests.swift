import TestSupport
import Testing

@Suite("pods on the host network are their node", .bounded)
struct HostNetworkTests {
  private static let inputs = """
    apiVersion: networking.k8s.io/v1
    kind: NetworkPolicy
    metadata: {name: closed, namespace: shop}
    spec: {podSelector: {}, policyTypes: [Ingress, Egress]}
    ---
    apiVersion: v1
    kind: Namespace
    metadata: {name: shop}
    ---
    apiVersion: v1
    kind: Node
    metadata: {name: n1}
    status: {addresses: [{type: InternalIP, address: 192.0.2.1}]}
    ---
    apiVersion: v1
    kind: Node
    metadata: {name: n2}
    status: {addresses: [{type: InternalIP, address: 192.0.2.2}]}
    ---
    apiVersion: v1
    kind: Pod
    metadata: {name: agent, namespace: shop}
    spec: {nodeName: n1, hostNetwork: true}
    status: {phase: Running, podIP: 192.0.2.1}
    ---
    apiVersion: v1
    kind: Pod
    metadata: {name: here, namespace: shop}
    spec: {nodeName: n1}
    status: {phase: Running, podIP: 10.1.0.1}
    ---
    apiVersion: v1
    kind: Pod
    metadata: {name: there, namespace: shop}
    spec: {nodeName: n2}
    status: {phase: Running, podIP: 10.1.1.1}
    """

  @Test(
    "explain takes one for its node",
    arguments: [
      (["shop/agent", "shop/here", "80"], 0), (["shop/agent", "shop/there", "80"], 1),
      (["shop/here", "shop/agent", "80"], 0), (["shop/there", "shop/agent", "80"], 1),
      (["shop/here", "shop/agent", "80", "--pod-to-node", "policies"], 1),
    ] as [([String], Int32)])
  func explained(words: [String], status: Int32) throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("all.yaml", inputs)
    let run = try CommandRun(
      BuiltProgram.netpolc, ["explain"] + words.prefix(3) + [path] + words.dropFirst(3))
    #expect(run.status == status, "\(run.output)\(run.errors)")
    #expect(run.output.contains("shop/agent on the host network"), "\(run.output)")
  }

  private var inputs: String { Self.inputs }
}
