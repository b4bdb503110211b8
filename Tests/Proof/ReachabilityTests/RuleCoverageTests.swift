import Addresses
import PolicyModel
import TestSupport
import Testing

@testable import Reachability

@Suite("rules that allow nothing of their own", .bounded)
struct RuleCoverageTests {
  /// A cluster whose policies borrow rules from each other, whole or one entry at a time.
  private static func cluster(_ seed: UInt64) -> Cluster {
    let random = RandomCluster(seed: seed, pods: 12, policies: 8).cluster
    var generator = SeededGenerator(seed: seed)
    let policies = random.policies.map { policy in
      let other = generator.pick(random.policies)
      var (ingress, egress) = (policy.ingress, policy.egress)
      for rule in other.ingress ?? [] where generator.chance(oneIn: 2) {
        ingress?.append(part(of: rule, &generator))
      }
      for rule in policy.egress ?? [] where generator.chance(oneIn: 2) {
        egress?.append(part(of: rule, &generator))
      }
      return Policy(
        id: policy.id,
        subjects: generator.chance(oneIn: 3) ? PodSet(.own, LabelSelector()) : policy.subjects,
        ingress: ingress, egress: egress, origin: policy.origin)
    }
    return Cluster(policies: policies, namespaces: random.namespaces, pods: random.pods)
  }

  private static func part(of rule: PolicyRule, _ generator: inout SeededGenerator) -> PolicyRule {
    let peers = generator.some(rule.peers.entries, most: rule.peers.entries.count)
    return PolicyRule(
      peers: peers.isEmpty ? rule.peers : .anyOf(peers), ports: rule.ports, origin: rule.origin)
  }

  private static func without(_ rule: RuleCoverage.Rule, _ cluster: Cluster) -> Cluster {
    var policies = cluster.policies
    let policy = policies[rule.policy]
    var (ingress, egress) = (policy.ingress, policy.egress)
    if rule.direction == .ingress { ingress?.remove(at: rule.place) } else { egress?.remove(at: rule.place) }
    policies[rule.policy] = Policy(
      id: policy.id, tier: policy.tier, priority: policy.priority, subjects: policy.subjects,
      ingress: ingress,
      egress: egress, origin: policy.origin)
    return Cluster(policies: policies, namespaces: cluster.namespaces, pods: cluster.pods)
  }

  private static func with(_ action: RuleAction, _ rule: RuleCoverage.Rule, _ cluster: Cluster) -> Cluster {
    var policies = cluster.policies
    let policy = policies[rule.policy]
    func changed(_ rules: [PolicyRule]?, _ direction: Direction) -> [PolicyRule]? {
      guard direction == rule.direction else { return rules }
      return rules?.enumerated().map { place, old in
        place == rule.place
          ? PolicyRule(action, name: old.name, peers: old.peers, ports: old.ports, origin: old.origin) : old
      }
    }
    policies[rule.policy] = Policy(
      id: policy.id, tier: policy.tier, priority: policy.priority, subjects: policy.subjects,
      ingress: changed(policy.ingress, .ingress), egress: changed(policy.egress, .egress),
      origin: policy.origin)
    return Cluster(policies: policies, namespaces: cluster.namespaces, pods: cluster.pods)
  }

  @Test("a rule is covered just when its pods mean the same without it")
  func againstTakingAway() { againstTakingAway(UInt64(0)..<120, Self.cluster) }

  @Test("so it is where each stretch of addresses is looked at by itself")
  func byAddressAgainstTakingAway() { againstTakingAway(UInt64(0)..<60, mostPairs: 0, Self.cluster) }

  @Test("so it is where rules are ordered, in several tiers")
  func tiersAgainstTakingAway() {
    againstTakingAway(UInt64(0)..<100) { RandomTiers(seed: $0, policies: 3).cluster }
  }

