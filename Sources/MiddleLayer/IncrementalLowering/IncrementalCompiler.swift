public import Addresses
public import Diagnostics
public import Lowering
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
/// let change = session.apply([.pod(pod)])
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
    /// True where small sets and maps of the difference have all of their elements.
    public let isFilled: Bool
    /// The warnings about the events; there are no errors among them.
    public let warnings: [Diagnostic]
    /// The reasons of the warnings that several pods have an equal claim to an address.
    public var sharedAddresses: [String] {
      warnings.filter { $0.id == "duplicate-address" }.map(\.message)
    }
    /// The addresses of pods that came, went, or are others now; each once.
    public var addresses: Set<IPAddress> {
      endpoints.reduce(into: []) { $0.formUnion(($1.before?.addresses ?? []) + ($1.after?.addresses ?? [])) }
    }
    /// The pods that came, went, or are others now.
    let endpoints: [LiveCluster.Change.Endpoint]
    /// True where nothing but pods and the labels of namespaces changed.
    let isOfPods: Bool
    /// The former labels of the namespaces that have others now and had pods before.
    let relabelled: [String: Labels]
    /// The NetworkPolicies that changed, where nothing else did; otherwise none.
    let policies: [LiveCluster.Change.PolicyChange]
  }

  /// The options that the ruleset is compiled with.
  public let options: LoweringOptions
  var cluster = LiveCluster()
  var peers = PeerIndex()
  var classes = ClassStates()
  var state: TableState
  /// The table of a cluster that is compiled as a whole at each event: with tiers of ClusterNetworkPolicy where addresses
  /// belong to several pods, for which rules that deny are closed.
  private var whole: Table?
  /// The sizes of all long lists of ordered rules, and the limit of those that are looked up.
  var copyBudget: CopyBudget
  var copyLimit = CopyLimit.none
  var sharedLists = SharedLists()
  /// The endpoints whose addresses several pods claim, by their numbers.
  private var shared: Set<Int> = []
  /// The work of slices on own pods and their policies, kept.
  var ownKinds = OwnKinds()
  var namings = PolicyNamings()
  /// The namespaces that selectors match.
  var matchingNamespaces: [LabelSelector: [String]] = [:]
  /// True where an address of a pod of the node is of several pods.
  var hasSharedOwnAddresses: Bool { shared.contains { peers.endpoints[$0]?.isSubject == true } }

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
    copyBudget = CopyBudget(always: options.orderedCopies)
    state = TableState(TableLayout(options.modes))
    var first = contents
    first.pods = []
    try Self.refuseRepetitions(first)
    begin(contents, besidesPods: first)
    // Pods are many: their number tells whether one is written twice.
    if cluster.podCount != contents.pods.count { try Self.refuseRepetitions(contents) }
  }

  /// Takes the first objects.
  private mutating func begin(_ contents: ManifestContents, besidesPods first: ManifestContents) {
    guard let node = options.node, contents.policies.allSatisfy({ $0.tier == .networkPolicy }) else {
      _ = apply(contents.events)
      return
    }
    // A hundred thousand events at once need as much memory as all that is kept of them. The node's own pods come last: until
    // then no rule asks for a pod.
    _ = apply(first.events)
    for isOwn in [false, true] {
      var rest = contents.pods.filter { $0.isOn(node) == isOwn }[...]
      while !rest.isEmpty {
        let part = isOwn ? rest : rest.prefix(2_048)
        rest = rest.dropFirst(part.count)
        _ = apply(part.map { .pod($0) })
      }
    }
  }

  /// Events cannot distinguish an object that is written twice from one that changed.
  private static func refuseRepetitions(_ contents: ManifestContents) throws(LiveCluster.Contradiction) {
    guard contents.hasRepeatedNames else { return }
    let errors = Cluster.resolve(contents).diagnostics.filter { $0.severity == .error }
    if !errors.isEmpty { throw LiveCluster.Contradiction(errors) }
  }

  /// The objects, sorted: what a compile from the beginning would read. O(n log n).
  public var contents: ManifestContents { cluster.contents }

  /// The addresses that a pod shows; none for one that is not there.
  public func addresses(ofPod name: String, in namespace: String) -> [IPAddress] {
    cluster.addresses(ofPod: name, in: namespace)
  }

  /// The cluster of these objects, as `Cluster.resolve` makes it, without omissions. O(n log n).
  public var resolvedCluster: Cluster { cluster.cluster }

  /// The whole table. O(n log n) in its elements.
  public var table: Table {
    whole ?? state.table { peers.addresses(ofQuery: $0, $1) }
  }

  /// The direction and the policies of each class chain, and of each rule's own chain, by the chain's name.
  public var classSubjects: [String: ClassSubject] {
    var subjects: [String: ClassSubject] = [:]
    for number in classes.numbers.values {
      let policyClass = classes.pool[number]
      for family in IPFamily.allCases {
        guard let parts = policyClass.parts[family] else { continue }
        for rule in parts.ruleChains { subjects[rule.chain] = rule.subject }
        subjects[policyClass.names[family]] = ClassSubject(
          policyClass.key.direction, policyClass.key.policies)
      }
    }
    return subjects
  }

  /// The number of groups, selectors, endpoints, addresses and rules that events made the compiler examine so
  /// far. For tests of the cost of an event.
  package var steps: Int { peers.steps }

  /// True where the table is compiled as a whole at each event.
  package var isCompiledWhole: Bool { whole != nil }

  /// Takes events together; of events about one object the last one counts.
  ///
  /// - Parameters:
  ///   - events: the events.
  ///   - fillsSmall: whether small sets and maps of the difference have all of their elements also where nothing but elements
  ///     differs. What does not need them is spared to sort them; `filled` finds them later.
  /// - Returns: the difference that they make in all.
  public mutating func apply(_ events: [ClusterEvent], fillsSmall: Bool = true) -> Change {
    let change = cluster.apply(events)
    forgetSlices(change)
    // Where these tiers come or go, every table's own chains are others.
    let hasTiers = classes.hasClusterTiers(after: change.policies)
    for endpoint in change.endpoints {
      if endpoint.after?.claimants.isEmpty == false {
        shared.insert(endpoint.id)
      } else {
        shared.remove(endpoint.id)
      }
    }
    let isShared = hasTiers && !shared.isEmpty
    let before = whole ?? (hasTiers != state.hasClusterTiers || isShared ? table : nil)
    state.hasClusterTiers = hasTiers
    let node = options.node
    let endpoints = change.endpoints.filter { Self.isDifferent($0, node) }
    for endpoint in endpoints where endpoint.before != nil {
      leaveClasses(endpoint.id)
      peers.leave(endpoint.id)
      for address in endpoint.before?.addresses ?? [] {
        state.setKnown(address, nil)
        state.setLocal(address, nil)
      }
    }
    var relabelled: [String: Labels] = [:]
    for namespace in change.namespaces {
      if let former = peers.namespaces[namespace.name] { relabelled[namespace.name] = former.labels }
      relabel(namespace)
    }
    for policy in change.policies { replace(policy) }
    // Once: each mention of the method copies the cluster.
    let namespaceLabels = cluster.labels(ofNamespace:)
    for endpoint in endpoints {
      guard let pod = endpoint.after else { continue }
      for address in pod.addresses {
        state.setKnown(address, true)
        if isSubject(pod) { state.setLocal(address, true) }
      }
      peers.enter(
        endpoint.id, pod, isSubject: isSubject(pod), namespaceLabels: namespaceLabels)
      enterClasses(endpoint.id)
    }
    var (delta, isFilled) = settle(fillsSmall: fillsSmall)
    ownKinds.settle(peers)
    whole = isShared ? compiled() : nil
    if let before { (delta, isFilled) = (TableDelta(from: before, to: table), true) }
    return Change(
      delta: delta, isFilled: isFilled, warnings: change.warnings, endpoints: change.endpoints,
      isOfPods: change.policies.isEmpty, relabelled: relabelled,
      policies: change.namespaces.isEmpty && change.endpoints.isEmpty ? change.policies : [])
  }

  /// The table, compiled from the beginning. O(n log n) in the cluster.
  private func compiled() -> Table {
    var lowerer = Lowerer(cluster.cluster)
    return lowerer.lower(options).table
  }

  /// The difference that was taken last, with all elements of its small sets and maps. O(n log n) in the table.
  public func filled(_ delta: TableDelta) -> TableDelta {
    let table = table
    var delta = delta
    for place in delta.changedSets.indices where delta.changedSets[place].count <= TableDelta.fewElements {
      let name = delta.changedSets[place].set.name
      if let set = table.sets.first(where: { $0.name == name }) { delta.changedSets[place].set = set }
    }
    for place in delta.changedMaps.indices where delta.changedMaps[place].count <= TableDelta.fewElements {
      let name = delta.changedMaps[place].map.name
      if let map = table.maps.first(where: { $0.name == name }) { delta.changedMaps[place].map = map }
    }
    return delta
  }

  /// Takes a full listing of all objects: what it lacks is gone. Objects that are the same cost a comparison.
  ///
  /// - Parameters:
  ///   - listing: all objects, in any order.
  ///   - fillsSmall: as `apply` takes it.
  /// - Returns: the difference that the listing makes in all.
  /// - Throws: what in the listing contradicts itself; the state is as before.
  /// - Complexity: O(n log n) in the objects of the listing and of the state, besides the cost of what changed.
  public mutating func replaceAll(
    _ listing: ManifestContents, fillsSmall: Bool = true
  ) throws(LiveCluster.Contradiction) -> Change {
    try Self.refuseRepetitions(listing)
    return apply(cluster.events(toBecome: listing), fillsSmall: fillsSmall)
  }

  func isSubject(_ pod: Pod) -> Bool { Self.isSubject(pod, options.node) }

  private static func isSubject(_ pod: Pod, _ node: String?) -> Bool { node.map(pod.isOn) ?? true }

  /// True where anything is different that policies can see.
  private static func isDifferent(_ endpoint: LiveCluster.Change.Endpoint, _ node: String?) -> Bool {
    guard let before = endpoint.before, let after = endpoint.after else { return true }
    return before.namespace != after.namespace || before.labels != after.labels
      || before.addresses != after.addresses || before.namedPorts != after.namedPorts
      || before.claimants != after.claimants || isSubject(before, node) != isSubject(after, node)
  }
}
