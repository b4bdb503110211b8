import Addresses
import PolicyModel
import TestSupport
import Testing

@testable import AgentService

@Suite("The pods that policies restrict", .bounded)
struct PodRestrictionsTests {
  private func pod(_ namespace: String, _ app: String) -> Pod {
    Pod(namespace: namespace, name: app, labels: ["app": app], origin: .nowhere)
  }

  private func fence(_ actions: [RuleAction], in namespaces: LabelSelector) -> Policy {
    Policy(
      id: PolicyID(.clusterNetworkPolicy, namespace: nil, name: "fence"), tier: .admin,
      subjects: PodSet(.matching(namespaces), LabelSelector()),
      ingress: actions.map { PolicyRule($0, peers: .everything, ports: .everything, origin: .nowhere) },
      egress: nil, origin: .nowhere)
  }

  @Test("a NetworkPolicy restricts what it selects in its namespace; others where they deny")
  func kinds() {
    let namespaces = ["a": Namespace(name: "a", labels: ["team": "red"])]
    let policy = Policy(
      id: PolicyID(namespace: "a", name: "p"),
      subjects: PodSet(.own, LabelSelector(matchLabels: ["app": "web"])), ingress: [], egress: nil,
      origin: .nowhere)
    let own = PodRestrictions([policy], namespaces)
    #expect(own.concern(pod("a", "web")))
    #expect(!own.concern(pod("a", "other")))
    #expect(!own.concern(pod("b", "web")))
    let red = LabelSelector(matchLabels: ["team": "red"])
    #expect(PodRestrictions([fence([.accept, .deny], in: red)], namespaces).concern(pod("a", "x")))
    #expect(!PodRestrictions([fence([.accept, .pass], in: red)], namespaces).concern(pod("a", "x")))
    #expect(!PodRestrictions([fence([.deny], in: red)], namespaces).concern(pod("b", "x")))
    // A namespace without its labels: nothing selects it any more.
    #expect(!PodRestrictions([fence([.deny], in: red)], [:]).concern(pod("a", "x")))
    let named = LabelSelector(matchLabels: [Namespace.nameLabel: "b"])
    #expect(PodRestrictions([fence([.deny], in: named)], [:]).concern(pod("b", "x")))
  }
}
