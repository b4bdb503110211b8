import PolicyModel
import TestSupport
import Testing

@Suite("tiers of policies", .bounded)
struct TierTests {
  private static let early = TierKind("early", place: 100, selectedDefault: .pass)
  private static let late = TierKind("late", place: 300, selectedDefault: .pass)

  private static func policy(
    _ name: String, in namespace: String? = "shop", _ tier: TierKind = .networkPolicy, priority: Int = 0,
    directions: [Direction] = [.ingress]
  ) -> Policy {
    let rule = PolicyRule(peers: .everything, ports: .everything, origin: .nowhere)
    return Policy(
      id: PolicyID(namespace: namespace, name: name), tier: tier, priority: priority,
      subjects: PodSet(namespace == nil ? .matching(LabelSelector()) : .own, LabelSelector()),
      ingress: directions.contains(.ingress) ? [rule] : nil,
      egress: directions.contains(.egress) ? [rule] : nil, origin: .nowhere)
  }

  @Test("tiers stand by place, policies of a tier by priority, then by name, in whatever order they come")
  func order() {
    var policies = [
      Self.policy("b"), Self.policy("a"), Self.policy("z", Self.late),
      Self.policy("y", in: nil, Self.early, priority: 5), Self.policy("x", in: nil, Self.early, priority: 7),
      Self.policy("w", in: nil, Self.early, priority: 7), Self.policy("c", in: "office"),
    ]
    for _ in 0..<10 {
      policies.shuffle()
      let tiers = Tier.tiers(of: policies)
      #expect(tiers.map(\.kind.name) == ["early", "networkpolicy", "late"])
      #expect(
        tiers.map { $0.entries.map(\.policy.description) } == [
          ["y", "w", "x"], ["office/c", "shop/a", "shop/b"], ["shop/z"],
        ])
    }
  }

  @Test("an entry for each direction that a policy speaks of; a policy of none is in no tier")
  func directions() {
    let both = Self.policy("both", directions: [.ingress, .egress])
    #expect(both.directions == [.ingress, .egress])
    #expect(Tier.tiers(of: [both])[0].entries.map(\.direction) == [.ingress, .egress])
    #expect(Tier.tiers(of: [both], [.egress])[0].entries.map(\.direction) == [.egress])
    #expect(Tier.tiers(of: [Self.policy("none", directions: [])]).isEmpty)
    #expect(Self.policy("none", directions: []).entry(.ingress) == nil)
  }

  @Test("names: with their namespace where they have one, and a cluster's first")
  func names() {
    let inCluster = PolicyID(namespace: nil, name: "web")
    let ids = [PolicyID(namespace: "b", name: "a"), PolicyID(namespace: "a", name: "b"), inCluster]
    #expect(ids.sorted().map(\.description) == ["web", "a/b", "b/a"])
    #expect(inCluster.words == "NetworkPolicy web")
  }
}
