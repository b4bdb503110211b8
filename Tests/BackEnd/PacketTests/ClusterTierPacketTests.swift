import Addresses
import Lowering
import PacketLab
import PolicyModel
import Reachability
import RulesetText
import TestSupport
import Testing
import Verification

/// Where NetworkPolicy does not hold and the tiers of ClusterNetworkPolicy do: a pod's own node, and the pod itself behind a
/// Service.
@Suite("ClusterNetworkPolicy towards the own node and through a Service to oneself", .needsRoot, .bounded)
struct ClusterTierPacketTests {
  private static let web = IPAddress(.ipv4, bits: 0x0af4_0101)
  private static let client = IPAddress(.ipv4, bits: 0x0af4_0102)

  /// Two pods; a NetworkPolicy isolates both in both directions and allows nothing.
  private static func yaml(_ policies: String) -> String {
    let address = PacketLab.defaultNodeAddresses[0]
    return """
      {apiVersion: v1, kind: Namespace, metadata: {name: shop}}
      ---
      apiVersion: v1
      kind: Node
      metadata: {name: node-a, labels: {pool: a}}
      status: {addresses: [{type: InternalIP, address: \(address)}]}
      ---
      apiVersion: v1
      kind: Pod
      metadata: {name: web, namespace: shop, labels: {app: web}}
      spec: {nodeName: node-a, containers: [{name: c}]}
      status: {phase: Running, podIPs: [{ip: \(web)}]}
      ---
      apiVersion: v1
      kind: Pod
      metadata: {name: client, namespace: shop, labels: {app: client}}
      spec: {nodeName: node-a, containers: [{name: c}]}
      status: {phase: Running, podIPs: [{ip: \(client)}]}
      ---
      apiVersion: networking.k8s.io/v1
      kind: NetworkPolicy
      metadata: {name: nothing, namespace: shop}
      spec: {podSelector: {}, policyTypes: [Ingress, Egress]}
      ---
      \(policies)
      """
  }

  private static func policy(_ tier: String, _ rules: String, _ name: String = "c") -> String {
    """
    apiVersion: policy.networking.k8s.io/v1alpha2
    kind: ClusterNetworkPolicy
    metadata: {name: \(name)}
    spec: {tier: \(tier), priority: 1, subject: {pods: {podSelector: {matchLabels: {app: web}}}}, \(rules)}
    """
  }

  /// A lab with the compiled and proved table.
  private func run(_ policies: String) throws -> PacketRun {
    let scenario = Scenario(yaml: Self.yaml(policies))
    #expect(scenario.errors.isEmpty, "\(scenario.errors)")
    var lowerer = Lowerer(scenario.cluster)
    let proof = Verifier(Specification(scenario.cluster)).verify(lowerer.lower().table)
    #expect(proof.isProven, "\(proof)")
    return try PacketRun(scenario.cluster)
  }

  @Test("E12: nodes peers hold at the input hook, and NetworkPolicy still does not")
  func ownNode() throws {
    let run = try run(
      Self.policy(
        "Admin",
        "egress: [{action: Accept, to: [{nodes: {}}], protocols: [{tcp: {destinationPort: {number: 53}}}]}, {action: Deny, to: [{nodes: {matchLabels: {pool: a}}}], protocols: [{tcp: {destinationPort: {range: {start: 1, end: 1000}}}}]}]"
      ))
    let node = PacketLab.defaultNodeAddresses[0]
    let arrived = try run.lab.probe([
      Probe(from: Self.web, to: node, .tcp(port: 53)), Probe(from: Self.web, to: node, .tcp(port: 22)),
      Probe(from: Self.web, to: node, .tcp(port: 10250)), Probe(from: Self.client, to: node, .tcp(port: 22)),
      Probe(from: node, to: Self.web, .tcp(port: 22)),
    ])
    #expect(arrived == [true, false, true, true, true])
  }

  @Test("E12: networks that cover the node hold there too, in the Baseline tier as well")
  func networksOfOwnNode() throws {
    let run = try run(
      Self.policy(
        "Baseline",
        "egress: [{action: Deny, to: [{networks: [0.0.0.0/0]}], protocols: [{udp: {destinationPort: {number: 53}}}]}]"
      ))
    let node = PacketLab.defaultNodeAddresses[0]
    let arrived = try run.lab.probe([
      Probe(from: Self.web, to: node, .udp(port: 53)), Probe(from: Self.web, to: node, .udp(port: 54)),
      Probe(from: Self.client, to: node, .udp(port: 53)),
    ])
    #expect(arrived == [false, true, true])
  }

  @Test("E10: through a Service a pod reaches itself unless these tiers deny it, whatever NetworkPolicy says")
  func ownService() throws {
    let policies =
      Self.policy(
        "Admin",
        "ingress: [{action: Deny, from: [{pods: {podSelector: {matchLabels: {app: web}}}}], protocols: [{tcp: {destinationPort: {number: 9999}}}]}]"
      ) + "\n---\n"
      + Self.policy(
        "Baseline",
        "egress: [{action: Deny, to: [{pods: {podSelector: {matchLabels: {app: web}}}}], protocols: [{tcp: {destinationPort: {number: 7777}}}]}]",
        "b")
    let run = try run(policies)
    var services = ServiceTranslation()
    let ports: [UInt16] = [9999, 7777, 8080]
    let addresses = ports.map { services.address(for: Self.web, transport: 6, port: $0) }
    let ofClient = services.address(for: Self.client, transport: 6, port: 9999)
    try run.lab.load(services.script)
    let probes =
      addresses.map { Probe(from: Self.web, to: $0, .tcp(port: ServiceTranslation.port)) } + [
        Probe(from: Self.client, to: ofClient, .tcp(port: ServiceTranslation.port)),
        Probe(from: Self.client, to: addresses[2], .tcp(port: ServiceTranslation.port)),
      ]
    let arrived = try run.lab.probe(probes)
    #expect(arrived == [false, false, true, true, false])
  }
}
