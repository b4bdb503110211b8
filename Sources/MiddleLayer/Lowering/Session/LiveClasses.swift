import Addresses
import PolicyModel

/// A class of pods while it has members: what `PolicyClass` is to a compile from the beginning.
struct LiveClass: Sendable {
  /// What makes the class: names instead of places, which change when other policies come and go.
  struct Key: Hashable, Sendable {
    let direction: Direction
    let policies: [NetworkPolicy.ID]
    let ports: [NamedPort]
  }

  let key: Key
  /// The names of its chains.
  let names: PerFamily<String>
  /// A tier of its policies alone, in which the class is found by places again.
  private(set) var tiers: [Tier]
  private(set) var policyClass: PolicyClass
  /// How many pods it has.
  var pods = 0
  /// How many addresses.
  var members = PerFamily(0)
  /// The terms of its rules; nil: not worked out, or not any more.
  var terms: [[Term]]?
  /// What its terms ask for.
  var queries: [Int] = []
  var portUses: Set<Int> = []
  /// What the table has of it.
  var parts = PerFamily<LiveParts?>(nil)

  init(_ key: Key, _ entries: [TierEntry], isTaken: (String) -> Bool) {
    self.key = key
    (tiers, policyClass) = Self.tiers(key, entries)
    var names = PerFamily("")
    for family in [IPFamily.ipv4, .ipv6] {
      var name = policyClass.chainName(tiers, family)
      while isTaken(name) { name += "x" }
      names[family] = name
    }
    self.names = names
  }

  /// Gives the class its policies as they are now.
  mutating func setEntries(_ entries: [TierEntry]) {
    (tiers, policyClass) = Self.tiers(key, entries)
    terms = nil
  }

  private static func tiers(_ key: Key, _ entries: [TierEntry]) -> ([Tier], PolicyClass) {
    let like = Tier.networkPolicies([])
    let tier = Tier(name: like.name, selectedDefault: like.selectedDefault, entries: entries)
    let places = PolicyClass.Key(
      direction: key.direction, entries: [Array(entries.indices)], ports: key.ports)
    return ([tier], PolicyClass(key: places, pods: []))
  }
}

/// The policies, and the classes that they make.
struct LiveClasses: Sendable {
  var pool = Pool<LiveClass>()
  private(set) var numbers: [LiveClass.Key: Int] = [:]
  private var chainNames: Set<String> = []
  private var selectors: [String: SelectorIndex<NetworkPolicy.ID>] = [:]
  private var entries: [NetworkPolicy.ID: [TierEntry]] = [:]
  private var ofPolicy: [NetworkPolicy.ID: Set<Int>] = [:]
  /// Classes whose members are others, or whose rules may be.
  private(set) var touched: Set<Int> = []

  /// The policies that select a group, ascending.
  func policies(selecting group: LiveGroup, _ steps: inout Int) -> [NetworkPolicy.ID] {
    selectors[group.namespace]?.matching(group.labels, &steps).sorted() ?? []
  }

  /// What policies say for a direction, in their order.
  func entries(of policies: [NetworkPolicy.ID], _ direction: Direction) -> [TierEntry] {
    policies.flatMap { (entries[$0] ?? []).filter { $0.direction == direction } }
  }

  /// Puts a policy in the place of what had its name; nil: nothing.
  mutating func replace(_ change: LiveCluster.Change.Policy) {
    let namespace = change.id.namespace
    if let before = change.before {
      selectors[namespace]?.remove(before.podSelector, change.id)
      if selectors[namespace]?.isEmpty == true { selectors[namespace] = nil }
    }
    if let after = change.after {
      selectors[namespace, default: SelectorIndex()].insert(after.podSelector, change.id)
    }
    entries[change.id] = change.after.map { Tier.networkPolicies([$0]).entries }
  }

  /// Gives the classes of a policy what it says now.
  mutating func refresh(_ policy: NetworkPolicy.ID) {
    // Also those without pods at the moment: some may come back before the transaction is complete.
    for number in ofPolicy[policy] ?? [] {
      pool[number].setEntries(entries(of: pool[number].key.policies, pool[number].key.direction))
      touched.insert(number)
    }
  }

  /// The class of a key, made where there is none.
  mutating func number(_ key: LiveClass.Key, _ entries: [TierEntry]) -> Int {
    if let known = numbers[key] { return known }
    let made = LiveClass(key, entries) { chainNames.contains($0) }
    let number = pool.insert(made)
    numbers[key] = number
    chainNames.formUnion([made.names.ipv4, made.names.ipv6])
    for policy in key.policies { ofPolicy[policy, default: []].insert(number) }
    return number
  }

  /// A pod comes to a class, or goes from it.
  mutating func count(_ pod: Pod, in number: Int, _ sign: Int) {
    pool[number].pods += sign
    for address in pod.addresses { pool[number].members[address.family] += sign }
    touched.insert(number)
  }

  /// Rules of a class may be others now, for what their port names stand for.
  mutating func setStale(_ number: Int) {
    pool[number].terms = nil
    touched.insert(number)
  }

  /// The classes that were touched since this was called last.
  mutating func takeTouched() -> Set<Int> {
    defer { touched = [] }
    return touched
  }

  /// Forgets a class without pods.
  mutating func remove(_ number: Int) {
    let gone = pool[number]
    numbers[gone.key] = nil
    chainNames.subtract([gone.names.ipv4, gone.names.ipv6])
    for policy in gone.key.policies {
      ofPolicy[policy]?.remove(number)
      if ofPolicy[policy]?.isEmpty == true { ofPolicy[policy] = nil }
    }
    pool.remove(number)
  }
}
