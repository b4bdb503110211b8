import Addresses
public import Diagnostics
public import PolicyModel
public import Ruleset
import TableLayout

/// A compiled cluster that stays: events about pods, namespaces and policies go in, the difference they make to the
/// table comes out.
///
/// At any time `table` is, value for value, what `Lowerer` makes of `Cluster.resolve(contents)`. What an event costs
/// depends on what it concerns: a pod that no policy isolates and no rule asks for costs as much among a hundred
/// thousand as among a thousand.
///
/// ```swift
/// var session = try IncrementalCompiler(contents, LoweringOptions(node: "node-a"))
/// let change = try session.apply([.pod(pod)])
/// let script = NFTPrinter.transaction(change.delta)   // a few elements
/// ```
///
/// Of two different sets or chains whose names' digests begin alike, the one that came later has the longer name; a
/// compile from the beginning may give it to the other one.
public struct IncrementalCompiler: Sendable {
  /// The changes that some events make.
  public struct Change: Sendable {
    /// The difference in the table, as `TableDelta(from:to:)` gives it. Elements of large sets are left out
    /// where only a few of them were added or removed.
    public let delta: TableDelta
    /// The warnings about the events; there are no errors among them.
    public let warnings: [Diagnostic]
  }

  /// The options that the ruleset is compiled with.
  public let options: LoweringOptions
  private var cluster = LiveCluster()
  private var selections = Selections()
  private var classes = LiveClasses()
  private var live: LiveTable
  /// The table of a cluster that has policies of the cluster's own: it is compiled as a whole at each event.
  private var whole: Table?

  /// A session of a cluster.
  ///
  /// - Parameters:
  ///   - contents: what the manifests said, in any order; may be nothing.
  ///   - options: what the ruleset is made for.
  /// - Throws: what in the contents contradicts itself.
  /// - Complexity: O(n log n) in the number of objects.
  public init(
    _ contents: ManifestContents = ManifestContents(), _ options: LoweringOptions = LoweringOptions()
  ) throws(LiveCluster.Contradiction) {
    self.options = options
    live = LiveTable(TableLayout(options.modes))
    try Self.refuseRepetitions(contents)
    _ = try apply(contents.events)
  }

  /// Events cannot tell an object that is written twice from one that changed.
  private static func refuseRepetitions(_ contents: ManifestContents) throws(LiveCluster.Contradiction) {
    guard contents.hasRepeatedNames else { return }
    let errors = Cluster.resolve(contents).diagnostics.filter { $0.severity == .error }
    if !errors.isEmpty { throw LiveCluster.Contradiction(errors) }
  }

  /// The objects, sorted: what a compile from the beginning would read. O(n log n).
  public var contents: ManifestContents { cluster.contents }

  /// The cluster of these objects, as `Cluster.resolve` makes it, without omissions. O(n log n).
  public var resolvedCluster: Cluster { cluster.cluster }

  /// The whole table. O(n log n) in its elements.
  public var table: Table {
    whole ?? live.table { selections.addresses(ofQuery: $0, $1) }
  }

  /// A description of each class chain, by the chain's name.
  public var classWords: [String: String] {
    var words: [String: String] = [:]
    for number in classes.numbers.values {
      let policyClass = classes.pool[number]
      let policies = policyClass.key.policies.map(\.description).joined(separator: ", ")
      for family in IPFamily.allCases where policyClass.parts[family] != nil {
        words[policyClass.names[family]] =
          "\(policyClass.key.direction.rawValue.lowercased()) of \(policies)"
      }
    }
    return words
  }

  /// The number of groups, selectors, endpoints, addresses and rules that events made the compiler examine so
  /// far. For tests of the cost of an event.
  package var steps: Int { selections.steps }

  /// Takes events together: all of them, or none where the cluster would contradict itself afterwards. In between it
  /// may, and of events about one object the last one counts.
  ///
  /// - Returns: the difference that they make in all.
  /// - Throws: why nothing was taken; the session is as before.
  public mutating func apply(_ events: [ClusterEvent]) throws(LiveCluster.Contradiction) -> Change {
    // Before the events, where they may end what the parts alone make up.
    let before = whole ?? (events.contains(where: \.isOfClusterPolicy) ? table : nil)
    let change = try cluster.apply(events)
    let endpoints = change.endpoints.filter(isDifferent)
    for endpoint in endpoints where endpoint.before != nil {
      leaveClasses(endpoint.id)
      selections.leave(endpoint.id)
      for address in endpoint.before?.addresses ?? [] { live.setKnown(address, nil) }
    }
    for namespace in change.namespaces { relabel(namespace) }
    for policy in change.policies { replace(policy) }
    for endpoint in endpoints {
      guard let pod = endpoint.after else { continue }
      for address in pod.addresses { live.setKnown(address, true) }
      let newGroup = selections.enter(
        endpoint.id, pod, isSubject: isSubject(pod),
        namespaceLabels: cluster.labels(ofNamespace: pod.namespace))
      if let newGroup { findPolicies(ofGroup: newGroup) }
      enterClasses(endpoint.id)
    }
    let delta = settle()
    whole = cluster.hasClusterPolicies ? compiled() : nil
    return Change(
      delta: before.map { TableDelta(from: $0, to: table) } ?? delta, warnings: change.warnings)
  }

