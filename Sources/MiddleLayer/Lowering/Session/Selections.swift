import Addresses
import PolicyModel
import Ruleset

/// Endpoints, their groups, and what rules ask about them: everything that is known of peers, kept while they change.
struct Selections: Sendable {
  private(set) var endpoints: [Int: LiveEndpoint] = [:]
  private(set) var groups = Pool<LiveGroup>()
  private(set) var queries = Pool<LiveQuery>()
  private var selections = Pool<LiveSelection>()
  private var portUses = Pool<LivePortUse>()

  private var numbersOfGroups: [GroupKey: Int] = [:]
  private var numbersOfSelections: [LiveSelection.Key: Int] = [:]
  private var numbersOfQueries: [PodQuery: Int] = [:]
  private var numbersOfPortUses: [LivePortUse.Key: Int] = [:]
  /// Namespaces that have groups.
  private(set) var namespaces: [String: LiveNamespace] = [:]
  private var ofOneNamespace: [String: SelectorIndex<Int>] = [:]
  private var ofNamespacesWith: [LabelSelector: SelectorIndex<Int>] = [:]
  /// The selectors of namespaces in use, by themselves.
  private var namespaceSelectors = SelectorIndex<LabelSelector>()
  private var maybeEmpty: Set<Int> = []

  /// Queries whose addresses are others than at the last transaction.
  private(set) var touchedQueries: Set<Int> = []
  /// Names of ports whose numbers may be others.
  private var touchedPortUses: Set<Int> = []
  /// The port uses that terms asked for since they were taken.
  private var askedPortUses: Set<Int> = []
  /// The query of each set's identity.
  private(set) var queryOfIdentity: [String: Int] = [:]
  /// The number of objects examined so far: for tests of the cost of events.
  var steps = 0

  private struct GroupKey: Hashable {
    let namespace: String
    let labels: Labels
  }

  struct LiveNamespace {
    var labels: Labels
    var groups: Set<Int> = []
    /// The selectors of namespaces, among those in use, that match it.
    var selectors: Set<LabelSelector> = []
  }
}

// MARK: Endpoints

extension Selections {
  /// Takes an endpoint in.
  ///
  /// - Parameters:
  ///   - id: its number.
  ///   - pod: the pod.
  ///   - isSubject: whether the ruleset isolates it where policies say so.
  ///   - labels: of its namespace.
  /// - Returns: its group, where that is new: nothing is known yet of the policies that select it.
  mutating func enter(
    _ id: Int, _ pod: Pod, isSubject: Bool, namespaceLabels labels: @autoclosure () -> Labels
  ) -> Int? {
    let key = GroupKey(namespace: pod.namespace, labels: pod.labels)
    steps += 1 + pod.labels.pairs.count
    let known = numbersOfGroups[key]
    let group = known ?? addGroup(key, labels())
    groups[group].members.insert(id)
    if isSubject { groups[group].subjects.insert(id) }
    endpoints[id] = LiveEndpoint(pod: pod, group: group, isSubject: isSubject)
    for selection in groups[group].selections { contribute(pod, to: selection, 1) }
    return known == nil ? group : nil
  }

  /// Lets an endpoint go.
  mutating func leave(_ id: Int) {
    guard let endpoint = endpoints.removeValue(forKey: id) else { return }
    steps += 1
    groups[endpoint.group].members.remove(id)
    groups[endpoint.group].subjects.remove(id)
    for selection in groups[endpoint.group].selections { contribute(endpoint.pod, to: selection, -1) }
    if groups[endpoint.group].members.isEmpty { maybeEmpty.insert(endpoint.group) }
  }

  /// Notes the class of an endpoint in a direction.
  mutating func setClass(_ policyClass: Int?, of id: Int, _ direction: Direction) {
    endpoints[id]?.classes[direction] = policyClass
  }

  /// Notes the policies that select a group.
  mutating func setPolicies(_ policies: [PolicyID], ofGroup group: Int) {
    groups[group].policies = policies
  }

  /// The groups of a namespace, in no order.
  func groups(ofNamespace name: String) -> Set<Int> { namespaces[name]?.groups ?? [] }

  private mutating func contribute(_ pod: Pod, to selection: Int, _ sign: Int) {
    for query in selections[selection].queries {
      steps += 1
      for address in queries[query].addresses(of: pod) {
        steps += 1
        queries[query].counts[address.family] += sign
        let net = (queries[query].pending[address.family][address.bits] ?? 0) + sign
        queries[query].pending[address.family][address.bits] = net == 0 ? nil : net
        touchedQueries.insert(query)
      }
    }
    for use in selections[selection].portUses {
      steps += 1
      let key = portUses[use].key
      guard let number = pod.number(ofPort: key.name, key.transport) else { continue }
      if portUses[use].former == nil { portUses[use].former = Set(portUses[use].counts.keys) }
      let count = (portUses[use].counts[number] ?? 0) + sign
      portUses[use].counts[number] = count == 0 ? nil : count
      touchedPortUses.insert(use)
    }
  }

  // MARK: Groups and namespaces

