public import Addresses
import Lowering
public import PolicyModel
public import Ruleset
import TableLayout

/// The part of a table, and of the cluster that it was made of, in which every packet of pods that changed can be judged.
///
/// Where the slice does what its policies say, and the whole did so before the change, the whole does so now. The
/// elements that the change adds and removes are of the changed pods' addresses, and no rule changes: a packet between two other
/// pods is judged as before. Of a changed pod's packets each is judged by the rules of the changed pod, where it is the
/// node's own, and by those of an own pod at the other end.
///
/// - *Kept* are the changed pods, and of the own pods that did not change one of each kind that the change *concerns*: its policies
///   name a changed pod, as it was or is, or its rules look into a set that changes, or that has a changed pod. Pods of a kind
///   have the same labels, ports and chains, so nothing but blocks of other pods' rules tells them apart. Where a changed pod was or is
///   the node's own, or the guard of unknown pods let no packet of its address pass, or a policy that selects it changed, mistakes of
///   other pods' rules about its address may have been hidden: then kinds are kept too whose rules and policies do not treat it as they
///   treat an address that is no pod's and open.
/// - A packet between two own pods passes the rules of both, and either may hide a mistake of the other. Where a changed pod is the
///   node's own, or a policy which selects it changed, there is of each kept kind one pod in each *cell* of its rules: addresses that no
///   block and no map of them tells apart. Of other kinds there is one in each cell where no address is no pod's and open.
/// - Of guarded addresses the guard lets pods alone pass. Where all addresses of a cell of a changed own pod's rules are
///   guarded or pods', and one of them is a pod's of another node, such a pod is kept, or the whole is judged.
/// - A changed pod is sent to the chains of the other pod of its kind, in the difference as in the slice: chains of other kinds may say
///   the same about all pods of the slice. New chains and sets are in the difference as the slice has them, and no part of a class goes.
/// - The rules of any other own pod say the same about a changed pod's address as before, and so do its policies.
/// - A changed pod of the node has the chains of another pod of its kind, which were proved and do not ask for the pod's own address;
///   or one of each kind and cell of the pods that its policies name is kept, and no set of its chains has another.
/// - Where NetworkPolicies changed and no pods, the own pods that these select, as they were or are, take the place of the changed
///   pods, each of them: the policies of all others are the same, and no chain, set or map of another's changes. Of what their
///   policies name every pod is kept up to 512, and beyond that one of each kind.
/// - Where a namespace has other labels, all its pods are changed ones: policies that named them by the former labels or name them
///   by those of now concern them. Labels of namespaces change no other pod's policies and peers.
/// - Rules of ClusterNetworkPolicy are asked in order, but what an own pod's rules say about an address depends on the sets and maps
///   that have it and on blocks, as with NetworkPolicy. What differs is a changed pod of a new kind: of the pods that its policies
///   name, two of one kind may be in different blocks, and which rule hides which depends on it. So each of them is kept, up to
///   512, and beyond that the whole is judged; likewise where its chains look pods up in maps.
/// - Verdicts and elements about the addresses of kept and of changed pods are in the slice, those of pods that are gone
///   included.
public struct TableSlice: Sendable {
  /// The table with the elements of the kept pods, and the chains of those that are the node's own.
  public let table: Table
  /// The kept pods, in an order that their names have no part in.
  let pods: [Pod]
  /// The policies that select the node's own of them, in an order of their own.
  let policies: [Policy]
  /// The labels of the namespaces of the pods.
  let namespaces: [String: Labels]
  /// The families of the changed addresses: what the table does to packets of others is as before.
  public let families: Set<IPFamily>
  /// The addresses of the pods that changed, and of those that changed policies select.
  let changed: Set<IPAddress>

  /// The kept pods, with the policies that select the node's own. O(n log n) in both.
  public var cluster: Cluster {
    Cluster(
      policies: policies, namespaces: namespaces,
      pods: pods.sorted { ($0.namespace, $0.name) < ($1.namespace, $1.name) })
  }
}

