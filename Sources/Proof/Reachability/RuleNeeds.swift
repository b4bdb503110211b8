import Addresses
import PolicyModel

/// The rules of a list that some packet needs: without such a rule it would have another verdict.
///
/// Address by address: what is allowed from each rule on is worked out from the last rule to the first, and what comes as
/// far as each rule from the first to the last. A rule is needed where both have traffic in common for which it and what
/// stands behind it disagree.
struct RuleNeeds {
  /// A rule, as its place in the whole list.
  struct Member {
    let rule: RuleCoverage.Rule
    let action: RuleAction
    let terms: [TermKey]
  }

  /// Rules of one tier, in the order in which they are asked, and what the tier does with traffic that none matches.
  struct Tier {
    let selectedDefault: SelectedDefault
    var members: [Member] = []
  }

  /// Traffic that a rule matches at one address.
  private struct Match {
    let member: Int
    let traffic: TrafficSet
  }

  private let tiers: [Tier]
  private let store: DiagramStore
  /// The rules that are needed.
  private(set) var needed: Set<RuleCoverage.Rule> = []
  /// The rules that some packet comes as far as and meets: the needed ones, and those behind which the verdict is the same.
  private(set) var reached: Set<RuleCoverage.Rule> = []

  /// Works out which rules of some tiers are needed. O(n log n) in the ends of all addresses, and for each stretch of
  /// addresses that the rules treat alike the rules that match there.
  init(_ tiers: [Tier], _ store: DiagramStore) {
    self.tiers = tiers
    self.store = store
    let sets = store.addressSets
    collect { sets.ipv4[$0] }
    collect { sets.ipv6[$0] }
  }

  private mutating func collect<Bound>(_ addresses: (AddressSets.Name) -> BoundarySet<Bound>) {
    // By name of a set of addresses the rules that speak of it, as (tier, member, traffic).
    var asking: [UInt32: [(tier: Int, member: Int, traffic: UInt32)]] = [:]
    for (number, tier) in tiers.enumerated() {
      for (place, member) in tier.members.enumerated() {
        for term in member.terms {
          asking[UInt32(term.addresses), default: []].append((number, place, term.traffic))
        }
      }
    }
    let cells = AddressCells(asking.keys.sorted().map { (number: $0, addresses: addresses(Int($0))) })
    for names in cells.members where !names.isEmpty {
      var traffic: [[Int: [TrafficID]]] = Array(repeating: [:], count: tiers.count)
      for name in names {
        for one in asking[name] ?? [] {
          traffic[one.tier][one.member, default: []].append(TrafficID(index: one.traffic))
        }
      }
      look(
        at: traffic.map { ofTier in
          ofTier.sorted { $0.key < $1.key }.map { member, names in
            Match(
              member: member, traffic: TrafficSet.union(of: names.map { store.traffic($0) }))
          }
        })
    }
  }

  /// Notes the rules that are needed at one address, from those that match there, by tier.
  private mutating func look(at matches: [[Match]]) {
    let contested = contested(matches)
    var coming = TrafficSet.everything
    for (number, tier) in tiers.enumerated() {
      var passed = TrafficSet.nothing
      for (place, match) in matches[number].enumerated() {
        let member = tier.members[match.member]
        if !contested[number][place].intersection(coming).isEmpty { needed.insert(member.rule) }
        if !reached.contains(member.rule), !match.traffic.intersection(coming).isEmpty {
          reached.insert(member.rule)
        }
        if member.action == .pass { passed = passed.union(coming.intersection(match.traffic)) }
        coming = coming.subtracting(match.traffic)
      }
      coming = tier.selectedDefault == .deny ? passed : passed.union(coming)
      if coming.isEmpty { return }
    }
  }

  /// For each match the traffic for which its rule says something else than what stands behind it.
  private func contested(_ matches: [[Match]]) -> [[TrafficSet]] {
    var result: [[TrafficSet]] = matches.map { Array(repeating: .nothing, count: $0.count) }
    // Traffic that no tier decides is allowed.
    var behind = TrafficSet.everything
    for (number, tier) in tiers.enumerated().reversed() {
      var allowed = tier.selectedDefault == .deny ? TrafficSet.nothing : behind
      for (place, match) in matches[number].enumerated().reversed() {
        let traffic = match.traffic
        switch tier.members[match.member].action {
        case .accept:
          result[number][place] = traffic.subtracting(allowed)
          allowed = allowed.union(traffic)
        case .deny:
          result[number][place] = traffic.intersection(allowed)
          allowed = allowed.subtracting(traffic)
        case .pass:
          let (now, then) = (traffic.intersection(allowed), traffic.intersection(behind))
          result[number][place] = now.subtracting(then).union(then.subtracting(now))
          allowed = allowed.subtracting(traffic).union(then)
        }
      }
      behind = allowed
    }
    return result
  }
}
