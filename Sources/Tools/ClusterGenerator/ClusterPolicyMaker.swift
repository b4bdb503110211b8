import Addresses
import PolicyModel

/// ClusterNetworkPolicies as administrators of large clusters write them: each is about a team, some about its production or
/// about all else of it, one in a hundred about everything. A pod is under eight to ten of a hundred, and the pods of a node
/// make up to sixteen lists of policies.
struct ClusterPolicyMaker {
  private let layout: Layout
  private static let rulesOfDirection = 25

  init(_ layout: Layout) { self.layout = layout }

  /// So many policies, seven in ten of the tier Admin.
  func policies(_ count: Int, _ random: inout SeededRandom) -> [Policy] {
    (0..<count).map { number in
      let isAdmin = number % 10 < 7
      return Policy(
        id: PolicyID(.clusterNetworkPolicy, namespace: nil, name: "cluster-policy-\(number)"),
        tier: isAdmin ? .admin : .baseline, priority: number,
        subjects: PodSet(.matching(Self.subjects(number)), LabelSelector()),
        ingress: rules(.ingress, &random), egress: rules(.egress, &random), origin: generatedOrigin)
    }
  }

  private static func subjects(_ number: Int) -> LabelSelector {
    if number % 100 == 0 { return LabelSelector() }
    let team = Layout.teams[number % Layout.teams.count]
    let round = number / Layout.teams.count
    let environment: [LabelSelector.Requirement] =
      switch round % 4 {
      case 0: [.init("environment", .isIn, ["prod"])]
      case 1: [.init("environment", .notIn, ["prod"])]
      case 3 where round % 12 == 11: [.init("environment", .notIn, ["prod"])]
      default: []
      }
    return LabelSelector([.init("team", .isIn, [team])] + environment)
  }

  private func rules(_ direction: Direction, _ random: inout SeededRandom) -> [PolicyRule] {
    (0..<Self.rulesOfDirection).map { number in
      let action: RuleAction = random.chance(450) ? .accept : random.chance(640) ? .deny : .pass
      return PolicyRule(
        action, name: "rule-\(number)", peers: .anyOf([peer(direction, &random)]), ports: Self.ports(&random),
        origin: generatedOrigin)
    }
  }

  private func peer(_ direction: Direction, _ random: inout SeededRandom) -> Peer {
    func pods(_ namespaces: LabelSelector, _ pods: LabelSelector = LabelSelector()) -> Peer {
      Peer(.pods(.matching(namespaces), pods), origin: generatedOrigin)
    }
    let team = LabelSelector(matchLabels: ["team": random.pick(Layout.teams)])
    let component = LabelSelector(
      matchLabels: ["app.kubernetes.io/component": random.pick(["api", "web", "worker", "db", "gateway"])])
    switch random.below(100) {
    case 0..<20 where direction == .egress:
      let block = UInt128(0xcb00_0000 + random.below(4000) << 8)
      return Peer(
        .ipBlock(IPBlock(CIDR(IPAddress(.ipv4, bits: block), prefixLength: 24))), origin: generatedOrigin)
    case 0..<60:
      let name = layout.namespaces[random.skewed(layout.namespaces.count)].name
      return pods(LabelSelector(matchLabels: [Namespace.nameLabel: name]))
    case 60..<80: return pods(team, component)
    case 80..<95:
      return pods(
        LabelSelector(matchLabels: [
          "team": random.pick(Layout.teams), "environment": random.pick(["staging", "dev"]),
        ]))
    default: return pods(team)
    }
  }

  private static func ports(_ random: inout SeededRandom) -> OneOf<PolicyPort> {
    let number = random.pick([UInt16(53), 80, 443, 5432, 8080, 9090])
    switch random.below(100) {
    case 0..<25: return .everything
    case 25..<35:
      return .anyOf([PolicyPort(.tcp, .range(Interval(8000, 8999)), origin: generatedOrigin)])
    case 35..<45: return .anyOf([PolicyPort(.udp, .range(Interval(number)), origin: generatedOrigin)])
    default: return .anyOf([PolicyPort(.tcp, .range(Interval(number)), origin: generatedOrigin)])
    }
  }
}