extension IncrementalCompiler {
  /// The slice in which a change that was taken last can be judged; nil where only the whole can be: without a node, where an
  /// address of the node's own pods, of those that changed, or of those that would be kept is of several pods, where the table is
  /// compiled as a whole, where policies and pods changed together, where a ClusterNetworkPolicy changed, and where more than 512
  /// pods would have to be kept singly. O(n) in the node's own pods and their policies, in the pods of namespaces with other labels,
  /// and in the pods that policies of a new kind of own pod, or changed policies, name.
  public mutating func slice(of change: Change) -> TableSlice? {
    guard options.node != nil, change.isOfPods || canSlicePolicies(of: change), !isCompiledWhole,
      !hasSharedOwnAddresses,
      change.endpoints.allSatisfy({
        ($0.before?.claimants ?? []).isEmpty && ($0.after?.claimants ?? []).isEmpty
      })
    else { return nil }
    let selected = subjects(of: change.policies)
    let moved = change.relabelled.keys.reduce(into: Set<Int>()) { moved, name in
      for group in peers.groups(ofNamespace: name) { moved.formUnion(peers.groups[group].members) }
    }
    let addresses = selected.union(moved).reduce(into: change.addresses) {
      $0.formUnion(peers.endpoints[$1]?.pod.addresses ?? [])
    }
    guard change.delta.isOnly(about: addresses, besides: objects(ofOnly: selected)),
      let kept = keptPods(change, moved: moved, selected)
    else { return nil }
    let ids = kept.filter { peers.endpoints[$0] != nil }.sorted()
    let endpoints = ids.compactMap { peers.endpoints[$0] }
    guard endpoints.allSatisfy(\.pod.claimants.isEmpty) else { return nil }
    var parts = TableState.Parts()
    for address in addresses { parts.addresses[address.family].insert(address.bits) }
    for endpoint in endpoints {
      for address in endpoint.pod.addresses { parts.addresses[address.family].insert(address.bits) }
      for number in endpoint.classNumbers {
        for family in IPFamily.allCases {
          if let objects = classes.pool[number].parts[family] { parts.add(objects) }
        }
      }
    }
    guard
      (change.delta.addedChains + change.delta.changedChains).allSatisfy({
        parts.chains.contains(ChainName.answered($0.name))
      }),
      change.delta.addedMaps.allSatisfy({ parts.maps.contains(SetName.answered($0.name)) }),
      change.isOfPods || change.delta.addedSets.allSatisfy({ parts.sets.contains($0.name) }),
      change.delta.isOnly(about: parts), !takesParts(change.delta), isOfState(change.delta),
      sendsAsSlice(change)
    else { return nil }
    let members = Dictionary(grouping: endpoints, by: \.group)
    func elements(_ query: Int, _ family: IPFamily) -> [UInt128] {
      let asked = peers.queries[query]
      let groups = peers.selections[asked.selection].groups
      let found = members.lazy.filter { groups.contains($0.key) }.flatMap(\.value)
      return Set(
        found.flatMap { asked.addresses(of: $0.pod) }.filter { $0.family == family }.map(\.bits)
      ).sorted()
    }
    var namespaces: [String: Labels] = [:]
    for endpoint in endpoints where namespaces[endpoint.pod.namespace] == nil {
      namespaces[endpoint.pod.namespace] = cluster.labels(ofNamespace: endpoint.pod.namespace)
    }
    return TableSlice(
      table: state.table(of: parts, elements: elements), pods: endpoints.map(\.pod),
      policies: policies(selecting: ids), namespaces: namespaces, families: Set(addresses.map(\.family)),
      changed: addresses)
  }

  /// True where the sets of pods, the maps and the chains that a difference adds are those that the slice is made of, with all pods.
  /// O(n log n) in what it adds.
  private func isOfState(_ delta: TableDelta) -> Bool {
    let chains = delta.addedChains + delta.changedChains
    var contents = TableContents()
    contents.chains = chains.compactMap { state.chains.current[ChainName.answered($0.name)] }
    contents.maps = delta.addedMaps.compactMap { state.maps.current[SetName.answered($0.name)] }
    let replies = state.layout.replyObjects(contents)
    return delta.addedMaps.allSatisfy { contents.maps.contains($0) || replies.maps.contains($0) }
      && chains.allSatisfy { state.chains.current[$0.name] == $0 || replies.chains.contains($0) }
      && delta.addedSets.allSatisfy { added in
        guard case .pods(_, let query, let family) = state.sets.current[added.name] else {
          return state.sets.current[added.name]?.header == added
        }
        return added.elements == peers.addresses(ofQuery: query, family).map { ElementKey($0) }
      }
  }

