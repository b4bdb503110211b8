import Addresses
import PolicyModel

/// The meaning of tiers for one subject and direction: a fold over the tiers, each of which decides a part of what the ones
/// before it passed on.
struct TierFold {
  private let policies: [Int]
  private let direction: Direction
  private let numbers: [PortName: UInt16]
  private let store: DiagramStore

  /// Collects the data of a matrix.
  /// - Parameters:
  ///   - policies: those that select the subject, as indices of `Cluster.policies` in the order in which they are asked.
  ///   - direction: seen from the subject.
  ///   - numbers: the numbers behind the subject's port names.
  ///   - store: the store of the diagrams.
  init(_ policies: [Int], _ direction: Direction, _ numbers: [PortName: UInt16], _ store: DiagramStore) {
    self.policies = policies
    self.direction = direction
    self.numbers = numbers
    self.store = store
  }

  /// True where the policies are of one tier that allows what any rule accepts and denies the rest, as
  /// NetworkPolicy does.
  func isAdditive(in cluster: Cluster) -> Bool {
    guard let tier = policies.first.map({ cluster.policies[$0].tier }), tier.selectedDefault == .deny else {
      return false
    }
    return policies.allSatisfy { index in
      cluster.policies[index].tier == tier
        && (cluster.policies[index].rules(direction) ?? []).allSatisfy { $0.action == .accept }
    }
  }

  /// The traffic allowed to the subject.
  func allowed(_ terms: inout RuleTerms) -> (ipv4: Diagram, ipv6: Diagram) {
    if terms.isAdditive || isAdditive(in: terms.cluster) {
      var keys: [TermKey] = []
      for policy in policies {
        for rule in terms.terms(of: policy, direction, subjectNumbers: numbers, store) { keys += rule }
      }
      return store.union(of: Set(keys).sorted())
    }
    let cluster = terms.cluster
    var (allowed, undecided) = (TrafficByFamily.nothing, TrafficByFamily.everything)
    var rest = policies[...]
    while let first = rest.first {
      let tier = cluster.policies[first].tier
      let own = rest.prefix { cluster.policies[$0].tier == tier }
      rest = rest.dropFirst(own.count)
      let decided = decided(by: own, &terms)
      allowed = store.union(allowed, store.intersection(undecided, decided.accepted))
      undecided = store.intersection(undecided, decided.passed)
    }
    allowed = store.union(allowed, undecided)
    return (allowed.ipv4, allowed.ipv6)
  }

  /// The meaning of one tier by itself.
  private func decided(by own: ArraySlice<Int>, _ terms: inout RuleTerms) -> OrderedTiers.Decided {
    let cluster = terms.cluster
    guard own.allSatisfy({ cluster.policies[$0].onlyAccepts }) else {
      return terms.decided(by: Array(own), direction, subjectNumbers: numbers, store)
    }
    var keys: Set<TermKey> = []
    for policy in own {
      keys.formUnion(terms.terms(of: policy, direction, subjectNumbers: numbers, store).joined())
    }
    return OrderedTiers.Decided(accepted: TrafficByFamily(store.union(of: keys.sorted())), passed: .nothing)
  }
}

/// Traffic with peers of both families.
struct TrafficByFamily {
  var ipv4: Diagram
  var ipv6: Diagram

  init(_ diagrams: (ipv4: Diagram, ipv6: Diagram)) { (ipv4, ipv6) = diagrams }

  static let nothing = TrafficByFamily((.nothing(.ipv4), .nothing(.ipv6)))
  static let everything = TrafficByFamily((.everything(.ipv4), .everything(.ipv6)))
}

extension DiagramStore {
  fileprivate func union(_ left: TrafficByFamily, _ right: TrafficByFamily) -> TrafficByFamily {
    TrafficByFamily((union(left.ipv4, right.ipv4), union(left.ipv6, right.ipv6)))
  }

  fileprivate func intersection(_ left: TrafficByFamily, _ right: TrafficByFamily) -> TrafficByFamily {
    TrafficByFamily((intersection(left.ipv4, right.ipv4), intersection(left.ipv6, right.ipv6)))
  }
}
