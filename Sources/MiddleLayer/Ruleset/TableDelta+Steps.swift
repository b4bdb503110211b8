extension TableDelta {
  /// The difference as transactions that are made one after the other, so that no packet is judged by a part of the old
  /// table and a part of the new one that never belonged together.
  ///
  /// A transaction is atomic for observers, but not for a packet that is being judged while the kernel
  /// commits it: the packet keeps to the rules of the generation in which it began, yet each lookup in a set or map asks
  /// for the elements of the generation that holds at that moment (`nft_do_chain`, `nft_genmask_cur`). Two things
  /// follow. An element that leads to a chain of the same transaction leads such a packet into a chain without rules,
  /// which lets it pass; so chains come first, in a transaction that changes no verdict. And a map that is deleted has no
  /// elements any more for such a packet; so maps that rules used go last, once those packets are through.
  ///
  /// Mostly there is one step: elements of sets, rules of chains, and elements that lead to chains that are there need no
  /// other.
  ///
  /// - Returns: the steps in order, none of them empty; the difference itself where it needs replacement or is empty.
  public var steps: [TableDelta] {
    guard !needsReplacement, !isEmpty else { return [self] }
    var before = TableDelta(family, name)
    var after = before
    var change = self
    let first = chainsBehindElements
    if !first.isEmpty {
      before.addedSets = addedSets
      before.addedMaps = addedMaps
      before.addedChains = addedChains.filter { first.contains($0.name) }
      change.addedSets = []
      change.addedMaps = []
      change.addedChains = addedChains.filter { !first.contains($0.name) }
    }
    if !removedMaps.isEmpty {
      // The chains go with the maps: an element of a map may lead to one, and the kernel keeps what is in use.
      after.removedMaps = removedMaps
      after.removedChains = removedChains
      after.removedSets = removedSets
      change.removedMaps = []
      change.removedChains = []
      change.removedSets = []
    }
    return [before, change, after].filter { !$0.isEmpty }
  }

  /// The new chains to which elements lead that come into maps that are there, and all that these chains lead to.
  private var chainsBehindElements: Set<String> {
    let chains = Dictionary(addedChains.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    let maps = Dictionary(addedMaps.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    var found: Set<String> = []
    var waiting = changedMaps.flatMap { $0.added.compactMap(\.verdict.target) }
    // A new map is made with the chains, so the chains of its elements must be there too.
    if waiting.contains(where: { chains[$0] != nil }) {
      waiting += maps.values.flatMap { $0.elements.compactMap(\.verdict.target) }
    }
    while let name = waiting.popLast() {
      guard let chain = chains[name], found.insert(name).inserted else { continue }
      waiting += chain.rules.flatMap { $0.statements.flatMap(\.targets) }
    }
    return found
  }
}

extension Statement {
  /// The chains that the statement itself names.
  fileprivate var targets: [String] {
    switch self {
    case .verdict(let verdict): verdict.target.map { [$0] } ?? []
    case .verdictMap(_, .anonymous(let elements)): elements.compactMap(\.verdict.target)
    default: []
    }
  }
}