  private mutating func addGroup(_ key: GroupKey, _ labels: Labels) -> Int {
    if namespaces[key.namespace] == nil {
      namespaces[key.namespace] = LiveNamespace(
        labels: labels, selectors: selectors(ofNamespaceWith: labels))
    }
    var group = LiveGroup(namespace: key.namespace, labels: key.labels)
    group.selections = selections(matching: group)
    let number = groups.insert(group)
    numbersOfGroups[key] = number
    namespaces[key.namespace]?.groups.insert(number)
    for selection in group.selections { selections[selection].groups.insert(number) }
    return number
  }

  private mutating func selectors(ofNamespaceWith labels: Labels) -> Set<LabelSelector> {
    Set(namespaceSelectors.matching(labels, &steps))
  }

  private mutating func selections(matching group: LiveGroup) -> [Int] {
    var found = ofOneNamespace[group.namespace]?.matching(group.labels, &steps) ?? []
    for selector in namespaces[group.namespace]?.selectors ?? [] {
      found += ofNamespacesWith[selector]?.matching(group.labels, &steps) ?? []
    }
    return found
  }

  /// Gives a namespace other labels.
  mutating func relabel(_ name: String, _ labels: Labels) {
    guard namespaces[name] != nil else { return }
    let selectors = selectors(ofNamespaceWith: labels)
    namespaces[name]?.labels = labels
    namespaces[name]?.selectors = selectors
    for group in groups(ofNamespace: name) {
      let before = Set(groups[group].selections)
      let after = Set(selections(matching: groups[group]))
      groups[group].selections = Array(after)
      for selection in before.symmetricDifference(after) {
        let isNew = after.contains(selection)
        if isNew {
          selections[selection].groups.insert(group)
        } else {
          selections[selection].groups.remove(group)
        }
        for member in groups[group].members {
          guard let pod = endpoints[member]?.pod else { continue }
          contribute(pod, to: selection, isNew ? 1 : -1)
        }
      }
    }
  }

  /// Forgets groups that nobody came back to.
  mutating func removeEmptyGroups() {
    for group in maybeEmpty where groups[group].members.isEmpty {
      let gone = groups[group]
      for selection in gone.selections { selections[selection].groups.remove(group) }
      namespaces[gone.namespace]?.groups.remove(group)
      if namespaces[gone.namespace]?.groups.isEmpty == true { namespaces[gone.namespace] = nil }
      numbersOfGroups[GroupKey(namespace: gone.namespace, labels: gone.labels)] = nil
      groups.remove(group)
    }
    maybeEmpty.removeAll()
  }
}

// MARK: What is asked

extension Selections {
  private mutating func selection(_ query: PodQuery) -> Int {
    let key = LiveSelection.Key(scope: query.scope, selector: query.selector)
    if let known = numbersOfSelections[key] { return known }
    let number = selections.insert(LiveSelection(key: key))
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
        guard key.selector.matches(groups[group].labels) else { continue }
        selections[number].groups.insert(group)
        groups[group].selections.append(number)
      }
    }
    return number
  }

  private func pods(of selection: Int) -> some Sequence<Pod> {
    selections[selection].groups.lazy.flatMap { groups[$0].members }.compactMap { endpoints[$0]?.pod }
  }

  /// Keeps a query while a class has it in its terms.
  mutating func retain(_ query: PodQuery) -> Int {
    if let known = numbersOfQueries[query] {
      queries[known].users += 1
      return known
    }
    let selection = selection(query)
    var made = LiveQuery(query: query, selection: selection, blocks: query.blocks)
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

  /// Lets a class's use of a query go.
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

  /// Lets a class's use of a port's name go.
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

  /// Notes that the table has a set of a query, or has it no more.
  mutating func note(_ change: LiveTable.SetName) {
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

extension Selections: PeerBook {
  func addresses(ofQuery number: Int, _ family: IPFamily) -> [UInt128] {
    let query = queries[number]
    var found: [UInt128] = []
    found.reserveCapacity(query.counts[family])
    for pod in pods(of: query.selection) {
      for address in query.addresses(of: pod) where address.family == family { found.append(address.bits) }
    }
    return found.sorted()
  }

  mutating func addresses(_ query: PodQuery, _ family: IPFamily) -> [UInt128] {
    guard let number = numbersOfQueries[query] else { return [] }
    steps += queries[number].counts[family]
    return addresses(ofQuery: number, family)
  }

  mutating func count(_ query: PodQuery, _ family: IPFamily) -> Int {
    numbersOfQueries[query].map { queries[$0].counts[family] } ?? 0
  }

  /// None: the sets' elements are worked out when the table is written.
  mutating func elements(_ query: PodQuery, _ family: IPFamily) -> [ElementKey] { [] }

  mutating func description(_ query: PodQuery, _ family: IPFamily) -> SetRegistry.Description {
    query.description(family)
  }

  mutating func numbers(ofPort name: String, _ transport: TransportProtocol, among query: PodQuery)
    -> [UInt16]
  {
    let selection = selection(query)
    let key = LivePortUse.Key(selection: selection, name: name, transport: transport)
    if let known = numbersOfPortUses[key] {
      askedPortUses.insert(known)
      return portUses[known].counts.keys.sorted()
    }
    var made = LivePortUse(key: key)
    for pod in pods(of: selection) {
      steps += 1
      if let number = pod.number(ofPort: name, transport) { made.counts[number, default: 0] += 1 }
    }
    let number = portUses.insert(made)
    numbersOfPortUses[key] = number
    selections[selection].portUses.insert(number)
    askedPortUses.insert(number)
    return made.counts.keys.sorted()
  }
}