  /// True where a difference takes away a part of a class that is there. Where anything goes, O(n) in the parts of all classes.
  private func takesParts(_ delta: TableDelta) -> Bool {
    let chains = Set(delta.removedChains.map(ChainName.answered))
    let sets = Set(delta.removedSets)
    let maps = Set(delta.removedMaps.map(SetName.answered))
    if chains.isEmpty, sets.isEmpty, maps.isEmpty { return false }
    return classes.numbers.values.contains { number in
      IPFamily.allCases.contains { family in
        guard let parts = classes.pool[number].parts[family] else { return false }
        return parts.chains.contains(where: chains.contains) || parts.sets.contains(where: sets.contains)
          || parts.maps.contains(where: maps.contains)
      }
    }
  }

  /// True where nothing but NetworkPolicies changed.
  private func canSlicePolicies(of change: Change) -> Bool {
    !change.policies.isEmpty
      && change.policies.allSatisfy { policy in
        [policy.before, policy.after].allSatisfy { $0.map { $0.tier == .networkPolicy } ?? true }
      }
  }

  /// The node's own pods that policies select, as they were or are.
  private func subjects(of changes: [LiveCluster.Change.PolicyChange]) -> Set<Int> {
    if changes.isEmpty { return [] }
    return peers.subjects.filter { id in
      guard let pod = peers.endpoints[id]?.pod else { return false }
      return changes.contains { change in
        change.id.namespace == pod.namespace
          && [change.before, change.after].contains { $0?.subjects.pods.matches(pod.labels) == true }
      }
    }
  }

  /// The names of the objects that some of the node's own pods have and no other one of them. O(n) in the own pods.
  private func objects(ofOnly some: Set<Int>) -> TableState.Parts {
    if some.isEmpty { return TableState.Parts() }
    var parts = objects(of: some)
    let others = objects(of: peers.subjects.subtracting(some))
    parts.chains.subtract(others.chains)
    parts.sets.subtract(others.sets)
    parts.maps.subtract(others.maps)
    return parts
  }

  private func objects(of pods: Set<Int>) -> TableState.Parts {
    var parts = TableState.Parts()
    for number in Set(pods.compactMap { peers.endpoints[$0] }.flatMap(\.classNumbers)) {
      for family in IPFamily.allCases {
        if let objects = classes.pool[number].parts[family] { parts.add(objects) }
      }
    }
    return parts
  }

  /// The policies that select some pods, of those the node's own.
  private func policies(selecting ids: [Int]) -> [Policy] {
    var numbers: Set<Int> = []
    for id in ids {
      guard let endpoint = peers.endpoints[id], endpoint.isSubject else { continue }
      if let kind = ownKinds.number(ofPod: id), let reading = ownKinds.readings[kind] {
        numbers.formUnion(reading.namings)
      } else {
        numbers.formUnion(namings(ofPoliciesSelecting: peers.groups[endpoint.group]))
      }
    }
    return numbers.sorted().map { namings[$0].policy.withAddressesOfNodes }
  }
}

extension TableState {
  /// The names of the chains, sets and maps of some classes, and some addresses.
  struct Parts {
    var chains: Set<String> = []
    var sets: Set<String> = []
    var maps: Set<String> = []
    var addresses = PerFamily<Set<UInt128>>([])

    /// Adds the objects of a class.
    mutating func add(_ objects: ClassObjects) {
      chains.formUnion(objects.chains)
      sets.formUnion(objects.sets)
      maps.formUnion(objects.maps)
    }
  }

