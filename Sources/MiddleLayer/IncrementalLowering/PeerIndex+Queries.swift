import Addresses
import Lowering
import PolicyModel

extension PeerIndex {
  mutating func selection(_ query: PodQuery) -> Int {
    let key = SelectionState.Key(scope: query.scope, selector: query.selector)
    if let known = numbersOfSelections[key] { return known }
    let number = selections.insert(SelectionState(key: key))
    numbersOfSelections[key] = number
    var names: [String] = []
    switch key.scope {
    case .namespace(let name):
      ofOneNamespace[name, default: SelectorIndex()].insert(key.selector, number)
      names = [name]
    case .matching(let wanted):
      let isNew = ofNamespacesWith[wanted] == nil
      if isNew { namespaceSelectors.insert(wanted, wanted) }
      ofNamespacesWith[wanted, default: SelectorIndex()].insert(key.selector, number)
      steps += namespaces.count
      for (name, namespace) in namespaces where wanted.matches(namespace.labels) {
        if isNew { namespaces[name]?.selectors.insert(wanted) }
        names.append(name)
      }
    }
    for name in names {
      for group in groups(ofNamespace: name) {
        steps += 1
        guard !selections[number].groups.contains(group),
          groups[group].claimants.isEmpty
            ? key.selector.matches(groups[group].labels) : matches(key, groups[group])
        else { continue }
        selections[number].groups.insert(group)
        groups[group].selections.append(number)
      }
    }
    return number
  }

  func pods(of selection: Int) -> some Sequence<Pod> {
    selections[selection].groups.lazy.flatMap { groups[$0].members }.compactMap { endpoints[$0]?.pod }
  }

  /// Counts a class's use of a query, which is made for the first one.
  mutating func retain(_ query: PodQuery) -> Int {
    if let known = numbersOfQueries[query] {
      queries[known].users += 1
      return known
    }
    let selection = selection(query)
    var made = QueryState(query: query, selection: selection, blocks: query.blocks)
    made.users = 1
    for pod in pods(of: selection) {
      steps += 1
      for address in made.addresses(of: pod) { made.counts[address.family] += 1 }
    }
    let number = queries.insert(made)
    numbersOfQueries[query] = number
    queryOfIdentity[query.summary] = number
    selections[selection].queries.insert(number)
    return number
  }

  /// Ends a class's use of a query; the last one removes it.
  mutating func release(_ query: Int) {
    queries[query].users -= 1
    guard queries[query].users == 0 else { return }
    let gone = queries[query]
    numbersOfQueries[gone.query] = nil
    queryOfIdentity[gone.query.summary] = nil
    touchedQueries.remove(query)
    selections[gone.selection].queries.remove(query)
    queries.remove(query)
    removeIfUnused(gone.selection)
  }

  /// The port uses that were asked for since this was called last: `policyClass` uses them now.
  mutating func takeAskedPortUses(for policyClass: Int) -> Set<Int> {
    for use in askedPortUses { portUses[use].users.insert(policyClass) }
    defer { askedPortUses = [] }
    return askedPortUses
  }

  /// Ends a class's use of a port's name; the last one removes it.
  mutating func release(portUse use: Int, of policyClass: Int) {
    portUses[use].users.remove(policyClass)
    guard portUses[use].users.isEmpty else { return }
    let key = portUses[use].key
    numbersOfPortUses[key] = nil
    touchedPortUses.remove(use)
    selections[key.selection].portUses.remove(use)
    portUses.remove(use)
    removeIfUnused(key.selection)
  }

  private mutating func removeIfUnused(_ number: Int) {
    guard selections[number].queries.isEmpty, selections[number].portUses.isEmpty else { return }
    let gone = selections[number]
    for group in gone.groups { groups[group].selections.removeAll { $0 == number } }
    switch gone.key.scope {
    case .namespace(let name):
      ofOneNamespace[name]?.remove(gone.key.selector, number)
      if ofOneNamespace[name]?.isEmpty == true { ofOneNamespace[name] = nil }
    case .matching(let wanted):
      ofNamespacesWith[wanted]?.remove(gone.key.selector, number)
      if ofNamespacesWith[wanted]?.isEmpty == true {
        ofNamespacesWith[wanted] = nil
        namespaceSelectors.remove(wanted, wanted)
        for name in namespaces.keys { namespaces[name]?.selectors.remove(wanted) }
      }
    }
    numbersOfSelections[gone.key] = nil
    selections.remove(number)
  }

  /// The classes to which a port's name means other numbers than before.
  mutating func takeClassesWithOtherPorts() -> Set<Int> {
    var classes: Set<Int> = []
    for use in touchedPortUses {
      if portUses[use].former != Set(portUses[use].counts.keys) { classes.formUnion(portUses[use].users) }
      portUses[use].former = nil
    }
    touchedPortUses.removeAll()
    return classes
  }

  /// Notes, or forgets, that a class has a copy of a query's addresses.
  mutating func setCopy(_ isCopied: Bool, of query: Int, by place: ClassFamily) {
    if isCopied {
      queries[query].copies.insert(place)
    } else {
      queries[query].copies.remove(place)
    }
  }

  /// Notes, or forgets, that a long list of a class's ordered rules asks for a query.
  mutating func setOrdered(_ isOrdered: Bool, _ query: Int, by place: ClassFamily) {
    if isOrdered {
      queries[query].orderedLists.insert(place)
    } else {
      queries[query].orderedLists.remove(place)
    }
  }

  /// Notes that the table has a set of a query, or has it no more.
  mutating func note(_ change: TableState.SetName) {
    if change.isThere {
      queries[change.query].setNames[change.family].insert(change.name)
    } else {
      queries[change.query].setNames[change.family].remove(change.name)
    }
  }

  /// The addresses added to queries and removed from them since the last call.
  mutating func takePending() -> [(query: Int, family: IPFamily, net: [UInt128: Int])] {
    var pending: [(query: Int, family: IPFamily, net: [UInt128: Int])] = []
    for query in touchedQueries {
      for family in IPFamily.allCases where !queries[query].pending[family].isEmpty {
        pending.append((query, family, queries[query].pending[family]))
        queries[query].pending[family] = [:]
      }
    }
    touchedQueries.removeAll()
    return pending
  }
}