  /// The table, compiled from the beginning: what the Admin and the Baseline tier add to it besides classes is not kept in
  /// parts. O(n log n) in the cluster.
  private func compiled() -> Table {
    var lowerer = Lowerer(cluster.cluster)
    return lowerer.lower(options).table
  }

  /// Takes a full listing of all objects: what it lacks is gone. Objects that are the same cost a comparison.
  ///
  /// - Parameter listing: all objects, in any order.
  /// - Returns: the difference that the listing makes in all.
  /// - Throws: what in the listing contradicts itself; the state is as before.
  /// - Complexity: O(n log n) in the objects of the listing and of the state, besides the cost of what changed.
  public mutating func replaceAll(_ listing: ManifestContents) throws(LiveCluster.Contradiction) -> Change {
    try Self.refuseRepetitions(listing)
    return try apply(cluster.events(toBecome: listing))
  }

  private func isSubject(_ pod: Pod) -> Bool { options.node == nil || pod.node == options.node }

  /// True where anything is different that policies can see.
  private func isDifferent(_ endpoint: LiveCluster.Change.Endpoint) -> Bool {
    guard let before = endpoint.before, let after = endpoint.after else { return true }
    return before.namespace != after.namespace || before.labels != after.labels
      || before.addresses != after.addresses || before.namedPorts != after.namedPorts
      || isSubject(before) != isSubject(after)
  }
}

// MARK: Members of classes

extension IncrementalCompiler {
  private mutating func enterClasses(_ id: Int) {
    guard let endpoint = selections.endpoints[id], endpoint.isSubject else { return }
    let policies = selections.groups[endpoint.group].policies
    if policies.isEmpty { return }
    for direction in Direction.allCases {
      let tiers = classes.tiers(of: policies, direction)
      if tiers.isEmpty { continue }
      let entries = tiers.lazy.flatMap(\.entries)
      selections.steps += policies.count
      let ports = direction == .ingress ? endpoint.pod.ports(namedBy: entries) : []
      // By name: another priority of a policy makes no other class, whose chains could not have the same names.
      let key = LiveClass.Key(direction: direction, policies: entries.map(\.policy).sorted(), ports: ports)
      let number = classes.number(key, tiers)
      classes.count(endpoint.pod, in: number, 1)
      selections.setClass(number, of: id, direction)
      for address in endpoint.pod.addresses {
        live.send(address, direction, to: classes.pool[number].names[address.family])
      }
    }
    setOwn(endpoint.pod, true)
  }

  private mutating func leaveClasses(_ id: Int) {
    guard let endpoint = selections.endpoints[id], !endpoint.classes.isEmpty else { return }
    for (direction, number) in endpoint.classes {
      classes.count(endpoint.pod, in: number, -1)
      selections.setClass(nil, of: id, direction)
      for address in endpoint.pod.addresses { live.send(address, direction, to: nil) }
    }
    setOwn(endpoint.pod, nil)
  }

  /// An isolated pod reaches itself.
  private mutating func setOwn(_ pod: Pod, _ value: Bool?) {
    for source in pod.addresses {
      for destination in pod.addresses where destination.family == source.family {
        live.own[source.family][OwnPair(source: source.bits, destination: destination.bits)] = value
      }
    }
  }

  private mutating func findPolicies(ofGroup group: Int) {
    let labels = selections.labels(ofNamespace: selections.groups[group].namespace)
    let policies = classes.policies(selecting: selections.groups[group], labels, &selections.steps)
    selections.setPolicies(policies, ofGroup: group)
  }

  /// Gives a namespace other labels, and its pods the policies that select it now.
  private mutating func relabel(_ change: LiveCluster.Change.NamespaceLabels) {
    let groups = classes.asksForNamespaces ? selections.groups(ofNamespace: change.name) : []
    let subjects = groups.map { selections.groups[$0].subjects }
    for id in subjects.joined() { leaveClasses(id) }
    selections.relabel(change.name, change.after)
    for group in groups { findPolicies(ofGroup: group) }
    for id in subjects.joined() { enterClasses(id) }
  }

  private mutating func replace(_ change: LiveCluster.Change.PolicyChange) {
    let subjects = [change.before, change.after].compactMap { $0?.subjects }
    let candidates =
      subjects.allSatisfy { $0.namespaces == .own }
      ? selections.groups(ofNamespace: change.id.namespace ?? "") : selections.allGroups
    let concerned = candidates.filter { group in
      subjects.contains { selections.contains($0, of: change.id, group: group) }
    }
    selections.steps += concerned.count
    let members = concerned.map { selections.groups[$0].subjects }
    for id in members.joined() { leaveClasses(id) }
    classes.replace(change)
    for group in concerned { findPolicies(ofGroup: group) }
    for id in members.joined() { enterClasses(id) }
    classes.refresh(change.id)
  }
}

