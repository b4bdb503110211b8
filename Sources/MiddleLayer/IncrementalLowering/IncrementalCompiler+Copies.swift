import Addresses
import Lowering
import PolicyModel

/// The choice between lookups and walks of ordered rules, kept while pods change: each long list has a size, and the sizes of all lists
/// decide which of them become lookups (see `CopyBudget`).
extension IncrementalCompiler {
  /// Measures what changed, and finds the classes whose chains have another form now.
  ///
  /// - Parameters:
  ///   - pending: the addresses that were added to queries and removed from them.
  ///   - renewed: the classes that come or go, or have other rules.
  ///   - released: what the former rules of these had.
  /// - Returns: the classes of which a list was looked up and is to be walked, or the other way.
  /// - Complexity: O(n) in the terms of the lists that ask for queries with another number of addresses; in all lists where
  ///   another size is the limit now.
  mutating func otherForms(
    _ pending: [(query: Int, family: IPFamily, net: [UInt128: Int])], renewed: Set<ClassFamily>,
    _ released: inout Released
  ) -> Set<ClassFamily> {
    for place in renewed { measure(place, &released) }
    var places: Set<ClassFamily> = []
    for (query, family, net) in pending where net.values.reduce(0, +) != 0 {
      for place in peers.queries[query].orderedLists where place.family == family { places.insert(place) }
    }
    for place in places.subtracting(renewed) { measureAgain(place) }
    let limit = copyBudget.limit
    if limit != copyLimit {
      copyLimit = limit
      for number in classes.numbers.values {
        for family in IPFamily.allCases { places.insert(ClassFamily(policyClass: number, family: family)) }
      }
    }
    return places.filter { place in
      guard let parts = classes.pool[place.policyClass].parts[place.family] else { return false }
      return parts.walkedTiers != walkedTiers(place)
    }
  }

  /// The places of the tiers of a class that are walked for their sizes.
  func walkedTiers(_ place: ClassFamily) -> Set<Int> {
    Set(
      classes.pool[place.policyClass].orderedLists[place.family].lazy.filter {
        !copyLimit.allows($0.copies)
      }.map(\.tier))
  }

  /// Works out the long lists of a class, or forgets those of one that goes.
  private mutating func measure(_ place: ClassFamily, _ released: inout Released) {
    let (number, family) = (place.policyClass, place.family)
    for list in classes.pool[number].orderedLists[family] {
      copyBudget.count(list.copies, -1)
      for query in list.queries.compactMap(\.self) { peers.setOrdered(false, query, by: place) }
    }
    classes.pool[number].orderedLists[family] = []
    guard classes.pool[number].members[family] > 0 else { return }
    let terms = terms(of: number, &released)
    let policyClass = classes.pool[number]
    guard policyClass.tiers.contains(where: \.kind.isOfCluster) else { return }
    let lists = sharedLists.numbers(of: policyClass.tiers, policyClass.key.direction)
    var builder = ChainBuilder(
      denseFrom: options.denseFrom, copyAtMost: options.copyAtMost, sharesWalks: true,
      memory: sharedLists.takeMemory())
    let copies = builder.copies(
      of: policyClass.policyClass, family, terms: terms, lists: lists, tiers: policyClass.tiers, &peers)
    sharedLists.memory = builder.takeMemory()
    if copies.isEmpty { return }
    let queries = policyClass.queriesOfTerms
    for copies in copies {
      let list = OrderedList(
        tier: copies.tier, queries: queries[copies.tier],
        areOrdered: ChainBuilder.areOrdered(terms[copies.tier]), copies: copies.count)
      copyBudget.count(list.copies)
      for query in list.queries.compactMap(\.self) { peers.setOrdered(true, query, by: place) }
      classes.pool[number].orderedLists[family].append(list)
    }
  }

  /// Works out the sizes of a class's lists once their peers have other numbers of addresses.
  private mutating func measureAgain(_ place: ClassFamily) {
    let lists = classes.pool[place.policyClass].orderedLists[place.family]
    for (position, list) in lists.enumerated() {
      peers.steps += list.queries.count
      let counts = list.queries.map { $0.map { peers.queries[$0].counts[place.family] } ?? 0 }
      let copies = ChainBuilder.copies(counts, areOrdered: list.areOrdered, copyAtMost: options.copyAtMost)
      copyBudget.count(list.copies, -1)
      copyBudget.count(copies)
      classes.pool[place.policyClass].orderedLists[place.family][position].copies = copies
    }
  }
}