  @Test("a rule of tiers is met by some traffic just when accepting and denying are not the same")
  func metByTraffic() {
    var counts = [true: 0, false: 0]
    for seed in UInt64(0)..<100 {
      let cluster = RandomTiers(seed: seed, policies: 3).cluster
      var coverage = RuleCoverage(cluster)
      _ = coverage.coveredRules()
      let store = DiagramStore()
      for (index, policy) in cluster.policies.enumerated() where policy.tier != .networkPolicy {
        for direction in Direction.allCases {
          for place in (policy.rules(direction) ?? []).indices {
            let rule = RuleCoverage.Rule(policy: index, direction: direction, place: place)
            let (accepting, denying) = (
              Specification(Self.with(.accept, rule, cluster), in: store),
              Specification(Self.with(.deny, rule, cluster), in: store)
            )
            let isMet = cluster.pods.indices.contains { pod in
              let (one, other) = (
                accepting.profile(ofPod: pod, direction), denying.profile(ofPod: pod, direction)
              )
              return one.ipv4 != other.ipv4 || one.ipv6 != other.ipv6
            }
            #expect(coverage.isReached(rule) == isMet, "seed \(seed): \(policy.id) \(direction) \(place)")
            counts[isMet, default: 0] += 1
          }
        }
      }
    }
    #expect(counts.values.allSatisfy { $0 > 100 }, "\(counts)")
  }

  private func againstTakingAway(
    _ seeds: Range<UInt64>, mostPairs: Int? = nil, _ cluster: (UInt64) -> Cluster
  ) {
    var (covered, needed) = (0, 0)
    for seed in seeds {
      let cluster = cluster(seed)
      let store = DiagramStore()
      let whole = Specification(cluster, in: store)
      var coverage = RuleCoverage(cluster)
      if let mostPairs { coverage.mostPairs = mostPairs }
      let found = coverage.coveredRules()
      for (index, policy) in cluster.policies.enumerated() {
        let pods = cluster.pods.indices.filter {
          cluster.isSubject(cluster.pods[$0], of: policy)
        }
        for direction in Direction.allCases {
          for place in (policy.rules(direction) ?? []).indices {
            let rule = RuleCoverage.Rule(policy: index, direction: direction, place: place)
            let rest = Specification(Self.without(rule, cluster), in: store)
            let isCovered =
              !pods.isEmpty
              && pods.allSatisfy { pod in
                let (before, after) = (
                  whole.profile(ofPod: pod, direction), rest.profile(ofPod: pod, direction)
                )
                return before.ipv4 == after.ipv4 && before.ipv6 == after.ipv6
              }
            #expect(found.contains(rule) == isCovered, "seed \(seed): \(policy.id) \(direction) \(place)")
            if isCovered { covered += 1 } else { needed += 1 }
          }
        }
      }
    }
    #expect(covered > 100 && needed > 100, "\(covered) covered, \(needed) not")
  }

  @Test("a set of addresses without another, and single addresses of it")
  func boundarySets() {
    var random = RandomDiagrams(
      generator: SeededGenerator(seed: 11), family: .ipv6, store: DiagramStore())
    for _ in 0..<500 {
      let (left, right) = (random.addresses(), random.addresses())
      let rest = BoundarySet<UInt128>(left).subtracting(BoundarySet(right))
      #expect(rest == BoundarySet(left.subtracting(right)), "\(left) without \(right)")
      for address in [0, 1, 2, 7, 8, UInt128.max / 2, .max - 1, .max] {
        #expect(BoundarySet<UInt128>(left).contains(address) == left.contains(address))
      }
    }
  }
}

extension Cluster {
  /// Whether a policy selects a pod.
  fileprivate func isSubject(_ pod: Pod, of policy: Policy) -> Bool {
    let isNamespaceRight =
      switch policy.subjects.namespaces {
      case .own: pod.namespace == policy.id.namespace
      case .matching(let selector): selector.matches(labels(ofNamespace: pod.namespace))
      }
    return isNamespaceRight && policy.subjects.pods.matches(pod.labels)
  }
}
