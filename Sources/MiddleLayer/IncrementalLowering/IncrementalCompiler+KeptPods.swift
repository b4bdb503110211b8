import Addresses
import Lowering
import PolicyModel
import Ruleset
import TableLayout

/// Pods of a group, of any node, that no rule of another pod tells apart.
private struct NamedKind: Hashable {
  let ports: [NamedPort]
  /// The cell of the changed pod's rules and policies: a rule about a block hides what is wrong in a rule about pods.
  let cell: AddressCell
}

/// The choice of the pods that a slice keeps: see `TableSlice`.
extension IncrementalCompiler {
  /// The pods that a slice for a change keeps, by number; nil where only the whole table can be judged.
  ///
  /// - Parameters:
  ///   - change: the change.
  ///   - moved: the pods whose namespaces have other labels.
  ///   - selected: the own pods that policies select which changed.
  /// - Returns: the pods.
  mutating func keptPods(_ change: Change, moved: Set<Int>, _ selected: Set<Int>) -> Set<Int>? {
    let changed = moved.union(change.endpoints.map(\.id))
    let leftOut = changed.union(selected)
    noteNamings(besides: leftOut)
    var kept: Set<Int> = []
    var isolated: Set<Int> = []
    var hosts = HostSearch()
    for address in change.endpoints.compactMap(\.before).flatMap(\.addresses) {
      hosts.gone[address.family] += 1
    }
    for number in concernedKinds(change, moved, leftOut, &hosts) {
      if let id = ownKinds[number].representative(without: leftOut) { kept.insert(id) }
    }
    for id in changed {
      guard let now = peers.endpoints[id] else { continue }
      kept.insert(id)
      if !isSent(now) { return nil }
      guard now.isSubject, !now.classNumbers.isEmpty else { continue }
      guard let kind = ownKinds.number(ofPod: id) else { return nil }
      isolated.insert(kind)
      let other = ownKinds[kind].representative(without: leftOut)
      if let other, !asksOwnAddress(now) {
        kept.insert(other)
        keepNamed(by: now, besides: leftOut, &kept)
      } else if !keepAllNamed(by: now, kind, &kept) {
        return nil
      }
    }
    for id in selected {
      guard let now = peers.endpoints[id] else { continue }
      kept.insert(id)
      if !isSent(now) { return nil }
      if now.classNumbers.isEmpty { continue }
      guard let kind = ownKinds.number(ofPod: id), keepAllNamed(by: now, kind, &kept, singlyUpTo: 512) else {
        return nil
      }
      isolated.insert(kind)
    }
    for kind in isolated {
      keepInCells(ofKind: kind, besides: leftOut, &hosts, &kept)
      if !judgesGuarded(ofKind: kind, &hosts, kept) { return nil }
    }
    return kept
  }

  /// The changed addresses about which mistakes of own pods' rules may have been hidden before: by the rules of the changed pod,
  /// where it was the node's own, and by those that policies which changed gave it; by the guard of unknown pods; or, where it is the
  /// node's own now, since the pods of its kind have other addresses.
  private func hiddenAddresses(_ change: Change, _ leftOut: Set<Int>) -> Set<IPAddress> {
    var hidden: Set<IPAddress> = []
    for id in leftOut where peers.subjects.contains(id) {
      hidden.formUnion(peers.endpoints[id]?.pod.addresses ?? [])
    }
    for endpoint in change.endpoints {
      if [endpoint.before, endpoint.after].contains(where: { $0.map(isSubject) ?? false }) {
        hidden.formUnion((endpoint.before?.addresses ?? []) + (endpoint.after?.addresses ?? []))
      }
      hidden.formUnion(
        (endpoint.after?.addresses ?? []).filter { state.guarded[$0.family].contains($0.bits) })
    }
    return hidden
  }

  /// Forgets what slices have worked out and events change.
  mutating func forgetSlices(_ change: LiveCluster.Change) {
    for policy in change.policies { namings.forget(ofNamespace: policy.id.namespace ?? "") }
    if !change.policies.isEmpty { namings.forgetClusterWide() }
    if !change.policies.isEmpty || !change.namespaces.isEmpty { ownKinds.forgetReadings() }
    let pods = change.endpoints.lazy.compactMap(\.after).flatMap(\.readings)
    if !change.namespaces.isEmpty || pods.contains(where: { peers.namespaces[$0.namespace] == nil }) {
      matchingNamespaces = [:]
    }
  }

  // MARK: What a change concerns

