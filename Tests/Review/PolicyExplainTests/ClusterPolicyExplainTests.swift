import Addresses
import PolicyExplain
import PolicyModel
import PolicyTrace
import Reports
import TestSupport
import Testing

/// Explanations of clusters with ClusterNetworkPolicies.
@Suite("explain with tiers", .bounded)
struct ClusterPolicyExplainTests {
  @Test("verdict, ports and traces agree with the reference semantics", arguments: UInt64(0)..<40)
  func verdicts(seed: UInt64) throws {
    let random = RandomClusterPolicies(seed: seed)
    let oracle = ClusterPolicyOracle(random, node: nil)
    let explainer = Explainer(random.cluster)
    var generator = SeededGenerator(seed: seed)
    let names: [UInt8: String] = [6: "TCP", 17: "UDP", 132: "SCTP"]
    for attempt in oracle.randomProbes(60, &generator) where attempt.transport != 47 {
      let text = names[attempt.transport].map { "\(attempt.port)/\($0)" } ?? "ICMP"
      let answer = try #require(
        try explainer.explain(.address(attempt.source), .address(attempt.destination), TrafficReference(text))
          .first)
      // Towards the own node NetworkPolicy is not asked; a node's own traffic always passes.
      let isOfNode = isOfOwnNode(attempt, random.cluster)
      let isSent = answer.egress != nil
      let expected = !isOfNode ? oracle.allows(attempt) : !isSent || oracle.allowsToNode(attempt)
      #expect((answer.nodeTraffic != nil) == isOfNode, "seed \(seed): \(attempt)")
      #expect(
        answer.isAskedOfClusterTiers == (answer.isSelf || isOfNode && isSent), "seed \(seed): \(attempt)")
      #expect(answer.isAllowed == expected, "seed \(seed): \(attempt)")
      let traced = [answer.egress, answer.ingress].compactMap { $0 }
      #expect(traced.allSatisfy(\.allows) == expected, "seed \(seed): \(attempt)")
      #expect(traced.contains { Cause($0).verdict == .denied } == !expected, "seed \(seed): \(attempt)")
    }
  }

  /// True where one end is a pod and the other an address of the node that it runs on.
  private func isOfOwnNode(_ attempt: ConnectionAttempt, _ cluster: Cluster) -> Bool {
    func pod(_ address: IPAddress) -> Pod? { cluster.pods.first { $0.addresses.contains(address) } }
    func hasNode(_ own: Pod?, _ address: IPAddress) -> Bool {
      guard let name = own?.node, pod(address) == nil else { return false }
      return cluster.nodes.contains { $0.name == name && $0.addresses.contains(address) }
    }
    return hasNode(pod(attempt.source), attempt.destination)
      || hasNode(pod(attempt.destination), attempt.source)
  }

  @Test("a pod and itself through a Service: Admin and Baseline are asked, NetworkPolicy is not")
  func itself() throws {
    let scenario = Scenario(
      "conformance/AdminTierIntegration/1-admin-deny-wins-ingress", "conformance/inventory.yaml")
    let explainer = Explainer(scenario.cluster)
    let harry = IPAddress(.ipv4, bits: 0x0af4_0101)
    let answer = try #require(
      try explainer.explain(.address(harry), .address(harry), TrafficReference("80/TCP")).first)
    #expect(answer.isSelf && answer.isAskedOfClusterTiers)
    #expect(
      answer.text().contains(
        "what a pod sends itself through a Service is judged by the tiers Admin and Baseline, not by NetworkPolicy"
      ))
    #expect(!answer.causes.isEmpty)
  }

  @Test("the tier that decides, and what the others would say")
  func tiers() throws {
    let scenario = Scenario(
      "conformance/AdminTierIntegration/1-admin-deny-wins-ingress", "conformance/inventory.yaml")
    let explainer = Explainer(scenario.cluster)
    let (draco, harry) = (IPAddress(.ipv4, bits: 0x0af4_0201), IPAddress(.ipv4, bits: 0x0af4_0101))
    let answer = try #require(
      try explainer.explain(.address(draco), .address(harry), TrafficReference("80/TCP")).first)
    let text = answer.text().replacing(Fixtures.path("conformance/"), with: "")
    #expect(Golden("explain/tiers.expected.txt").difference(from: text) == nil)
  }
}
