import Addresses
import Lowering
import PolicyModel
import Ruleset

extension IncrementalCompiler {
  /// Builds what is stale, and says what is different in the table.
  mutating func settle(fillsSmall: Bool = true) -> (delta: TableDelta, isFilled: Bool) {
    for number in peers.takeClassesWithOtherPorts() { classes.setStale(number) }
    let pending = peers.takePending()
    var dirty = copies(of: pending)
    var renewed: Set<ClassFamily> = []
    let touched = classes.takeTouched()
    for number in touched {
      let policyClass = classes.pool[number]
      for family in IPFamily.allCases {
        let isThere = policyClass.parts[family] != nil
        let isWanted = policyClass.members[family] > 0
        if isThere != isWanted || isWanted && policyClass.terms == nil {
          renewed.insert(ClassFamily(policyClass: number, family: family))
        }
      }
    }
    var released = Released()
    dirty.formUnion(renewed)
    dirty.formUnion(otherForms(pending, renewed: renewed, &released))
    // Only here are all classes known whose chains will be others.
    if !dirty.isEmpty { ownKinds.forgetReadings(ofClasses: Set(dirty.map(\.policyClass))) }
    for place in dirty { build(place, &released) }
    // Peers may be others in the next transaction.
    sharedLists = SharedLists()
    peers.askedAddresses = PerFamily([:])
    for number in touched where classes.pool[number].pods == 0 { drop(number, &released) }
    for parts in released.parts { state.release(parts.old, keeping: parts.new) }
    for change in state.takeSetNames() { peers.note(change) }
    let pods = pending.flatMap { query, family, net in
      peers.queries[query].setNames[family].map { name in
        (query: query, family: family, name: name, count: peers.queries[query].counts[family], net: net)
      }
    }
    for (number, use) in released.portUses { peers.release(portUse: use, of: number) }
    for query in released.queries { peers.release(query) }
    peers.removeEmptyGroups()
    let elements = peers
    return state.takeChanges(pods, fillsSmall: fillsSmall) { elements.addresses(ofQuery: $0, $1) }
  }

  /// The references to release once everything new holds its own.
  struct Released {
    var parts: [(old: ClassObjects, new: ClassObjects?)] = []
    var queries: [Int] = []
    var portUses: [(policyClass: Int, use: Int)] = []
  }

  /// The places that have copies of addresses that are others now.
  private func copies(of pending: [(query: Int, family: IPFamily, net: [UInt128: Int])]) -> Set<ClassFamily> {
    var places: Set<ClassFamily> = []
    for (number, family, net) in pending {
      let query = peers.queries[number]
      let before = query.counts[family] - net.values.reduce(0, +)
      // A query that was and is too large to be copied is looked up in its own set, but for classes that copy it all the same.
      let isLarge = min(before, query.counts[family]) > options.copyAtMost
      places.formUnion(
        query.copies.filter { place in
          place.family == family
            && (!isLarge || classes.pool[place.policyClass].parts[family]?.copiesLargePeers == true)
        })
    }
    return places
  }

  /// Builds the chains of a class in a family, or takes them away where it has no members.
  private mutating func build(_ place: ClassFamily, _ released: inout Released) {
    let (number, family) = (place.policyClass, place.family)
    let old = classes.pool[number].parts[family]
    var new: ClassObjects?
    var dense: Set<Int> = []
    if classes.pool[number].members[family] > 0 {
      let terms = terms(of: number, &released)
      let builder = built(number, family, terms)
      new = state.retain(builder, family, queryOfIdentity: peers.queryOfIdentity)
      new?.walkedTiers = walkedTiers(place)
      dense = builder.denseTiers
    }
    classes.pool[number].parts[family] = new
    for query in classes.pool[number].queries { peers.setCopy(false, of: query, by: place) }
    if !dense.isEmpty {
      let queries = classes.pool[number].queriesOfTerms
      for query in dense.flatMap({ queries[$0] }) {
        if let query { peers.setCopy(true, of: query, by: place) }
      }
    }
    if let old { released.parts.append((old, new)) }
  }

  private mutating func built(_ number: Int, _ family: IPFamily, _ terms: [[Term]]) -> ChainBuilder {
    let policyClass = classes.pool[number]
    let lists = sharedLists.numbers(of: policyClass.tiers, policyClass.key.direction)
    var clashes = NameClashes()
    while true {
      var builder = ChainBuilder(
        denseFrom: options.denseFrom, copyAtMost: options.copyAtMost, copyLimit: copyLimit,
        sharesWalks: true, memory: sharedLists.takeMemory(), sets: SetRegistry(taken: clashes.sets),
        decisions: clashes.chains)
      builder.add(
        policyClass.policyClass, named: policyClass.names[family], family, terms: terms,
        lists: lists, longTiers: Set(policyClass.orderedLists[family].map(\.tier)), tiers: policyClass.tiers,
        &peers)
      sharedLists.memory = builder.takeMemory()
      peers.steps += terms.reduce(0) { $0 + $1.count }
      let found = state.clashes(with: builder)
      if found.isEmpty { return builder }
      clashes.sets.merge(found.sets) { $1 }
      clashes.chains.merge(found.chains) { $1 }
    }
  }

  /// The terms of a class; what they ask for is kept from now on.
  mutating func terms(of number: Int, _ released: inout Released) -> [[Term]] {
    let policyClass = classes.pool[number]
    if let terms = policyClass.terms { return terms }
    let builder = TermBuilder(
      subjectPorts: policyClass.key.ports, countsRules: options.modes.counts == .rules)
    let terms = policyClass.tiers.map { tier in
      tier.entries.flatMap { builder.terms(of: $0, in: tier.kind, &peers) }
    }
    release(policyClass, number, &released)
    let portUses = peers.takeAskedPortUses(for: number)
    released.portUses.removeAll { $0.policyClass == number && portUses.contains($0.use) }
    classes.pool[number].portUses = portUses
    classes.pool[number].queries = []
    for term in terms.joined() {
      guard case .pods(let query) = term.peer else { continue }
      let retained = peers.retain(query)
      classes.pool[number].queries.append(retained)
    }
    classes.pool[number].terms = terms
    return terms
  }

  private mutating func release(_ policyClass: ClassState, _ number: Int, _ released: inout Released) {
    released.queries += policyClass.queries
    for query in policyClass.queries {
      for family in IPFamily.allCases {
        let place = ClassFamily(policyClass: number, family: family)
        peers.setCopy(false, of: query, by: place)
        peers.setOrdered(false, query, by: place)
      }
    }
    released.portUses += policyClass.portUses.map { (number, $0) }
  }

  /// Forgets a class that has no pods any more. Its chains are gone already.
  private mutating func drop(_ number: Int, _ released: inout Released) {
    release(classes.pool[number], number, &released)
    classes.remove(number)
  }
}
