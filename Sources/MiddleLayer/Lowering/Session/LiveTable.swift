import Addresses
import PolicyModel
import Ruleset
import TableLayout

/// The kinds of content of a set in the live table.
enum LiveSet: Equatable, Sendable {
  /// Always the same.
  case fixed(NamedSet)
  /// The pods of a query; the set as it is here has no elements.
  case pods(NamedSet, query: Int, IPFamily)

  var header: NamedSet {
    switch self {
    case .fixed(let set), .pods(let set, _, _): set
    }
  }
}

/// Two addresses of one pod.
struct OwnPair: Hashable, Sendable {
  let source: UInt128
  let destination: UInt128

  var key: ElementKey { .concatenation([Interval(source), Interval(destination)]) }
}

/// The names of what the chains of a class in a family need.
struct LiveParts: Sendable {
  var chains: [String] = []
  var maps: [String] = []
  var sets: [String] = []
  /// True where its chains depend on who its peers are at the moment.
  var isDense = false
}

/// The table of a session, in pieces that are found by name and counted by who uses them.
struct LiveTable: Sendable {
  private let layout: TableLayout
  /// The blocks of unknown pods.
  private let guarded: PerFamily<IntervalSet<UInt128>>
  var own = PerFamily(Journaled<OwnPair, Bool>())
  /// The addresses of pods in these blocks.
  private var known = PerFamily(Journaled<UInt128, Bool>())
  private var toChains: [Direction: PerFamily<Journaled<UInt128, String>>] = [
    .ingress: PerFamily(Journaled()), .egress: PerFamily(Journaled()),
  ]
  private var chains = Journaled<String, Chain>()
  private var maps = Journaled<String, VerdictMap>()
  private(set) var sets = Journaled<String, LiveSet>()
  private var identities: [String: String] = [:]
  /// Sets of queries that came or went since this was taken last, in order.
  private var setNames: [SetName] = []
  private var usesOfChains: [String: Int] = [:]
  private var usesOfSets: [String: Int] = [:]

  /// A set of a query that came or went.
  struct SetName: Sendable {
    let query: Int
    let family: IPFamily
    let name: String
    let isThere: Bool
  }

  /// The sets of queries that came or went since this was called last, in order.
  mutating func takeSetNames() -> [SetName] {
    defer { setNames = [] }
    return setNames
  }

  /// An empty table in a layout.
  init(_ layout: TableLayout) {
    self.layout = layout
    var guarded = PerFamily(IntervalSet<UInt128>())
    for family in [IPFamily.ipv4, .ipv6] { guarded[family] = layout.modes.unknownPodAddresses(family) }
    self.guarded = guarded
  }

  /// Notes that an address is a pod's, or, where nil, no pod's.
  mutating func setKnown(_ address: IPAddress, _ value: Bool?) {
    guard guarded[address.family].contains(address.bits) else { return }
    known[address.family][address.bits] = value
  }

  /// Sends an address to a chain; nil: to none.
  mutating func send(_ address: IPAddress, _ direction: Direction, to chain: String?) {
    toChains[direction]?[address.family][address.bits] = chain
  }

  /// True where a chain has this name.
  func hasChain(_ name: String) -> Bool { chains.current[name] != nil }

  /// Names in what was built that stand for something else here: two digests begin alike.
  func clashes(with builder: ChainBuilder) -> NameClashes {
    var clashes = NameClashes()
    for (name, identity) in builder.sets.identities {
      if let other = identities[name], other != identity { clashes.sets[name] = other }
    }
    for name in builder.decisions.keys {
      guard let made = builder.chains[name], let other = chains.current[name], other != made else { continue }
      clashes.chains[name] = ""
    }
    return clashes
  }

