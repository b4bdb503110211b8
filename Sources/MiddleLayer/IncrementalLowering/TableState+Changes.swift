import Addresses
import PolicyModel
import Ruleset
import TableLayout

extension TableState {
  /// The differences since the last call.
  ///
  /// - Parameters:
  ///   - pods: what came to the sets of queries and went from them, and how many elements these have now.
  ///   - fillsSmall: whether small sets and maps have all of their elements also where only elements differ.
  ///   - elements: finds all of these.
  /// - Returns: the difference, in the order of the table, and whether small sets and maps are filled.
  mutating func takeChanges(
    _ pods: [(query: Int, family: IPFamily, name: String, count: Int, net: [UInt128: Int])],
    fillsSmall: Bool, elements: (_ query: Int, IPFamily) -> [UInt128]
  ) -> (delta: TableDelta, isFilled: Bool) {
    // Objects that come, go or are replaced as a whole are compared as those of any two tables.
    var (old, new) = (TableContents(), TableContents())
    var cameOrWent: Set<String> = []
    for (name, before, after) in sets.takeChanges().sorted(by: { $0.key < $1.key }) {
      cameOrWent.insert(name)
      if let before { old.sets.append(before.header) }
      if let after { new.sets.append(full(after, elements)) }
    }
    for (_, before, after) in maps.takeChanges().sorted(by: { $0.key < $1.key }) {
      if let before { old.maps.append(before) }
      if let after { new.maps.append(after) }
    }
    for (_, before, after) in chains.takeChanges().sorted(by: { $0.key < $1.key }) {
      if let before { old.chains.append(before) }
      if let after { new.chains.append(after) }
    }
    var delta = TableDelta(from: layout.objects(old), to: layout.objects(new))
    // Beside chains libnftables makes the change, which fills small sets anew.
    let isFilled = fillsSmall || !delta.isEmpty
    let most = isFilled ? TableDelta.fewElements : 0
    for change in pods where !cameOrWent.contains(change.name) {
      guard let set = sets.current[change.name] else { continue }
      let isShort = change.count <= most
      delta.changedSets.append(
        .init(
          set: isShort ? full(set, elements) : set.header, count: change.count,
          added: Self.keys(change.net, 1), removed: Self.keys(change.net, -1)))
    }
    delta.changedSets.sort { $0.set.name < $1.set.name }
    delta.changedSets.insert(contentsOf: IPFamily.allCases.compactMap { ownChange($0, most) }, at: 0)
    delta.changedSets += IPFamily.allCases.compactMap { knownChange($0, most) }
    delta.changedSets += IPFamily.allCases.compactMap { localChange($0, most) }
    var verdicts: [TableDelta.MapChange] = []
    for family in IPFamily.allCases {
      for direction in [Direction.egress, .ingress] {
        if let change = verdictChange(direction, family, most) { verdicts.append(change) }
      }
    }
    delta.changedMaps.insert(contentsOf: verdicts, at: 0)
    addReplies(to: &delta, verdicts, old, new)
    addClusterTiers(to: &delta, most)
    return (delta, isFilled)
  }

  /// The same differences in the chains and maps that judge replies.
  private func addReplies(
    to delta: inout TableDelta, _ verdicts: [TableDelta.MapChange], _ old: TableContents,
    _ new: TableContents
  ) {
    guard layout.hasReplyChains else { return }
    let replies = TableDelta(from: layout.replyObjects(old), to: layout.replyObjects(new))
    delta.changedMaps += verdicts.map(self.replies)
    delta.changedMaps += replies.changedMaps
    delta.addedMaps += replies.addedMaps
    delta.removedMaps += replies.removedMaps
    delta.changedChains += replies.changedChains
    delta.addedChains += replies.addedChains
    delta.removedChains += replies.removedChains
  }

