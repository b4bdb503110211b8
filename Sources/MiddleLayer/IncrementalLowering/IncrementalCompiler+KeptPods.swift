import Addresses
import Lowering
import PolicyModel
import Ruleset

/// Pods of the node that neither policies nor the table tell apart.
struct OwnKind: Hashable, Sendable {
  let group: Int
  let ports: [NamedPort]
  let classes: [Int]
  let hasIPv4: Bool
  let hasIPv6: Bool

  init(_ endpoint: EndpointState) {
    group = endpoint.group
    ports = endpoint.pod.namedPorts
    // A class is of one direction.
    classes = endpoint.classes.values.joined().sorted()
    hasIPv4 = endpoint.pod.addresses.contains { $0.family == .ipv4 }
    hasIPv6 = endpoint.pod.addresses.contains { $0.family == .ipv6 }
  }
}

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
  ///   - selected: the own pods that policies select which changed.
  /// - Returns: the pods.
  mutating func keptPods(_ change: Change, _ selected: Set<Int>) -> Set<Int>? {
    let kinds = kinds(without: Set(change.endpoints.map(\.id)).union(selected))
    var kept: Set<Int> = []
    let wasOwn = change.endpoints.contains { $0.before.map(isSubject) ?? false }
    let concern = concern(of: change)
    for (kind, id) in kinds where isConcerned(kind, concern, namesAddresses: wasOwn) { kept.insert(id) }
    for endpoint in change.endpoints where endpoint.after != nil {
      guard let now = peers.endpoints[endpoint.id] else { continue }
      kept.insert(endpoint.id)
      guard now.isSubject, !now.classes.isEmpty else { continue }
      if kinds[OwnKind(now)] != nil {
        keepNamed(by: now, of: kinds, &kept)
      } else if !keepAllNamed(by: now, &kept) {
        return nil
      }
    }
    for id in selected {
      guard let now = peers.endpoints[id] else { continue }
      kept.insert(id)
      if !now.classes.isEmpty, !keepAllNamed(by: now, &kept, singlyUpTo: 512) { return nil }
    }
    return kept
  }

  /// The own pods that did not change: of each kind the first. Kept while changes are of other nodes' pods alone.
  private mutating func kinds(without changed: Set<Int>) -> [OwnKind: Int] {
    if let ownKinds { return ownKinds }
    var kinds: [OwnKind: Int] = [:]
    for id in peers.subjects where !changed.contains(id) {
      guard let endpoint = peers.endpoints[id] else { continue }
      let kind = OwnKind(endpoint)
      kinds[kind] = min(kinds[kind] ?? id, id)
    }
    noteNamings(ofNamespaces: Set(kinds.keys.map { peers.groups[$0.group].namespace }))
    if changed.isDisjoint(with: peers.subjects) { ownKinds = kinds }
    return kinds
  }

  /// Forgets what slices have worked out and events change.
  mutating func forgetSlices(_ change: LiveCluster.Change) {
    let isOwn = change.endpoints.contains {
      ($0.before.map(isSubject) ?? false) || ($0.after.map(isSubject) ?? false)
    }
    if isOwn || !change.policies.isEmpty || !change.namespaces.isEmpty { ownKinds = nil }
    for policy in change.policies { namings[policy.id.namespace ?? ""] = nil }
    if !change.policies.isEmpty || !change.namespaces.isEmpty { namedSubjects = [:] }
  }

  // MARK: What a change concerns

  /// The pods that changed as selectors see them, before and after, and what the table's sets have of them.
  private struct Concern {
    var identities: Set<PeerIndex.GroupKey> = []
    var selections: Set<Int> = []
    var sets: Set<String> = []
    /// For each namespace of own pods the subjects of the policies that name one of them.
    var subjects: [String: [LabelSelector]] = [:]
  }

  private mutating func concern(of change: Change) -> Concern {
    var concern = Concern()
    for endpoint in change.endpoints {
      for pod in [endpoint.before, endpoint.after].compactMap(\.self) {
        concern.identities.insert(.init(namespace: pod.namespace, labels: pod.labels, claimants: []))
      }
      guard let now = peers.endpoints[endpoint.id] else { continue }
      concern.selections.formUnion(peers.groups[now.group].selections)
    }
    concern.sets = Set(change.delta.changedSets.map(\.set.name) + change.delta.addedSets.map(\.name))
    concern.sets.formUnion(change.delta.removedSets)
    for identity in concern.identities { concern.subjects.merge(subjects(naming: identity)) { $0 + $1 } }
    return concern
  }

  /// For each namespace with own pods the subjects of the policies that name a pod.
  private mutating func subjects(naming pod: PeerIndex.GroupKey) -> [String: [LabelSelector]] {
    if let known = namedSubjects[pod] { return known }
    var found: [String: [LabelSelector]] = [:]
    for (namespace, namings) in namings {
      let naming = namings.filter { names($0, pod, from: namespace) }
      if !naming.isEmpty { found[namespace] = naming.map(\.policy.subjects.pods) }
    }
    if namedSubjects.count > 4_096 { namedSubjects = [:] }
    namedSubjects[pod] = found
    return found
  }

  private func names(_ naming: PolicyNaming, _ pod: PeerIndex.GroupKey, from namespace: String) -> Bool {
    naming.asksAnyPort
      || naming.peers.contains { peer in
        peer.pods.matches(pod.labels)
          && peer.scope.includes(
            pod.namespace, cluster.labels(ofNamespace: pod.namespace), own: namespace)
      }
  }

  /// True where a change concerns the own pods of a kind.
  private func isConcerned(_ kind: OwnKind, _ concern: Concern, namesAddresses: Bool) -> Bool {
    let group = peers.groups[kind.group]
    if concern.subjects[group.namespace]?.contains(where: { $0.matches(group.labels) }) == true {
      return true
    }
    for number in kind.classes {
      let policyClass = classes.pool[number]
      if policyClass.queries.contains(where: { concern.selections.contains(peers.queries[$0].selection) }) {
        return true
      }
      for family in IPFamily.allCases {
        guard let parts = policyClass.parts[family] else { continue }
        if parts.sets.contains(where: concern.sets.contains) { return true }
        if namesAddresses, state.nameAddresses(parts) { return true }
      }
    }
    return namesAddresses
      && namings[group.namespace]?.contains { $0.hasBlocks && $0.policy.subjects.pods.matches(group.labels) }
        == true
  }

  // MARK: What a changed pod of the node names

  /// Keeps the own pods that the policies or the sets of a changed pod have, whose chains were proved with another pod.
  private func keepNamed(by now: EndpointState, of kinds: [OwnKind: Int], _ kept: inout Set<Int>) {
    if let other = kinds[OwnKind(now)] { kept.insert(other) }
    let namings = (namings[now.pod.namespace] ?? []).filter {
      $0.policy.subjects.pods.matches(now.pod.labels)
    }
    let queries = now.classes.values.joined().flatMap { classes.pool[$0].queries }
    let selections = Set(queries.map { peers.queries[$0].selection })
    for (kind, id) in kinds {
      let group = peers.groups[kind.group]
      let pod = PeerIndex.GroupKey(namespace: group.namespace, labels: group.labels, claimants: [])
      if namings.contains(where: { names($0, pod, from: now.pod.namespace) })
        || !selections.isDisjoint(with: group.selections)
      {
        kept.insert(id)
      }
    }
  }

  /// Keeps a pod of each kind that the policies of a changed pod name, or all of them where they are few; false where its sets may
  /// have others.
  private func keepAllNamed(by now: EndpointState, _ kept: inout Set<Int>, singlyUpTo most: Int = 0) -> Bool {
    guard let named = groups(namedByPoliciesOf: now.pod) else { return false }
    for number in now.classes.values.joined() {
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

  /// The groups of pods that a policy of an own pod names as other ends; nil where one asks any pod for the number of a port's
  /// name.
  private func groups(namedByPoliciesOf pod: Pod) -> Set<Int>? {
    var found: Set<Int> = []
    for policy in cluster.policies(ofNamespace: pod.namespace)
    where policy.subjects.pods.matches(pod.labels) {
      let naming = PolicyNaming(policy)
      if naming.asksAnyPort { return nil }
      for peer in naming.peers { found.formUnion(groups(of: peer.scope, peer.pods, from: pod.namespace)) }
    }
    return found
  }

  private func groups(
    of scope: NamespaceScope, _ selector: LabelSelector, from namespace: String
  ) -> [Int] {
    let names: [String] =
      switch scope {
      case .own: [namespace]
      case .matching(let wanted):
        peers.namespaces.keys.filter { wanted.matches(cluster.labels(ofNamespace: $0)) }
      }
    return names.flatMap { peers.groups(ofNamespace: $0) }.filter {
      selector.matches(peers.groups[$0].labels)
    }
  }

  /// Works out what the policies of some namespaces name, where that is not known; forgets other namespaces now and then.
  private mutating func noteNamings(ofNamespaces names: Set<String>) {
    let missing = names.filter { namings[$0] == nil }
    if missing.isEmpty { return }
    namedSubjects = [:]
    if namings.count > 2 * names.count + 16 { namings = [:] }
    for name in names where namings[name] == nil {
      namings[name] = cluster.policies(ofNamespace: name).map { PolicyNaming($0) }
    }
  }
}

/// The other ends that a policy names, apart from its rules.
struct PolicyNaming: Sendable {
  let policy: Policy
  /// The pods that it names, each selector once.
  let peers: [Selected]
  /// True where it asks pods that it does not name for the number of a port's name.
  let asksAnyPort: Bool
  /// True where it names addresses.
  let hasBlocks: Bool

  struct Selected: Hashable, Sendable {
    let scope: NamespaceScope
    let pods: LabelSelector
  }

  init(_ policy: Policy) {
    self.policy = policy
    var (named, asksAnyPort, hasBlocks): (Set<Selected>, Bool, Bool) = ([], false, false)
    for rule in Direction.allCases.compactMap({ policy.rules($0) }).joined() {
      let isNamed = rule.ports.entries.contains { $0.ports.name != nil }
      if isNamed, rule.peers == .everything { asksAnyPort = true }
      for peer in rule.peers.entries {
        switch peer.kind {
        case .pods(let scope, let selector): named.insert(Selected(scope: scope, pods: selector))
        case .ipBlock:
          hasBlocks = true
          if isNamed { asksAnyPort = true }
        }
      }
    }
    peers = Array(named)
    (self.asksAnyPort, self.hasBlocks) = (asksAnyPort, hasBlocks)
  }
}

extension TableState {
  /// True where chains of a class tell addresses apart otherwise than by sets of pods.
  fileprivate func nameAddresses(_ parts: ClassObjects) -> Bool {
    for name in parts.sets {
      if case .fixed(let set) = sets.current[name],
        set.key.contains(.ipv4Address) || set.key.contains(.ipv6Address)
      {
        return true
      }
    }
    let rules = parts.chains.lazy.compactMap { chains.current[$0] }.flatMap(\.rules)
    return rules.contains { rule in
      rule.statements.contains { statement in
        switch statement {
        case .match(let match):
          if case .namedSet = match.operand { return false }
          return match.key.contains(where: \.isAddress)
        case .verdictMap(let fields, _): return fields.contains(where: \.isAddress)
        default: return false
        }
      }
    }
  }
}

extension Field {
  fileprivate var isAddress: Bool { type == .ipv4Address || type == .ipv6Address }
}
