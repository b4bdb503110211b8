import Addresses
import Diagnostics
public import PolicyModel

/// Random clusters with one to three tiers more, before and behind NetworkPolicy's: ordered rules that accept, deny or
/// pass, a default of deny or pass for selected pods, subjects of one namespace or of those with some labels. One tier in
/// four only accepts.
public struct RandomTiers: Sendable {
  /// What the cluster's manifests would say.
  public let contents: ManifestContents

  /// The cluster of a seed.
  ///
  /// - Parameters:
  ///   - seed: the same seed gives the same cluster.
  ///   - pods: how many pods at the most.
  ///   - policies: how many policies at the most in each tier.
  public init(seed: UInt64, pods: Int = 9, policies: Int = 4) {
    var contents = RandomCluster(seed: seed, pods: pods, policies: seed.isMultiple(of: 3) ? 0 : policies)
      .contents
    var generator = SeededGenerator(seed: seed ^ 0x7469_6572)
    for number in 0..<Int.random(in: 1...3, using: &generator) {
      let tier = TierKind(
        "tier\(number)",
        place: TierKind.networkPolicy.place + generator.pick([-2, -1, 1, 2]) * 10 + number,
        selectedDefault: generator.pick([.deny, .pass, .pass]))
      let actions: [RuleAction] = generator.chance(oneIn: 4) ? [.accept] : [.accept, .deny, .pass]
      for policy in 0..<Int.random(in: 0...policies, using: &generator) {
        contents.policies.append(Self.policy("\(tier.name)-\(policy)", tier, actions, &generator))
      }
    }
    self.contents = contents
  }

  /// The contents put together.
  public var cluster: Cluster { Cluster.resolve(contents).cluster }

  private static func policy(
    _ name: String, _ tier: TierKind, _ actions: [RuleAction], _ generator: inout SeededGenerator
  ) -> Policy {
    let pods = generator.chance(oneIn: 2) ? LabelSelector() : RandomCluster.selector(&generator)
    let isClusterWide = generator.chance(oneIn: 2)
    let directions = generator.pick([[Direction.ingress], [.egress], [.ingress, .egress]])
    func rules(_ direction: Direction, _ generator: inout SeededGenerator) -> [PolicyRule]? {
      guard directions.contains(direction) else { return nil }
      let made = (0..<generator.pick([1, 2, 3])).flatMap { _ in RandomCluster.rules(&generator) }
      return made.map { rule in
        PolicyRule(generator.pick(actions), peers: rule.peers, ports: rule.ports, origin: rule.origin)
      }
    }
    return Policy(
      id: PolicyID(namespace: isClusterWide ? nil : generator.pick(RandomCluster.namespaces), name: name),
      tier: tier, priority: Int.random(in: 0...2, using: &generator),
      subjects: PodSet(isClusterWide ? .matching(RandomCluster.selector(&generator)) : .own, pods),
      ingress: rules(.ingress, &generator), egress: rules(.egress, &generator), origin: RandomCluster.origin)
  }
}