  /// Takes in what was built.
  mutating func retain(
    _ builder: ChainBuilder, _ family: IPFamily, queryOfIdentity: [String: Int]
  ) -> LiveParts {
    for (name, chain) in builder.chains {
      usesOfChains[name, default: 0] += 1
      chains[name] = chain
    }
    for (name, map) in builder.maps { maps[name] = map }
    for (name, set) in builder.sets.sets {
      usesOfSets[name, default: 0] += 1
      guard usesOfSets[name] == 1, let identity = builder.sets.identities[name] else { continue }
      identities[name] = identity
      if let query = queryOfIdentity[identity] {
        sets[name] = .pods(set, query: query, family)
        setNames.append(SetName(query: query, family: family, name: name, isThere: true))
      } else {
        sets[name] = .fixed(set)
      }
    }
    return LiveParts(
      chains: Array(builder.chains.keys), maps: Array(builder.maps.keys),
      sets: Array(builder.sets.sets.keys), isDense: builder.isDense)
  }

  /// Releases parts; those without another user are removed.
  ///
  /// - Parameters:
  ///   - parts: what a class had.
  ///   - kept: what was taken in since for the same class: maps of the same names are its own.
  mutating func release(_ parts: LiveParts, keeping kept: LiveParts? = nil) {
    for name in parts.chains {
      usesOfChains[name, default: 1] -= 1
      guard usesOfChains[name] == 0 else { continue }
      usesOfChains[name] = nil
      chains[name] = nil
    }
    for name in parts.maps where kept?.maps.contains(name) != true { maps[name] = nil }
    for name in parts.sets {
      usesOfSets[name, default: 1] -= 1
      guard usesOfSets[name] == 0 else { continue }
      usesOfSets[name] = nil
      identities[name] = nil
      if case .pods(_, let query, let family) = sets[name] {
        setNames.append(SetName(query: query, family: family, name: name, isThere: false))
      }
      sets[name] = nil
    }
  }
}

/// Names that something else has already.
struct NameClashes {
  /// The identity of each set, by its name.
  var sets: [String: String] = [:]
  /// Chains that decide by ports: what is there is not looked at, only that it is something else.
  var chains: [String: String] = [:]

  var isEmpty: Bool { sets.isEmpty && chains.isEmpty }
}

extension LiveTable {
  /// The whole table. O(n log n) in its elements.
  func table(elements: (_ query: Int, IPFamily) -> [UInt128]) -> Table {
    var contents = TableContents()
    for family in IPFamily.allCases {
      contents.ownAddresses[family] = own[family].current.keys.map(\.key).sorted()
      contents.knownPods[family] = known[family].current.keys.sorted().map { ElementKey($0) }
      for direction in Direction.allCases {
        contents.verdicts[direction, default: [:]][family] = verdicts(direction, family)
      }
    }
    contents.sets = sets.current.sorted { $0.key < $1.key }.map { full($0.value, elements) }
    contents.maps = maps.current.sorted { $0.key < $1.key }.map(\.value)
    contents.chains = chains.current.sorted { $0.key < $1.key }.map(\.value)
    return layout.table(contents)
  }

  private func verdicts(_ direction: Direction, _ family: IPFamily) -> [VerdictElement] {
    (toChains[direction]?[family].current ?? [:])
      .sorted { $0.key < $1.key }.map { VerdictElement(ElementKey($0.key), .jump($0.value)) }
  }

  private func full(_ set: LiveSet, _ elements: (Int, IPFamily) -> [UInt128]) -> NamedSet {
    var whole = set.header
    if case .pods(_, let query, let family) = set {
      whole.elements = elements(query, family).map { ElementKey($0) }
    }
    return whole
  }