  /// The differences in what tiers of ClusterNetworkPolicy have besides classes. Where these tiers came or went, tables are
  /// compared as a whole.
  private mutating func addClusterTiers(to delta: inout TableDelta, _ most: Int) {
    var changes: [TableDelta.MapChange] = []
    for family in IPFamily.allCases {
      for direction in [Direction.egress, .ingress] {
        let change = Self.verdictChange(&toTierChains[direction, default: .init(.init())][family], most) {
          layout.clusterTierMap(direction, family, $0)
        }
        if let change { changes.append(change) }
      }
    }
    let (before, after) = (hadChainsToNode, asksClusterTiersForEgress)
    hadChainsToNode = after
    if !hasClusterTiers { return }
    delta.changedMaps += changes
    if layout.hasReplyChains { delta.changedMaps += changes.map(replies) }
    let own = layout.clusterTierChainsToNode
    if after, !before { delta.addedChains += own }
    if before, !after { delta.removedChains += own.map(\.name) }
  }

  private func replies(_ change: TableDelta.MapChange) -> TableDelta.MapChange {
    TableDelta.MapChange(
      map: layout.replyMap(change.map), count: change.count, added: change.added.map(layout.replyElement),
      removed: change.removed.map(layout.replyElement))
  }

  private static func keys(_ net: [UInt128: Int], _ sign: Int) -> [ElementKey] {
    net.filter { $0.value.signum() == sign }.keys.sorted().map { ElementKey($0) }
  }

  private mutating func ownChange(_ family: IPFamily, _ most: Int) -> TableDelta.SetChange? {
    Self.change(&own[family], most, { ($0.source, $0.destination) < ($1.source, $1.destination) }, \.key) {
      layout.ownAddressSet(family, $0)
    }
  }

  private mutating func localChange(_ family: IPFamily, _ most: Int) -> TableDelta.SetChange? {
    Self.change(&local[family], most, <, { ElementKey($0) }) { layout.localPodSet(family, $0) }
  }

  private mutating func knownChange(_ family: IPFamily, _ most: Int) -> TableDelta.SetChange? {
    Self.change(&known[family], most, <, { ElementKey($0) }) { layout.knownPodSet(family, $0) }
  }

  /// The difference in a set that every table of the layout has; the order of its keys is that of their elements, which are sorted
  /// several times as slowly.
  private static func change<Key>(
    _ journal: inout ChangeTrackingDictionary<Key, Bool>, _ most: Int, _ isBefore: (Key, Key) -> Bool,
    _ element: (Key) -> ElementKey,
    _ set: ([ElementKey]) -> NamedSet
  ) -> TableDelta.SetChange? {
    let changes = journal.takeChanges()
    if changes.isEmpty { return nil }
    let count = journal.current.count
    let all = count <= most ? journal.current.keys.sorted(by: isBefore).map(element) : []
    return TableDelta.SetChange(
      set: set(all), count: count,
      added: changes.filter { $0.after != nil }.map { element($0.key) }.sorted(),
      removed: changes.filter { $0.after == nil }.map { element($0.key) }.sorted())
  }

  private mutating func verdictChange(_ direction: Direction, _ family: IPFamily, _ most: Int) -> TableDelta
    .MapChange?
  {
    Self.verdictChange(&toChains[direction, default: .init(.init())][family], most) {
      layout.verdictMap(direction, family, $0)
    }
  }

  /// The difference in a map from addresses to chains.
  private static func verdictChange(
    _ journal: inout ChangeTrackingDictionary<UInt128, String>, _ most: Int,
    _ map: ([VerdictElement]) -> VerdictMap
  ) -> TableDelta.MapChange? {
    let changes = journal.takeChanges()
    if changes.isEmpty { return nil }
    let count = journal.current.count
    let all = count <= most ? Self.elements(journal.current) : []
    func elements(_ chain: (String?, String?) -> String?) -> [VerdictElement] {
      changes.compactMap { key, before, after in
        chain(before, after).map { VerdictElement(ElementKey(key), .jump($0)) }
      }
      .sorted { $0.key < $1.key }
    }
    return TableDelta.MapChange(
      map: map(all), count: count,
      added: elements { $1 }, removed: elements { before, _ in before })
  }
}
