public import PolicyModel

/// Ordered tiers by chance: one to three of them, each with some policies whose rules accept, deny or pass, and a default
/// of deny or pass for the pods that they select. One tier in four only accepts.
public enum RandomTiers {
  /// The tiers of a seed.
  public static func tiers(seed: UInt64, policies: Int = 4) -> [Tier] {
    var generator = SeededGenerator(seed: seed)
    return (0..<Int.random(in: 1...3, using: &generator)).map { place in
      let actions: [TierAction] = generator.chance(oneIn: 4) ? [.accept] : [.accept, .deny, .pass]
      let made = (0..<Int.random(in: 0...policies, using: &generator)).flatMap { number in
        Self.entries(NetworkPolicy.ID(namespace: "\(place)", name: "policy-\(number)"), actions, &generator)
      }
      return Tier(
        name: "tier-\(place)", selectedDefault: generator.pick([.deny, .pass]), entries: made)
    }
  }

  private static func entries(
    _ policy: NetworkPolicy.ID, _ actions: [TierAction], _ generator: inout SeededGenerator
  ) -> [TierEntry] {
    let namespace = generator.pick(RandomCluster.namespaces)
    let selector = generator.chance(oneIn: 2) ? LabelSelector() : RandomCluster.selector(&generator)
    let directions = generator.pick([[Direction.ingress], [.egress], [.ingress, .egress]])
    return directions.map { direction in
      let rules = (0..<generator.pick([1, 2, 3])).flatMap { _ in RandomCluster.rules(&generator) }
      return TierEntry(
        policy: policy, namespace: namespace, podSelector: selector, direction: direction,
        rules: rules.map { TierRule(generator.pick(actions), $0) })
    }
  }
}