  /// The differences since the last call.
  ///
  /// - Parameters:
  ///   - pods: what came to the sets of queries and went from them, and how many elements these have now.
  ///   - elements: finds all of these.
  /// - Returns: the difference, in the order of the table.
  mutating func takeChanges(
    _ pods: [(query: Int, family: IPFamily, name: String, count: Int, net: [UInt128: Int])],
    elements: (_ query: Int, IPFamily) -> [UInt128]
  ) -> TableDelta {
    // What comes, goes or is replaced as a whole is compared as any two tables are.
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
    // Every table has this chain, whether rules lead to it or not.
    delta.addedChains.removeAll { $0.name == ChainName.deny }
    delta.removedChains.removeAll { $0 == ChainName.deny }
    for change in pods where !cameOrWent.contains(change.name) {
      guard let set = sets.current[change.name] else { continue }
      let isShort = change.count <= TableDelta.fewElements
      delta.changedSets.append(
        .init(
          set: isShort ? full(set, elements) : set.header, count: change.count,
          added: Self.keys(change.net, 1), removed: Self.keys(change.net, -1)))
    }
    delta.changedSets.sort { $0.set.name < $1.set.name }
    delta.changedSets.insert(contentsOf: IPFamily.allCases.compactMap { ownChange($0) }, at: 0)
    delta.changedSets += IPFamily.allCases.compactMap { knownChange($0) }
    var verdicts: [TableDelta.MapChange] = []
    for family in IPFamily.allCases {
      for direction in [Direction.egress, .ingress] {
        if let change = verdictChange(direction, family) { verdicts.append(change) }
      }
    }
    delta.changedMaps.insert(contentsOf: verdicts, at: 0)
    addReplies(to: &delta, verdicts, old, new)
    return delta
  }

  /// The same differences in the chains and maps that judge replies.
  private func addReplies(
    to delta: inout TableDelta, _ verdicts: [TableDelta.MapChange], _ old: TableContents,
    _ new: TableContents
  ) {
    guard layout.hasReplyChains else { return }
    let replies = TableDelta(from: layout.replyObjects(old), to: layout.replyObjects(new))
    delta.changedMaps += verdicts.map { change in
      TableDelta.MapChange(
        map: layout.replyMap(change.map), count: change.count, added: change.added.map(layout.replyElement),
        removed: change.removed.map(layout.replyElement))
    }
    delta.changedMaps += replies.changedMaps
    delta.addedMaps += replies.addedMaps
    delta.removedMaps += replies.removedMaps
    delta.changedChains += replies.changedChains
    delta.addedChains += replies.addedChains
    delta.removedChains += replies.removedChains
  }

  private static func keys(_ net: [UInt128: Int], _ sign: Int) -> [ElementKey] {
    net.filter { $0.value.signum() == sign }.keys.sorted().map { ElementKey($0) }
  }

  private mutating func ownChange(_ family: IPFamily) -> TableDelta.SetChange? {
    Self.change(&own[family], \.key) { layout.ownAddressSet(family, $0) }
  }

  private mutating func knownChange(_ family: IPFamily) -> TableDelta.SetChange? {
    Self.change(&known[family], { ElementKey($0) }) { layout.knownPodSet(family, $0) }
  }

  /// The difference in a set that every table of the layout has.
  private static func change<Key>(
    _ journal: inout Journaled<Key, Bool>, _ element: (Key) -> ElementKey,
    _ set: ([ElementKey]) -> NamedSet
  ) -> TableDelta.SetChange? {
    let changes = journal.takeChanges()
    if changes.isEmpty { return nil }
    let count = journal.current.count
    let all = count <= TableDelta.fewElements ? journal.current.keys.map(element).sorted() : []
    return TableDelta.SetChange(
      set: set(all), count: count,
      added: changes.filter { $0.after != nil }.map { element($0.key) }.sorted(),
      removed: changes.filter { $0.after == nil }.map { element($0.key) }.sorted())
  }

  private mutating func verdictChange(_ direction: Direction, _ family: IPFamily) -> TableDelta.MapChange? {
    let changes = toChains[direction]?[family].takeChanges() ?? []
    if changes.isEmpty { return nil }
    let count = toChains[direction]?[family].current.count ?? 0
    let all = count <= TableDelta.fewElements ? verdicts(direction, family) : []
    func elements(_ chain: (String?, String?) -> String?) -> [VerdictElement] {
      changes.compactMap { key, before, after in
        chain(before, after).map { VerdictElement(ElementKey(key), .jump($0)) }
      }
      .sorted { $0.key < $1.key }
    }
    return TableDelta.MapChange(
      map: layout.verdictMap(direction, family, all), count: count,
      added: elements { $1 }, removed: elements { before, _ in before })
  }
}
