/// What a matching rule of a tier does to a connection in one direction.
public enum TierAction: String, Sendable, Hashable {
  /// The direction allows it, and later tiers are not asked.
  case accept
  /// It is refused.
  case deny
  /// This tier says nothing; the next one is asked.
  case pass
}

/// A rule of a tier: the shape that a NetworkPolicy rule (always `accept`) and a ClusterNetworkPolicy rule share.
public struct TierRule: Sendable, Hashable {
  /// What happens to traffic that matches.
  public let action: TierAction
  /// What traffic matches.
  public let rule: PolicyRule

  /// A rule.
  public init(_ action: TierAction, _ rule: PolicyRule) {
    self.action = action
    self.rule = rule
  }
}

/// The rules that one policy object puts on the pods it selects, for one direction of one tier.
public struct TierEntry: Sendable, Hashable {
  /// The policy the rules come from.
  public let policy: NetworkPolicy.ID
  /// The namespace of the selected pods.
  public let namespace: String
  /// Which of its pods.
  public let podSelector: LabelSelector
  /// The direction.
  public let direction: Direction
  /// The rules, first match decides.
  public let rules: [TierRule]

  /// An entry.
  public init(
    policy: NetworkPolicy.ID, namespace: String, podSelector: LabelSelector, direction: Direction,
    rules: [TierRule]
  ) {
    self.policy = policy
    self.namespace = namespace
    self.podSelector = podSelector
    self.direction = direction
    self.rules = rules
  }
}

/// One layer of policy. Tiers are asked in order; within one, the first matching rule decides.
///
/// NetworkPolicy is a tier whose entries only accept and whose default, for a pod that any entry selects, is
/// deny. A pod that no tier decides about is open.
public struct Tier: Sendable, Hashable {
  /// The tier's name: `networkpolicy`.
  public let name: String
  /// What happens to traffic of a selected pod that no rule of this tier matched.
  public let selectedDefault: TierAction
  /// The entries, in order.
  public let entries: [TierEntry]

  /// A tier.
  public init(name: String, selectedDefault: TierAction, entries: [TierEntry]) {
    self.name = name
    self.selectedDefault = selectedDefault
    self.entries = entries
  }

  /// The tier that NetworkPolicy objects make up, sorted by policy, for the directions each isolates.
  public static func networkPolicies(_ policies: [NetworkPolicy]) -> Tier {
    let entries = policies.sorted { $0.id < $1.id }.flatMap { policy in
      Direction.allCases.filter(policy.isolates.contains).map { direction in
        TierEntry(
          policy: policy.id, namespace: policy.id.namespace, podSelector: policy.podSelector,
          direction: direction, rules: policy.effectiveRules(direction).map { TierRule(.accept, $0) })
      }
    }
    return Tier(name: "networkpolicy", selectedDefault: .deny, entries: entries)
  }
}