  /// The kinds that a change concerns and that have a pod besides some.
  private mutating func concernedKinds(
    _ change: Change, _ moved: Set<Int>, _ leftOut: Set<Int>, _ hosts: inout HostSearch
  ) -> Set<Int> {
    var concerned: Set<Int> = []
    var identities: Set<NamedPod> = []
    func note(_ pod: Pod) {
      let labels = [cluster.labels(ofNamespace: pod.namespace), change.relabelled[pod.namespace]]
      for labels in labels.compactMap(\.self) {
        identities.insert(NamedPod(namespace: pod.namespace, labels: pod.labels, namespaceLabels: labels))
      }
    }
    for endpoint in change.endpoints {
      for pod in [endpoint.before, endpoint.after].compactMap(\.self) { note(pod) }
    }
    for id in moved.union(change.endpoints.map(\.id)) {
      guard let now = peers.endpoints[id] else { continue }
      note(now.pod)
      for selection in peers.groups[now.group].selections {
        concerned.formUnion(ownKinds.asking(forSelection: selection))
      }
    }
    for identity in identities {
      for naming in namings.naming(identity) { concerned.formUnion(ownKinds.selected(byNaming: naming)) }
    }
    for name in change.delta.namesOfChanges { concerned.formUnion(ownKinds.having(name)) }
    let hidden = hiddenAddresses(change, leftOut)
    if hidden.isEmpty { return concerned }
    // Kinds without a reading have changed pods alone.
    for (number, bounds) in ownKinds.bounds where !concerned.contains(number) {
      if !hidden.allSatisfy({ isJudgedElsewhere($0, by: bounds, &hosts) }) { concerned.insert(number) }
    }
    return concerned
  }

  /// True where subjects have the pods of a group.
  private func selects(_ subjects: PodSet, _ group: PodGroup) -> Bool {
    subjects.pods.matches(group.labels)
      && subjects.namespaces.includes(
        group.namespace, cluster.labels(ofNamespace: group.namespace), own: nil)
  }

  /// The namings of the policies that select the pods of a group, whose namespace's are known.
  func namings(ofPoliciesSelecting group: PodGroup) -> [Int] {
    namings.ofNamespace(group.namespace).filter { namings[$0].policy.subjects.pods.matches(group.labels) }
      + namings.clusterWide.filter { selects(namings[$0].policy.subjects, group) }
  }

  mutating func reading(of kind: OwnKind) -> KindReading {
    let group = peers.groups[kind.group]
    var reading = KindReading(
      pod: NamedPod(
        namespace: group.namespace, labels: group.labels,
        namespaceLabels: cluster.labels(ofNamespace: group.namespace)))
    var (bounds, blocks) = (PerFamily<[AddressBounds]>([]), PerFamily<[AddressBounds]>([]))
    for number in kind.classes {
      let policyClass = classes.pool[number]
      reading.selections.formUnion(policyClass.queries.map { peers.queries[$0].selection })
      for family in IPFamily.allCases {
        guard let parts = policyClass.parts[family] else { continue }
        reading.objects.formUnion(parts.sets + parts.maps)
        let tests = addressTests(parts, number, family)
        bounds[family].append(tests.bounds)
        blocks[family].append(tests.blocks)
      }
    }
    reading.namings = namings(ofPoliciesSelecting: group)
    for family in IPFamily.allCases {
      let named = reading.namings.map { namings[$0].bounds[family] }
      reading.bounds[family] = AddressBounds(merging: bounds[family] + named)
      reading.blocks[family] = AddressBounds(merging: blocks[family] + named)
    }
    return reading
  }

  /// True where what is kept of the questions of rules and policies is what would be worked out now: for tests.
  package var hasCurrentReadings: Bool {
    var others = self
    for (number, reading) in ownKinds.readings {
      var fresh = others.reading(of: ownKinds[number].kind)
      fresh.namings.sort()
      var known = reading
      known.namings.sort()
      if fresh != known { return false }
    }
    return true
  }

  // MARK: What a changed pod of the node names

  /// Keeps the own pods that the policies or the sets of a changed pod have, whose chains were proved with another pod.
  private func keepNamed(by now: EndpointState, besides leftOut: Set<Int>, _ kept: inout Set<Int>) {
    let named = namings(ofPoliciesSelecting: peers.groups[now.group])
    let queries = now.classNumbers.flatMap { classes.pool[$0].queries }
    let selections = Set(queries.map { peers.queries[$0].selection })
    // Kinds without a reading have changed pods alone.
    for (number, reading) in ownKinds.readings {
      let isNamed =
        named.contains { namings[$0].names(reading.pod, from: now.pod.namespace) }
        || !selections.isDisjoint(with: peers.groups[ownKinds[number].kind.group].selections)
      if isNamed, let id = ownKinds[number].representative(without: leftOut) { kept.insert(id) }
    }
  }

  /// Keeps a pod of each kind that the policies of a changed pod name, or all of them where they are few; false where its sets and
  /// maps may have others, and where rules that deny, or maps, would make pods of one kind differ by the blocks that they are in,
  /// and they are more than a few.
  private mutating func keepAllNamed(
    by now: EndpointState, _ kind: Int, _ kept: inout Set<Int>, singlyUpTo few: Int = 0
  ) -> Bool {
    guard let named = groups(namedByPoliciesOf: now) else { return false }
    let hasMaps = hasMaps(now)
    let isOrdered =
      hasMaps
      || namings(ofPoliciesSelecting: peers.groups[now.group]).contains {
        namings[$0].policy.tier != .networkPolicy
      }
    let most = isOrdered ? Self.keptSingly : few
    if hasMaps, !mapsHaveOnly(named, now) { return false }
    for number in now.classNumbers {
      for family in IPFamily.allCases {
        for name in classes.pool[number].parts[family]?.sets ?? [] {
          guard case .pods(_, let query, _) = state.sets.current[name] else { continue }
          let selected = peers.selections[peers.queries[query].selection].groups
          if !selected.isSubset(of: named) { return false }
        }
      }
    }
    if named.reduce(0, { $0 + peers.groups[$1].members.count }) <= most {
      for group in named { kept.formUnion(peers.groups[group].members) }
      return true
    }
    if isOrdered { return false }
    var cells = KnownCells(bounds: reading(ofKind: kind).bounds)
    for group in named {
      var seen: Set<NamedKind> = []
      for id in peers.groups[group].members {
        guard let pod = peers.endpoints[id]?.pod else { continue }
        for address in pod.addresses {
          let kind = NamedKind(ports: pod.namedPorts, cell: cells.cell(of: address))
          if seen.insert(kind).inserted { kept.insert(id) }
        }
      }
    }
    return true
  }

