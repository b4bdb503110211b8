import Addresses
import Lowering
import PolicyModel
import Ruleset

/// Pods of a group, of any node, that no rule of another pod tells apart.
private struct NamedKind: Hashable {
  let ports: [NamedPort]
  let family: IPFamily
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
    let kinds = ownKinds.representatives(without: changed.union(selected))
    noteNamings(ofNamespaces: Set(kinds.keys.map { peers.groups[$0.group].namespace }))
    var kept: Set<Int> = []
    var concern = concern(of: change, moved)
    for (kind, id) in kinds where isConcerned(kind, &concern) { kept.insert(id) }
    for id in changed {
      guard let now = peers.endpoints[id] else { continue }
      kept.insert(id)
      guard now.isSubject, !now.classNumbers.isEmpty else { continue }
      if kinds[OwnKind(now)] != nil, !asksOwnAddress(now) {
        keepNamed(by: now, of: kinds, &kept)
      } else if !keepAllNamed(by: now, &kept) {
        return nil
      }
    }
    for id in selected {
      guard let now = peers.endpoints[id] else { continue }
      kept.insert(id)
      if !now.classNumbers.isEmpty, !keepAllNamed(by: now, &kept, singlyUpTo: 512) { return nil }
    }
    return kept
  }

  /// The changed addresses about which mistakes of own pods' rules may have been hidden before: by the rules of the changed pod,
  /// where it was the node's own; by the guard of unknown pods; or, where it is the node's own now, since the pods of its kind
  /// have other addresses.
  private func hiddenAddresses(_ change: Change, _ moved: Set<Int>) -> Set<IPAddress> {
    var hidden: Set<IPAddress> = []
    for id in moved where peers.subjects.contains(id) {
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
    for policy in change.policies { namings[policy.id.namespace ?? ""] = nil }
    if !change.policies.isEmpty { (namedSubjects, clusterNamings) = ([:], nil) }
    if !change.policies.isEmpty || !change.namespaces.isEmpty { ownKinds.forgetReadings() }
    let pods = change.endpoints.lazy.compactMap(\.after).flatMap(\.readings)
    if !change.namespaces.isEmpty || pods.contains(where: { peers.namespaces[$0.namespace] == nil }) {
      matchingNamespaces = [:]
    }
  }

  // MARK: What a change concerns

  /// The pods that changed as selectors see them, before and after, and what the table's sets have of them.
  private struct Concern {
    var identities: Set<NamedPod> = []
    var selections: Set<Int> = []
    /// The names of sets and maps.
    var sets: Set<String> = []
    /// The subjects of the policies that name one of them.
    var subjects = NamingSubjects()
    /// The addresses about which mistakes may have been hidden before.
    var hidden: Set<IPAddress> = []
    /// The cells of addresses that were looked for hosts.
    var hosts = HostSearch()
  }

  private mutating func concern(of change: Change, _ moved: Set<Int>) -> Concern {
    var concern = Concern()
    func note(_ pod: Pod) {
      let labels = [cluster.labels(ofNamespace: pod.namespace), change.relabelled[pod.namespace]]
      for labels in labels.compactMap(\.self) {
        concern.identities.insert(
          NamedPod(namespace: pod.namespace, labels: pod.labels, namespaceLabels: labels))
      }
    }
    for endpoint in change.endpoints {
      for pod in [endpoint.before, endpoint.after].compactMap(\.self) { note(pod) }
    }
    for id in moved.union(change.endpoints.map(\.id)) {
      guard let now = peers.endpoints[id] else { continue }
      note(now.pod)
      concern.selections.formUnion(peers.groups[now.group].selections)
    }
    concern.hidden = hiddenAddresses(change, moved)
    let delta = change.delta
    concern.sets = Set(delta.changedSets.map(\.set.name) + delta.addedSets.map(\.name) + delta.removedSets)
    concern.sets.formUnion(
      delta.changedMaps.map(\.map.name) + delta.addedMaps.map(\.name) + delta.removedMaps)
    for identity in concern.identities {
      let found = subjects(naming: identity)
      concern.subjects.own.merge(found.own) { $0 + $1 }
      concern.subjects.clusterWide += found.clusterWide
    }
    return concern
  }

  /// The subjects of the policies that name a pod, of those in namespaces with own pods and of those of the cluster.
  private mutating func subjects(naming pod: NamedPod) -> NamingSubjects {
    if let known = namedSubjects[pod] { return known }
    var found = NamingSubjects()
    for (namespace, namings) in namings {
      let naming = namings.filter { names($0, pod, from: namespace) }
      if !naming.isEmpty { found.own[namespace] = naming.map(\.policy.subjects.pods) }
    }
    found.clusterWide = (clusterNamings ?? []).filter { names($0, pod, from: nil) }.map(\.policy.subjects)
    if namedSubjects.count > 4_096 { namedSubjects = [:] }
    namedSubjects[pod] = found
    return found
  }

  private func names(_ naming: PolicyNaming, _ pod: NamedPod, from namespace: String?) -> Bool {
    naming.asksAnyPort
      || naming.peers.contains { peer in
        peer.pods.matches(pod.labels)
          && peer.scope.includes(pod.namespace, pod.namespaceLabels, own: namespace)
      }
  }

  /// True where subjects have the pods of a group.
  private func selects(_ subjects: PodSet, _ group: PodGroup) -> Bool {
    subjects.pods.matches(group.labels)
      && subjects.namespaces.includes(
        group.namespace, cluster.labels(ofNamespace: group.namespace), own: nil)
  }

  /// The other ends that the policies of the pods of a group name.
  func namings(ofPoliciesSelecting group: PodGroup) -> [PolicyNaming] {
    (namings[group.namespace] ?? []).filter { $0.policy.subjects.pods.matches(group.labels) }
      + (clusterNamings ?? []).filter { selects($0.policy.subjects, group) }
  }

  /// True where a change concerns the own pods of a kind.
  private mutating func isConcerned(_ kind: OwnKind, _ concern: inout Concern) -> Bool {
    let group = peers.groups[kind.group]
    if concern.subjects.own[group.namespace]?.contains(where: { $0.matches(group.labels) }) == true
      || concern.subjects.clusterWide.contains(where: { selects($0, group) })
    {
      return true
    }
    let reading = reading(of: kind)
    if concern.selections.contains(where: reading.selections.contains)
      || concern.sets.contains(where: reading.objects.contains)
    {
      return true
    }
    for address in concern.hidden where !isJudgedElsewhere(address, by: reading, &concern.hosts) {
      return true
    }
    return false
  }

  private mutating func reading(of kind: OwnKind) -> KindReading {
    if let known = ownKinds.reading(of: kind) { return known }
    var reading = KindReading()
    for number in kind.classes {
      let policyClass = classes.pool[number]
      reading.selections.formUnion(policyClass.queries.map { peers.queries[$0].selection })
      for family in IPFamily.allCases {
        guard let parts = policyClass.parts[family] else { continue }
        reading.objects.formUnion(parts.sets + parts.maps)
        reading.bounds[family].append(addressTests(parts, number, family).bounds)
      }
    }
    for naming in namings(ofPoliciesSelecting: peers.groups[kind.group]) {
      for family in IPFamily.allCases { reading.bounds[family].append(naming.bounds[family]) }
    }
    ownKinds.note(reading, of: kind)
    return reading
  }

  // MARK: What a changed pod of the node names

  /// Keeps the own pods that the policies or the sets of a changed pod have, whose chains were proved with another pod.
  private func keepNamed(by now: EndpointState, of kinds: [OwnKind: Int], _ kept: inout Set<Int>) {
    if let other = kinds[OwnKind(now)] { kept.insert(other) }
    let namings = namings(ofPoliciesSelecting: peers.groups[now.group])
    let queries = now.classNumbers.flatMap { classes.pool[$0].queries }
    let selections = Set(queries.map { peers.queries[$0].selection })
    for (kind, id) in kinds {
      let group = peers.groups[kind.group]
      let pod = NamedPod(
        namespace: group.namespace, labels: group.labels,
        namespaceLabels: cluster.labels(ofNamespace: group.namespace))
      if namings.contains(where: { names($0, pod, from: now.pod.namespace) })
        || !selections.isDisjoint(with: group.selections)
      {
        kept.insert(id)
      }
    }
  }

  /// Keeps a pod of each kind that the policies of a changed pod name, or all of them where they are few; false where its sets and
  /// maps may have others, and where rules that deny, or maps, would make pods of one kind differ by the blocks that they are in,
  /// and they are more than a few.
  private mutating func keepAllNamed(by now: EndpointState, _ kept: inout Set<Int>, singlyUpTo few: Int = 0)
    -> Bool
  {
    guard let named = groups(namedByPoliciesOf: now.pod) else { return false }
    let hasMaps = hasMaps(now)
    let isOrdered =
      hasMaps
      || namings(ofPoliciesSelecting: peers.groups[now.group]).contains { $0.policy.tier != .networkPolicy }
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
    for group in named {
      var seen: Set<NamedKind> = []
      for id in peers.groups[group].members {
        guard let pod = peers.endpoints[id]?.pod else { continue }
        for family in IPFamily.allCases where pod.addresses.contains(where: { $0.family == family }) {
          if seen.insert(NamedKind(ports: pod.namedPorts, family: family)).inserted { kept.insert(id) }
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
  private mutating func groups(namedByPoliciesOf pod: Pod) -> Set<Int>? {
    var found: Set<Int> = []
    let own = cluster.policies(ofNamespace: pod.namespace).filter {
      $0.subjects.namespaces == .own && $0.subjects.pods.matches(pod.labels)
    }
    let wide = (clusterNamings ?? []).filter {
      $0.policy.subjects.pods.matches(pod.labels)
        && $0.policy.subjects.namespaces.includes(
          pod.namespace, cluster.labels(ofNamespace: pod.namespace), own: nil)
    }
    for naming in own.map({ PolicyNaming($0) }) + wide {
      if naming.asksAnyPort { return nil }
      for peer in naming.peers { found.formUnion(groups(of: peer.scope, peer.pods, from: pod.namespace)) }
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

  /// Works out what the policies of some namespaces name, where that is not known; forgets other namespaces now and then.
  private mutating func noteNamings(ofNamespaces names: Set<String>) {
    if clusterNamings == nil { clusterNamings = classes.clusterWidePolicies.map { PolicyNaming($0) } }
    let missing = names.filter { namings[$0] == nil }
    if missing.isEmpty { return }
    namedSubjects = [:]
    if namings.count > 2 * names.count + 16 { namings = [:] }
    for name in names where namings[name] == nil {
      namings[name] = cluster.policies(ofNamespace: name).filter { $0.subjects.namespaces == .own }.map {
        PolicyNaming($0)
      }
    }
  }
}
