import Addresses
import Lowering
import PolicyModel

/// A class of pods while it has members: what `PolicyClass` is to a compile from the beginning.
struct ClassState: Sendable {
  /// The key of the class: names instead of places, which change when other policies are added or removed.
  struct Key: Hashable, Sendable {
    let direction: Direction
    let policies: [PolicyID]
    let ports: [NamedPort]
  }

  let key: Key
  /// The names of its chains.
  let names: PerFamily<String>
  /// The tiers of its policies alone, in which the class is found by places again.
  private(set) var tiers: [Tier]
  private(set) var policyClass: PolicyClass
  /// The number of pods in the class.
  var pods = 0
  /// The number of addresses in each family.
  var members = PerFamily(0)
  /// The terms of its rules; nil: not worked out, or not any more.
  var terms: [[Term]]?
  /// The queries of its terms.
  var queries: [Int] = []
  var portUses: Set<Int> = []
  /// The lists of ordered rules that are long enough for lookups.
  var orderedLists = PerFamily<[OrderedList]>([])
  /// The parts of the table that belong to it.
  var parts = PerFamily<ClassObjects?>(nil)

  /// The query of each term by tier; nil for a term that is not about pods.
  var queriesOfTerms: [[Int?]] {
    var rest = queries.makeIterator()
    return (terms ?? []).map { terms in
      terms.map { term in
        if case .pods = term.peer { rest.next() } else { nil }
      }
    }
  }

  init(_ key: Key, _ tiers: [Tier], isTaken: (String) -> Bool) {
    self.key = key
    self.tiers = tiers
    policyClass = Self.policyClass(key, tiers)
    var names = PerFamily("")
    for family in [IPFamily.ipv4, .ipv6] {
      var name = policyClass.chainName(tiers, family)
      while isTaken(name) { name += "x" }
      names[family] = name
    }
    self.names = names
  }

  /// Gives the class its policies as they are now.
  mutating func setTiers(_ tiers: [Tier]) {
    self.tiers = tiers
    policyClass = Self.policyClass(key, tiers)
    terms = nil
  }

  private static func policyClass(_ key: Key, _ tiers: [Tier]) -> PolicyClass {
    let places = PolicyClass.Key(
      direction: key.direction, entries: tiers.map { Array($0.entries.indices) }, ports: key.ports)
    return PolicyClass(key: places, pods: [])
  }
}