  /// The number of other ends up to which each of them is kept, and not one of each kind.
  static let keptSingly = 512

  private func hasMaps(_ endpoint: EndpointState) -> Bool {
    endpoint.classNumbers.contains { number in
      IPFamily.allCases.contains { classes.pool[number].parts[$0]?.maps.isEmpty == false }
    }
  }

  /// True where the maps of an own pod's chains have single addresses of the pods of some groups only.
  private func mapsHaveOnly(_ named: Set<Int>, _ now: EndpointState) -> Bool {
    let pods = named.lazy.flatMap { peers.groups[$0].members }.compactMap { peers.endpoints[$0]?.pod }
    let addresses = Set(pods.flatMap(\.addresses))
    return now.classNumbers.allSatisfy { number in
      IPFamily.allCases.allSatisfy { family in
        (classes.pool[number].parts[family]?.maps ?? []).allSatisfy { name in
          guard let map = state.maps.current[name], !map.flags.contains(.interval) else { return true }
          return map.elements.allSatisfy { element in
            element.key.fields.allSatisfy { addresses.contains(IPAddress(family, bits: $0.lower)) }
          }
        }
      }
    }
  }

  /// The groups of pods that a policy of an own pod names as other ends; nil where one asks any pod for the number of a port's
  /// name.
  private mutating func groups(namedByPoliciesOf pod: EndpointState) -> Set<Int>? {
    var found: Set<Int> = []
    for number in namings(ofPoliciesSelecting: peers.groups[pod.group]) {
      let naming = namings[number]
      if naming.asksAnyPort { return nil }
      for peer in naming.peers {
        found.formUnion(groups(of: peer.scope, peer.pods, from: pod.pod.namespace))
      }
    }
    return found
  }

  private mutating func groups(
    of scope: NamespaceScope, _ selector: LabelSelector, from namespace: String
  ) -> [Int] {
    let names: [String] =
      switch scope {
      case .own: [namespace]
      case .matching(let wanted): namespaces(matching: wanted)
      }
    return names.flatMap { peers.groups(ofNamespace: $0) }.filter {
      selector.matches(peers.groups[$0].labels)
    }
  }

  /// The namespaces with pods whose labels a selector matches; those that have no pods any more may be among them.
  private mutating func namespaces(matching selector: LabelSelector) -> [String] {
    if let known = matchingNamespaces[selector] { return known }
    let found = peers.namespaces.keys.filter { selector.matches(cluster.labels(ofNamespace: $0)) }
    if matchingNamespaces.count > 256 { matchingNamespaces = [:] }
    matchingNamespaces[selector] = found
    return found
  }

  /// Works out what the policies name that can select own pods, and what is not known of the kinds that have pods besides some;
  /// forgets other namespaces now and then.
  private mutating func noteNamings(besides leftOut: Set<Int>) {
    if namings.count > 2 * ownKinds.count + 16 {
      namings.forgetAll()
      ownKinds.forgetReadings()
    }
    let unread = ownKinds.unread.filter { ownKinds[$0].representative(without: leftOut) != nil }
    let own = leftOut.compactMap { peers.endpoints[$0] }.filter(\.isSubject).map(\.group)
    let groups = Set(own + unread.map { ownKinds[$0].kind.group })
    noteNamings(ofNamespaces: Set(groups.map { peers.groups[$0].namespace }))
    for number in unread { ownKinds.note(reading(of: ownKinds[number].kind), of: number) }
  }

  private mutating func noteNamings(ofNamespaces names: Set<String>) {
    if !namings.knowsCluster { namings.noteClusterWide(classes.clusterWidePolicies) }
    for name in names where !namings.knows(name) {
      namings.note(
        cluster.policies(ofNamespace: name).filter { $0.subjects.namespaces == .own }, ofNamespace: name)
    }
  }
}

extension TableDelta {
  /// The names of the sets and maps that come, go, or get other elements; for maps of replies those of what they answer.
  fileprivate var namesOfChanges: [String] {
    let ofMaps = changedMaps.map(\.map.name) + addedMaps.map(\.name) + removedMaps
    return changedSets.map(\.set.name) + addedSets.map(\.name) + removedSets + ofMaps.map(SetName.answered)
  }
}
