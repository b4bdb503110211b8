/// The structural difference between two tables.
///
/// Things are matched by name. The order of sets, maps and chains in a table means nothing and is not compared.
public struct TableDelta: Sendable, Equatable {
  /// Changed sets and maps with at most this many elements carry them all; larger ones may leave them out.
  public static let fewElements = 1000

  /// A set of which only the elements differ.
  public struct SetChange: Sendable, Equatable {
    /// The set as it is to be. Where `count` is above `fewElements`, its elements may be left out.
    public var set: NamedSet
    /// The number of elements in the new version.
    public var count: Int
    /// Elements that it lacks now, ascending.
    public var added: [ElementKey]
    /// Elements that it has too many now, ascending.
    public var removed: [ElementKey]

    /// A change to a set; `count` is the number of its elements unless said otherwise.
    public init(set: NamedSet, count: Int? = nil, added: [ElementKey], removed: [ElementKey]) {
      self.set = set
      self.count = count ?? set.elements.count
      self.added = added
      self.removed = removed
    }
  }

  /// A verdict map of which only the elements differ. A key whose verdict changes is in both lists.
  public struct MapChange: Sendable, Equatable {
    /// The map as it is to be. Where `count` is above `fewElements`, its elements may be left out.
    public var map: VerdictMap
    /// The number of elements in the new version.
    public var count: Int
    /// Elements that it lacks now, ascending by key.
    public var added: [VerdictElement]
    /// Elements that it has too many now, ascending by key.
    public var removed: [VerdictElement]

    /// A change to a map; `count` is the number of its elements unless said otherwise.
    public init(map: VerdictMap, count: Int? = nil, added: [VerdictElement], removed: [VerdictElement]) {
      self.map = map
      self.count = count ?? map.elements.count
      self.added = added
      self.removed = removed
    }
  }

  /// The table's family.
  public let family: Table.Family
  /// The table's name.
  public let name: String
  /// True where something differs that cannot be changed in place: the table itself, the type or flags of a
  /// set or map, the hook of a chain, or what this model has no word for. Then the whole table is to be
  /// replaced, and the lists below are incomplete.
  public package(set) var needsReplacement = false
  /// Sets that are new.
  public var addedSets: [NamedSet] = []
  /// Names of sets that are gone.
  public var removedSets: [String] = []
  /// Sets with other elements.
  public var changedSets: [SetChange] = []
  /// Maps that are new.
  public var addedMaps: [VerdictMap] = []
  /// Names of maps that are gone.
  public var removedMaps: [String] = []
  /// Maps with other elements.
  public var changedMaps: [MapChange] = []
  /// Chains that are new.
  public var addedChains: [Chain] = []
  /// Names of chains that are gone.
  public var removedChains: [String] = []
  /// Chains with other rules, as they are to be.
  public var changedChains: [Chain] = []

  /// True where the two tables are the same.
  public var isEmpty: Bool {
    !needsReplacement && addedSets.isEmpty && removedSets.isEmpty && changedSets.isEmpty && addedMaps.isEmpty
      && removedMaps.isEmpty && changedMaps.isEmpty && addedChains.isEmpty && removedChains.isEmpty
      && changedChains.isEmpty
  }

  /// An empty delta, for callers that already know the changes.
  public init(_ family: Table.Family, _ name: String) {
    self.family = family
    self.name = name
  }

  /// The changes that turn `old` into `new`. O(n log n) in the elements that are not in order, O(n)
  /// otherwise.
  public init(from old: Table, to new: Table) {
    family = new.family
    name = new.name
    needsReplacement =
      old.family != new.family || old.name != new.name || Set(old.flags) != Set(new.flags)
      || old.unmodelled.sorted() != new.unmodelled.sorted()
    compareSets(old, new)
    compareMaps(old, new)
    compareChains(old, new)
    // A name cannot change from set to map within one transaction.
    let newSets = Set(addedSets.map(\.name))
    let newMaps = Set(addedMaps.map(\.name))
    if removedMaps.contains(where: newSets.contains) || removedSets.contains(where: newMaps.contains) {
      needsReplacement = true
    }
  }

  private mutating func compareSets(_ old: Table, _ new: Table) {
    var rest = Dictionary(old.sets.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    for set in new.sets {
      guard let former = rest.removeValue(forKey: set.name) else {
        addedSets.append(set)
        continue
      }
      if former.key != set.key || former.flags != set.flags || former.autoMerge != set.autoMerge {
        needsReplacement = true
      }
      let (added, removed) = difference(former.elements, set.elements) { $0 < $1 }
      if !added.isEmpty || !removed.isEmpty {
        changedSets.append(SetChange(set: set, added: added, removed: removed))
      }
    }
    removedSets = old.sets.map(\.name).filter { rest[$0] != nil }
  }

  private mutating func compareMaps(_ old: Table, _ new: Table) {
    var rest = Dictionary(old.maps.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    for map in new.maps {
      guard let former = rest.removeValue(forKey: map.name) else {
        addedMaps.append(map)
        continue
      }
      if former.key != map.key || former.flags != map.flags { needsReplacement = true }
      let (added, removed) = difference(former.elements, map.elements) { $0.key < $1.key }
      if !added.isEmpty || !removed.isEmpty {
        changedMaps.append(MapChange(map: map, added: added, removed: removed))
      }
    }
    removedMaps = old.maps.map(\.name).filter { rest[$0] != nil }
  }

  private mutating func compareChains(_ old: Table, _ new: Table) {
    var rest = Dictionary(old.chains.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    for chain in new.chains {
      guard let former = rest.removeValue(forKey: chain.name) else {
        addedChains.append(chain)
        continue
      }
      if former.hook != chain.hook { needsReplacement = true }
      if former.rules != chain.rules { changedChains.append(chain) }
    }
    removedChains = old.chains.map(\.name).filter { rest[$0] != nil }
  }
}

/// The elements that only the second list has, and those that only the first has; both ascending.
private func difference<Element: Equatable>(
  _ old: [Element], _ new: [Element], _ precedes: (Element, Element) -> Bool
) -> (added: [Element], removed: [Element]) {
  let old = sorted(old, precedes)
  let new = sorted(new, precedes)
  var added: [Element] = []
  var removed: [Element] = []
  var left = 0
  var right = 0
  while left < old.count || right < new.count {
    if left < old.count, right < new.count, old[left] == new[right] {
      left += 1
      right += 1
    } else if right == new.count || (left < old.count && !precedes(new[right], old[left])) {
      removed.append(old[left])
      left += 1
    } else {
      added.append(new[right])
      right += 1
    }
  }
  return (added, removed)
}

/// The list itself where it is in order already, which is the rule.
private func sorted<Element>(_ list: [Element], _ precedes: (Element, Element) -> Bool) -> [Element] {
  zip(list, list.dropFirst()).allSatisfy { !precedes($1, $0) } ? list : list.sorted(by: precedes)
}
