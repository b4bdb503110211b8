public import PolicyModel
import Wording

/// The reason why one entry of `from`, `to` or `ports` matches or does not.
public struct EntryTrace: Sendable, Hashable {
  /// Where it was written.
  public let origin: Origin
  /// A short description of the entry's condition.
  public let asks: String
  /// True where the packet meets it.
  public let matches: Bool
  /// The reason in words: the condition of the entry, and the value of the packet.
  public let reason: String
}

/// The reason why one rule allows a packet or does not.
public struct RuleTrace: Sendable, Hashable {
  /// The rule's place in the policy's rules of the direction.
  public let index: Int
  /// The name that its author gave it; nil where it has none.
  public let name: String?
  /// The effect on traffic that it matches.
  public let action: RuleAction
  /// Where it was written.
  public let origin: Origin
  /// The entries of `from` or `to`; none: every peer.
  public let peers: [EntryTrace]
  /// The entries of `ports`; none: all traffic.
  public let ports: [EntryTrace]

  /// True where an entry of `from` or `to` matches the packet's other end, or there are none.
  public var peerMatches: Bool { peers.isEmpty || peers.contains(where: \.matches) }
  /// True where an entry of `ports` matches the packet, or there are none.
  public var portMatches: Bool { ports.isEmpty || ports.contains(where: \.matches) }
  /// True where the rule matches the packet.
  public var matches: Bool { peerMatches && portMatches }
  /// True where the rule accepts the packet, where no rule before it decides.
  public var allows: Bool { matches && action == .accept }

  /// `rule 2`, or `rule 2 "name"`: its place among the rules as they were written, from 1.
  public var words: String {
    // Rules that are closed are not there, and one may stand for two: the field counts what was written.
    let written = origin.field.split(separator: "[").last.flatMap { Int($0.prefix { $0.isNumber }) }
    return "rule \((written ?? index) + 1)" + (name.map { " \(ForeignText($0).quoted)" } ?? "")
  }

  /// The most telling place of what allows: the matching peer, else the matching port, else the rule.
  public var cause: Origin {
    peers.first(where: \.matches)?.origin ?? ports.first(where: \.matches)?.origin ?? origin
  }
}

/// The verdict of one policy that selects a pod, about a packet.
public struct PolicyTrace: Sendable, Hashable {
  /// The policy's namespace and name.
  public let policy: PolicyID
  /// The tier of its rules.
  public let tier: TierKind
  /// Where it was written.
  public let origin: Origin
  /// Its rules of the direction.
  public let rules: [RuleTrace]
  /// True where a rule allows the packet.
  public var allows: Bool { rules.contains(where: \.allows) }
}

/// The verdict about a packet in one direction of one pod, with its causes.
public struct DirectionTrace: Sendable, Hashable {
  /// Seen from the pod.
  public let direction: Direction
  /// The pod, as `namespace/name` or `namespace/Kind/name`.
  public let pod: String
  /// Every policy that selects the pod in this direction, in the order in which they are asked. None: it is open.
  public let policies: [PolicyTrace]
  /// True where nothing selects the pod in this direction.
  public var isOpen: Bool { policies.isEmpty }
  /// True where this direction lets the packet pass.
  public var allows: Bool {
    switch decision {
    case .isolated: false
    case .rule(_, let rule): rule.action == .accept
    case .undecided: true
    }
  }

  /// The end of the way of a packet through the tiers.
  public enum Decision: Sendable, Hashable {
    /// The first rule that matches in its tier accepts or denies.
    case rule(PolicyTrace, RuleTrace)
    /// No rule of a tier matches that denies what it selects.
    case isolated(TierKind)
    /// No tier decides: it is allowed.
    case undecided
  }

  /// The part of the policies that decides: the first rule that matches, tier by tier, or the default of a tier.
  public var decision: Decision {
    let walk = PolicyWalk(
      policies.map { policy in
        PolicyWalk<OnePacket>.Step(
          policy.tier, policy.rules.map { (action: $0.action, matched: OnePacket($0.matches)) })
      })
    if let tier = walk.isolating.last?.tier { return .isolated(tier) }
    // A packet meets one rule at the most that accepts or denies.
    guard let last = walk.decisions.last, last.action != .pass else { return .undecided }
    return .rule(policies[last.policy], policies[last.policy].rules[last.rule])
  }

  /// The rules that decide, in order: in a tier that only accepts every rule that matches, in any other the first one. None
  /// where the default of a tier denies, or no tier decides.
  public var decidingRules: [(policy: PolicyTrace, rule: RuleTrace)] {
    guard case .rule(let policy, let rule) = decision else { return [] }
    let own = policies.filter { $0.tier == policy.tier }
    guard own.allSatisfy({ $0.rules.allSatisfy { $0.action == .accept } }) else { return [(policy, rule)] }
    return own.flatMap { policy in policy.rules.filter(\.matches).map { (policy, $0) } }
  }

  /// The trace as if there were one tier only.
  public func alone(_ tier: TierKind) -> DirectionTrace {
    DirectionTrace(direction: direction, pod: pod, policies: policies.filter { $0.tier == tier })
  }

  /// The trace as if there were the tiers of ClusterNetworkPolicy only.
  public var ofClusterTiers: DirectionTrace {
    DirectionTrace(direction: direction, pod: pod, policies: policies.filter(\.tier.isOfCluster))
  }

  /// The policies by tier, in the order in which they are asked.
  public var tiers: [(tier: TierKind, policies: ArraySlice<PolicyTrace>)] {
    var tiers: [(tier: TierKind, policies: ArraySlice<PolicyTrace>)] = []
    var rest = policies[...]
    while let tier = rest.first?.tier {
      let own = rest.prefix { $0.tier == tier }
      rest = rest.dropFirst(own.count)
      tiers.append((tier, own))
    }
    return tiers
  }
}
