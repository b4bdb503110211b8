import Addresses
import PolicyModel

/// A pair of an address set and a traffic set.
struct TermKey: Hashable, Comparable {
  let addresses: AddressSets.Name
  let traffic: UInt32

  static func < (left: TermKey, right: TermKey) -> Bool {
    (left.addresses, left.traffic) < (right.addresses, right.traffic)
  }
}

/// The traffic that the rules of one policy match in one direction, as (addresses, traffic) terms, from the
/// API's fields one by one.
struct RuleTerms {
  let cluster: Cluster
  var groups: PodGroups
  private var peers: PeerSets
  /// True where all policies are of one tier that allows what any rule accepts and denies the rest: asked once for all
  /// subjects of a cluster that has NetworkPolicies only.
  let isAdditive: Bool
  private var fixed: [Key: [[TermKey]]] = [:]
  /// The policies of all lists whose rules are ordered.
  var orderedPolicies: [Direction: Set<Int>] = [:]
  private var ordered = OrderedTiers()

  private struct Key: Hashable {
    let policy: Int
    let direction: Direction
  }

  init(cluster: Cluster, groups: PodGroups, _ store: DiagramStore) {
    self.cluster = cluster
    self.groups = groups
    peers = PeerSets(store.addressSets)
    isAdditive = Direction.allCases.allSatisfy {
      TierFold(Array(cluster.policies.indices), $0, [:], store).isAdditive(in: cluster)
    }
  }

  /// The terms of each rule of a policy for a subject whose port names have the given numbers. Only `ingress` asks for
  /// them: there the subject is the destination.
  mutating func terms(
    of policy: Int, _ direction: Direction, subjectNumbers: [PortName: UInt16], _ store: DiagramStore
  ) -> [[TermKey]] {
    let key = Key(policy: policy, direction: direction)
    if let known = fixed[key] { return known }
    var dependsOnSubject = false
    let result = (cluster.policies[policy].rules(direction) ?? []).map { rule in
      var result: [TermKey] = []
      // `ports`: empty or missing matches all traffic, ports or none. Otherwise entries are combined with OR.
      var ports: [UInt8: [Interval<UInt16>]] = [:]
      var destinationNames: [PortName] = []
      for entry in rule.ports.entries {
        let transport = entry.transport.number
        switch entry.ports {
        // `ports[].port` missing: all ports of the protocol.
        case .all: ports[transport, default: []].append(Interval(0, .max))
        // `ports[].port` and `endPort`: the number, or the range with both its ends.
        case .range(let range): ports[transport, default: []].append(range)
        // `ports[].port` as a name: a named port on the destination pod.
        case .named(let name):
          let port = PortName(name: name, transport: entry.transport)
          switch direction {
          case .egress: destinationNames.append(port)
          case .ingress:
            dependsOnSubject = true
            if let number = subjectNumbers[port] { ports[transport, default: []].append(Interval(number)) }
          }
        }
      }
      // In a part of a cluster most rules name nobody who is there.
      let sets = addresses(of: rule.peers, in: cluster.policies[policy].id.namespace).filter {
        $0 != AddressSets.nothing
      }
      let traffic =
        rule.ports == .everything
        ? TrafficSet.everything
        : sets.isEmpty ? .nothing : ports.reduce(.nothing) { $0.union(TrafficSet($1.key, PortSet($1.value))) }
      if !sets.isEmpty, !traffic.isEmpty {
        let name = store.intern(traffic).index
        for addresses in sets { result.append(TermKey(addresses: addresses, traffic: name)) }
      }
      for port in destinationNames {
        result += terms(for: port, rule.peers, in: cluster.policies[policy].id.namespace, store)
      }
      return result
    }
    if !dependsOnSubject { fixed[key] = result }
    return result
  }

