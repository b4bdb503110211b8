public import PolicyModel

/// Finds rules that decide nothing that others do not: without such a rule every pod is allowed what it is with it.
///
/// A rule is needed if some class of pods that its policy selects is allowed something else without it. Classes are
/// looked at one after the other, and a rule that one of them needs is never asked about again.
public struct RuleCoverage {
  /// A rule of a cluster.
  public struct Rule: Sendable, Hashable {
    /// The policy, as an index of `Cluster.policies`.
    public let policy: Int
    /// The direction of the rule.
    public let direction: Direction
    /// The rule's place in `Policy.rules`.
    public let place: Int
  }

  private let grouped: GroupedPolicies
  private var needed: Set<Rule> = []
  private var reached: Set<Rule> = []
  private var asked: Set<Rule> = []
  /// Up to so many pairs of a rule and a term are looked at one by one, which is quick where most rules are needed.
  var mostPairs = 250_000

  private var cluster: Cluster { grouped.cluster }
  private var store: DiagramStore { grouped.store }

  /// True where some traffic of some class of pods meets a rule. The order in which tiers and their rules are asked keeps it from
  /// others: rules before them decide all that they match, or they match nothing. `coveredRules` finds it out; O(1).
  public func isReached(_ rule: Rule) -> Bool { !grouped.hasOrder || reached.contains(rule) }

  /// Prepares a cluster, of which every pod is a subject.
  public init(_ cluster: Cluster) { self.init(GroupedPolicies(cluster)) }

  /// Prepares policies whose pods are grouped already.
  public init(_ policies: GroupedPolicies) { grouped = policies }

  /// The rules of policies that select a pod, each of which is covered by all others together; in the order of
  /// policies, ingress first. Two rules that say the same cover each other, and both are reported.
  ///
  /// - Complexity: linear in the rules of all classes; the addresses of a rule are walked over only where a first one
  ///   is not missed.
  public mutating func coveredRules() -> [Rule] {
    struct Key: Hashable {
      let policies: [Int]
      let numbers: [PortName: UInt16]
    }
    for direction in Direction.allCases {
      var done: Set<Key> = []
      for group in grouped.selected.members.indices {
        let policies =
          direction == .ingress ? grouped.selected.ingress[group] : grouped.selected.egress[group]
        // Where the subject is no destination, its ports do not matter.
        let numbers = direction == .ingress ? grouped.selected.numbers(of: group) : [:]
        guard !policies.isEmpty, done.insert(Key(policies: policies, numbers: numbers)).inserted else {
          continue
        }
        check(policies, direction, numbers)
      }
    }
    return asked.subtracting(needed).sorted {
      ($0.policy, $0.direction == .ingress ? 0 : 1, $0.place)
        < ($1.policy, $1.direction == .ingress ? 0 : 1, $1.place)
    }
  }

  /// Notes which rules the pods need that these policies select.
  private mutating func check(
    _ policies: [Int], _ direction: Direction, _ numbers: [PortName: UInt16]
  ) {
    let fold = TierFold(policies, direction, numbers, store)
    let isOrdered = grouped.hasOrder && policies.contains { cluster.policies[$0].tier != .networkPolicy }
    guard !isOrdered, fold.isAdditive(in: cluster) else {
      return checkByAddress(policies, direction, numbers)
    }
    var candidates: [(rule: Rule, terms: Set<TermKey>)] = []
    var owners: [TermKey: Int] = [:]
    for policy in policies {
      let rules = grouped.selected.terms.terms(of: policy, direction, subjectNumbers: numbers, store)
      for (place, terms) in rules.enumerated() {
        let terms = Set(terms)
        for term in terms { owners[term, default: 0] += 1 }
        let rule = Rule(policy: policy, direction: direction, place: place)
        asked.insert(rule)
        if grouped.hasOrder { reached.insert(rule) }
        if !needed.contains(rule) { candidates.append((rule, terms)) }
      }
    }
    let all = owners.keys.sorted()
    if candidates.count * all.count > mostPairs { return checkByAddress(policies, direction, numbers) }
    for (rule, terms) in candidates {
      // What another rule says in the same words is no reason to keep this one.
      let own = terms.filter { owners[$0] == 1 }
      if own.isEmpty { continue }
      let isCovered =
        covers(own, all, store.addressSets.ipv4) { store.union32($0) }
        && covers(own, all, store.addressSets.ipv6) { store.union128($0) }
      if !isCovered { needed.insert(rule) }
    }
  }

  /// Notes which rules the pods need, stretch by stretch of addresses: where the order of rules counts, and for very many.
  private mutating func checkByAddress(
    _ policies: [Int], _ direction: Direction, _ numbers: [PortName: UInt16]
  ) {
    var tiers: [RuleNeeds.Tier] = []
    var last: TierKind?
    for policy in policies {
      let (tier, rules) = (cluster.policies[policy].tier, cluster.policies[policy].rules(direction) ?? [])
      if last != tier { tiers.append(RuleNeeds.Tier(selectedDefault: tier.selectedDefault)) }
      last = tier
      let terms = grouped.selected.terms.terms(of: policy, direction, subjectNumbers: numbers, store)
      for (place, keys) in terms.enumerated() {
        let rule = Rule(policy: policy, direction: direction, place: place)
        asked.insert(rule)
        tiers[tiers.count - 1].members.append(.init(rule: rule, action: rules[place].action, terms: keys))
      }
    }
    let needs = RuleNeeds(tiers, store)
    needed.formUnion(needs.needed)
    reached.formUnion(needs.reached)
  }

  /// True where the terms without `own` cover each of `own`, for the addresses of one family.
  private func covers<Bound>(
    _ own: Set<TermKey>, _ all: [TermKey], _ addresses: [BoundarySet<Bound>],
    _ union: ([Term<Bound>]) -> Diagram
  ) -> Bool {
    own.allSatisfy { term in
      guard let first = addresses[term.addresses].flips.first else { return true }
      let traffic = TrafficID(index: term.traffic)
      // Most rules are needed for their first address already.
      var lacking = traffic
      for other in all where addresses[other.addresses].contains(first) && !own.contains(other) {
        lacking = store.difference(lacking, TrafficID(index: other.traffic))
        if lacking == .nothing { break }
      }
      guard lacking == .nothing else { return false }

      // Those that allow all of the traffic take their addresses away; what is left must be put together.
      var rest = addresses[term.addresses]
      var parts: [Term<Bound>] = []
      for other in all where !own.contains(other) {
        let common = store.intersection(traffic, TrafficID(index: other.traffic))
        if common == traffic {
          rest = rest.subtracting(addresses[other.addresses])
          if rest.flips.isEmpty { return true }
        } else if common != .nothing {
          parts.append(Term(addresses: addresses[other.addresses], traffic: other.traffic))
        }
      }
      if parts.isEmpty { return false }
      let left = union([Term(addresses: rest, traffic: term.traffic)])
      return store.isEmpty(store.difference(left, union(parts)))
    }
  }
}