// MARK: Rules

extension IncrementalCompiler {
  /// Builds what is stale, and says what is different in the table.
  private mutating func settle() -> TableDelta {
    for number in selections.takeClassesWithOtherPorts() { classes.setStale(number) }
    let pending = selections.takePending()
    var dirty = copies(of: pending)
    let touched = classes.takeTouched()
    for number in touched {
      let policyClass = classes.pool[number]
      for family in IPFamily.allCases {
        let isThere = policyClass.parts[family] != nil
        let isWanted = policyClass.members[family] > 0
        if isThere != isWanted || isWanted && policyClass.terms == nil {
          dirty.insert(ClassFamily(policyClass: number, family: family))
        }
      }
    }
    var released = Released()
    for place in dirty { build(place, &released) }
    for number in touched where classes.pool[number].pods == 0 { drop(number, &released) }
    for parts in released.parts { live.release(parts.old, keeping: parts.new) }
    for change in live.takeSetNames() { selections.note(change) }
    let pods = pending.flatMap { query, family, net in
      selections.queries[query].setNames[family].map { name in
        (query: query, family: family, name: name, count: selections.queries[query].counts[family], net: net)
      }
    }
    for (number, use) in released.portUses { selections.release(portUse: use, of: number) }
    for query in released.queries { selections.release(query) }
    selections.removeEmptyGroups()
    let elements = selections
    return live.takeChanges(pods) { elements.addresses(ofQuery: $0, $1) }
  }

  /// The references to release once everything new holds its own.
  private struct Released {
    var parts: [(old: LiveParts, new: LiveParts?)] = []
    var queries: [Int] = []
    var portUses: [(policyClass: Int, use: Int)] = []
  }

  /// The places that have copies of addresses that are others now.
  private func copies(of pending: [(query: Int, family: IPFamily, net: [UInt128: Int])]) -> Set<ClassFamily> {
    var places: Set<ClassFamily> = []
    for (number, family, net) in pending {
      let query = selections.queries[number]
      let before = query.counts[family] - net.values.reduce(0, +)
      // What is too large to be copied, and was, is looked up in its own set.
      if min(before, query.counts[family]) > options.copyAtMost { continue }
      places.formUnion(query.copies.filter { $0.family == family })
    }
    return places
  }

  /// Builds the chains of a class in a family, or takes them away where it has no members.
  private mutating func build(_ place: ClassFamily, _ released: inout Released) {
    let (number, family) = (place.policyClass, place.family)
    let old = classes.pool[number].parts[family]
    var new: LiveParts?
    if classes.pool[number].members[family] > 0 {
      let terms = terms(of: number, &released)
      new = live.retain(
        built(number, family, terms), family, queryOfIdentity: selections.queryOfIdentity)
    }
    classes.pool[number].parts[family] = new
    for query in classes.pool[number].queries {
      selections.setCopy(new?.isDense == true, of: query, by: place)
    }
    if let old { released.parts.append((old, new)) }
  }

  private mutating func built(_ number: Int, _ family: IPFamily, _ terms: [[Term]]) -> ChainBuilder {
    let policyClass = classes.pool[number]
    var clashes = NameClashes()
    while true {
      var builder = ChainBuilder(
        denseFrom: options.denseFrom, copyAtMost: options.copyAtMost,
        sets: SetRegistry(taken: clashes.sets), decisions: clashes.chains)
      builder.add(
        policyClass.policyClass, named: policyClass.names[family], family, terms: terms,
        tiers: policyClass.tiers, &selections)
      selections.steps += terms.reduce(0) { $0 + $1.count }
      let found = live.clashes(with: builder)
      if found.isEmpty { return builder }
      clashes.sets.merge(found.sets) { $1 }
      clashes.chains.merge(found.chains) { $1 }
    }
  }

  /// The terms of a class; what they ask for is kept from now on.
  private mutating func terms(of number: Int, _ released: inout Released) -> [[Term]] {
    let policyClass = classes.pool[number]
    if let terms = policyClass.terms { return terms }
    let builder = TermBuilder(subjectPorts: policyClass.key.ports)
    let terms = policyClass.tiers.map { tier in
      tier.entries.flatMap { builder.terms(of: $0, &selections) }
    }
    release(policyClass, number, &released)
    let portUses = selections.takeAskedPortUses(for: number)
    released.portUses.removeAll { $0.policyClass == number && portUses.contains($0.use) }
    classes.pool[number].portUses = portUses
    classes.pool[number].queries = []
    for term in terms.joined() {
      guard case .pods(let query) = term.peer else { continue }
      let retained = selections.retain(query)
      classes.pool[number].queries.append(retained)
    }
    classes.pool[number].terms = terms
    return terms
  }

  private mutating func release(_ policyClass: LiveClass, _ number: Int, _ released: inout Released) {
    released.queries += policyClass.queries
    for query in policyClass.queries {
      for family in IPFamily.allCases {
        selections.setCopy(false, of: query, by: ClassFamily(policyClass: number, family: family))
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