  /// The meaning by itself of a list of ordered rules of one tier, all of them of policies in `orderedPolicies`.
  mutating func decided(
    by policies: [Int], _ direction: Direction, subjectNumbers: [PortName: UInt16], _ store: DiagramStore
  ) -> OrderedTiers.Decided {
    var list: [OrderedTiers.OrderedTerm] = []
    for policy in policies {
      let actions = (cluster.policies[policy].rules(direction) ?? []).map(\.action)
      let rules = terms(of: policy, direction, subjectNumbers: subjectNumbers, store)
      for (action, keys) in zip(actions, rules) { list += keys.map { .init(action: action, key: $0) } }
    }
    let isFixed = policies.allSatisfy { fixed[Key(policy: $0, direction: direction)] != nil }
    let numbers = isFixed ? [:] : subjectNumbers
    if let known = ordered.known(policies, direction, numbers) { return known }
    if !ordered.isPrepared(direction) {
      var names: Set<AddressSets.Name> = []
      for policy in orderedPolicies[direction] ?? [] {
        for rule in cluster.policies[policy].rules(direction) ?? [] {
          names.formUnion(addresses(of: rule.peers, in: cluster.policies[policy].id.namespace))
        }
        let terms = terms(of: policy, direction, subjectNumbers: [:], store)
        names.formUnion(terms.joined().map(\.addresses))
      }
      ordered.prepare(direction, names, store.addressSets)
    }
    let otherwise = policies.first.map { cluster.policies[$0].tier.selectedDefault } ?? .pass
    return ordered.decide(policies, direction, numbers, list, otherwise: otherwise, store)
  }

  /// `from`, `to`: empty or missing matches all sources or destinations. Otherwise entries are combined with OR.
  private mutating func addresses(of list: OneOf<Peer>, in namespace: String?) -> [AddressSets.Name] {
    switch list {
    case .everything: return [AddressSets.everything]
    case .anyOf(let entries):
      return entries.map { peer in
        switch peer.kind {
        case .ipBlock(let block): peers.addresses(of: block)
        case .pods(let scope, let selector):
          peers.addresses(
            of: groups.matching(.init(scope, selector, own: namespace)), in: &groups, of: cluster)
        }
      }
    }
  }

  /// An egress rule's named port: for each destination pod that has it, its own number. Addresses of no pod have none.
  private mutating func terms(
    for port: PortName, _ list: OneOf<Peer>, in namespace: String?, _ store: DiagramStore
  ) -> [TermKey] {
    func term(_ number: UInt16, _ addresses: AddressSets.Name) -> TermKey {
      let set = TrafficSet(port.transport.number, PortSet(Interval(number)))
      return TermKey(addresses: addresses, traffic: store.intern(set).index)
    }
    switch list {
    case .everything:
      return peers.pods(in: nil, with: port, of: cluster).map { term($0.number, $0.addresses) }
    case .anyOf(let entries):
      return entries.flatMap { peer -> [TermKey] in
        switch peer.kind {
        case .ipBlock(let block):
          return peers.pods(in: block, with: port, of: cluster).map { term($0.number, $0.addresses) }
        case .pods(let scope, let selector):
          var byNumber: [UInt16: [Int32]] = [:]
          for group in groups.matching(.init(scope, selector, own: namespace)) {
            if let number = groups.groups[Int(group)].numbers[port] {
              byNumber[number, default: []].append(group)
            }
          }
          return byNumber.sorted { $0.key < $1.key }.map { number, members in
            term(number, peers.addresses(of: members, in: &groups, of: cluster))
          }
        }
      }
    }
  }
}

extension PodGroups.Selection {
  /// `podSelector` alone: the policy's own namespace; with `namespaceSelector`: both must match.
  init(_ scope: NamespaceScope, _ podSelector: LabelSelector, own namespace: String?) {
    switch scope {
    case .own:
      // No namespace has the empty name.
      self.init(namespace: namespace ?? "", namespaceSelector: nil, podSelector: podSelector)
    case .matching(let selector):
      self.init(namespace: nil, namespaceSelector: selector, podSelector: podSelector)
    }
  }
}