  /// The table of some parts: with what it says about the addresses, and nothing about others. O(n) in the parts, and in the
  /// pairs of addresses of the node's pods.
  func table(of parts: Parts, elements: (_ query: Int, IPFamily) -> [UInt128]) -> Table {
    var contents = TableContents()
    if hasClusterTiers { contents.clusterTierVerdicts = [:] }
    for family in IPFamily.allCases {
      let addresses = parts.addresses[family].sorted()
      contents.ownAddresses[family] = own[family].current.keys.filter {
        parts.addresses[family].contains($0.source) || parts.addresses[family].contains($0.destination)
      }.map(\.key).sorted()
      contents.knownPods[family] = addresses.filter { known[family].current[$0] != nil }.map {
        ElementKey($0)
      }
      contents.localPods[family] = addresses.filter { local[family].current[$0] != nil }.map {
        ElementKey($0)
      }
      for direction in Direction.allCases {
        let verdicts = toChains[direction]?[family].current ?? [:]
        contents.verdicts[direction, default: [:]][family] = addresses.compactMap { address in
          verdicts[address].map { VerdictElement(ElementKey(address), .jump($0)) }
        }
        let ofTiers = toTierChains[direction]?[family].current ?? [:]
        let elements = addresses.compactMap { address in
          ofTiers[address].map { VerdictElement(ElementKey(address), .jump($0)) }
        }
        if !elements.isEmpty { contents.clusterTierVerdicts?[direction, default: [:]][family] = elements }
      }
    }
    contents.sets = parts.sets.sorted().compactMap { sets.current[$0] }.map { full($0, elements) }
    let bits = parts.addresses.ipv4.union(parts.addresses.ipv6)
    contents.maps = parts.maps.sorted().compactMap { maps.current[$0] }.map { map in
      if map.flags.contains(.interval) { return map }
      var map = map
      map.elements.removeAll { element in !element.key.fields.allSatisfy { bits.contains($0.lower) } }
      return map
    }
    contents.chains = parts.chains.sorted().compactMap { chains.current[$0] }
    return layout.table(contents)
  }
}

extension TableDelta {
  /// True where no rule of the node's own pods changes but for those of some, and of sets and maps only the elements of some
  /// addresses.
  ///
  /// - Parameters:
  ///   - addresses: the addresses of the elements.
  ///   - free: the objects of these pods alone, which may change in any way.
  /// - Returns: whether the difference is about nothing else.
  fileprivate func isOnly(about addresses: Set<IPAddress>, besides free: TableState.Parts) -> Bool {
    !needsReplacement
      && changedChains.allSatisfy { free.chains.contains(ChainName.answered($0.name)) }
      && hasOnlyElements {
        addresses.contains(IPAddress($0, bits: $1))
      } besides: { name, _ in
        free.sets.contains(name) || free.maps.contains(SetName.answered(name))
      }
  }

  /// True where the difference is about single addresses of some parts, apart from sets and maps with intervals.
  fileprivate func isOnly(about parts: TableState.Parts) -> Bool {
    hasOnlyElements {
      parts.addresses[$0].contains($1)
    } besides: {
      $1.contains(.interval)
    }
  }

  /// True where the elements that come and go are of single addresses that are meant, apart from those of some sets and maps.
  private func hasOnlyElements(
    of isMeant: (IPFamily, UInt128) -> Bool, besides isFree: (_ name: String, SetFlags) -> Bool
  ) -> Bool {
    changedSets.allSatisfy { change in
      isFree(change.set.name, change.set.flags)
        || (change.added + change.removed).allSatisfy { $0.isSingle(of: change.set.key, where: isMeant) }
    }
      && changedMaps.allSatisfy { change in
        isFree(change.map.name, change.map.flags)
          || (change.added + change.removed).allSatisfy {
            $0.key.isSingle(of: change.map.key, where: isMeant)
          }
      }
  }
}

extension ElementKey {
  /// True where each field is a single address, of the family of its type, that is meant.
  fileprivate func isSingle(of types: [DataType], where isMeant: (IPFamily, UInt128) -> Bool) -> Bool {
    zip(fields, types).allSatisfy { field, type in
      type.family.map { field.isSingle && isMeant($0, field.lower) } ?? false
    }
  }
}

extension Policy {
  /// The policy with the addresses of the nodes that it names, which it has already, as blocks that are written.
  fileprivate var withAddressesOfNodes: Policy {
    func blocks(_ rules: [PolicyRule]?) -> [PolicyRule]? {
      rules?.map { rule in
        rule.nodes.isEmpty
          ? rule
          : PolicyRule(
            rule.action, name: rule.name, peers: rule.peers, ports: rule.ports, origin: rule.origin)
      }
    }
    if !hasNodePeers { return self }
    return Policy(
      id: id, tier: tier, priority: priority, subjects: subjects, ingress: blocks(ingress),
      egress: blocks(egress), subjectsOrigin: subjectsOrigin, origin: origin)
  }
}
