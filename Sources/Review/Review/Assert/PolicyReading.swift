import Addresses
import PolicyModel
import Reachability

/// One end of a connection that may be there already, or not: a pod, or an address that is no pod's.
struct PossibleEnd {
  /// The pod with its addresses; nil outside.
  let pod: Pod?
  /// The labels of its namespace.
  let namespaceLabels: Labels
  /// Its addresses, each asked about for itself.
  let addresses: [IPAddress]
  /// The policies that select it in the direction that the connection goes, in the order in which they are asked.
  let policies: [Policy]
  /// Whether it stands for several pods: then a connection from it to itself is one between two of them.
  var isSeveral = true
  /// What to call it.
  let name: String

  /// Whether both are one pod, and no other that would be like it.
  func isOnly(_ other: PossibleEnd) -> Bool {
    guard let pod, let twin = other.pod, !isSeveral, !other.isSeveral else { return false }
    return pod.name == twin.name && pod.namespace == twin.namespace && pod.kind == twin.kind
  }
}

/// What policies allow between two ends, read rule by rule: for ends that are in no diagram.
struct PolicyReading {
  private let byNamespace: PoliciesByNamespace

  init(_ cluster: Cluster) { byNamespace = PoliciesByNamespace(cluster) }

  /// The policies that may select pods of a namespace with these labels in a direction, in the order in which they are
  /// asked.
  func policies(of namespace: String, _ labels: Labels, _ direction: Direction) -> [Policy] {
    byNamespace.of(namespace, labels, direction)
  }

  /// The policies that select namespaces by their labels, for a direction, with the selectors of these.
  func clusterWide(_ direction: Direction) -> [(policy: Policy, namespaces: LabelSelector)] {
    byNamespace.clusterWide(direction).compactMap { policy in
      if case .matching(let selector) = policy.subjects.namespaces { (policy, selector) } else { nil }
    }
  }

  /// What may go from one end to the other.
  func allowed(_ source: PossibleEnd, _ destination: PossibleEnd, from: IPAddress, to: IPAddress)
    -> TrafficSet
  {
    let sent = allowed(.egress, source, destination, at: to, destination: destination.pod)
    if sent.isEmpty { return sent }
    return sent.intersection(allowed(.ingress, destination, source, at: from, destination: destination.pod))
  }

  private func allowed(
    _ direction: Direction, _ subject: PossibleEnd, _ peer: PossibleEnd, at address: IPAddress,
    destination: Pod?
  ) -> TrafficSet {
    guard subject.pod != nil else { return .everything }
    var (allowed, undecided) = (TrafficSet.nothing, TrafficSet.everything)
    var rest = subject.policies[...]
    while let tier = rest.first?.tier, !undecided.isEmpty {
      let own = rest.prefix { $0.tier == tier }
      rest = rest.dropFirst(own.count)
      var passed = TrafficSet.nothing
      for policy in own {
        for rule in policy.rules(direction) ?? []
        where rule.peers == .everything
          || rule.peers.entries.contains(where: { Self.matches($0, peer, address, policy.id) })
        {
          let matched = undecided.intersection(Self.traffic(rule.ports, destination))
          switch rule.action {
          case .accept: allowed = allowed.union(matched)
          case .deny: break
          case .pass: passed = passed.union(matched)
          }
          undecided = undecided.subtracting(matched)
        }
      }
      undecided = tier.selectedDefault == .deny ? passed : passed.union(undecided)
    }
    return allowed.union(undecided)
  }

  private static func matches(
    _ entry: Peer, _ peer: PossibleEnd, _ address: IPAddress, _ policy: PolicyID
  ) -> Bool {
    switch entry.kind {
    case .ipBlock(let block): return block.contains(address)
    case .pods(let scope, let selector):
      guard let pod = peer.pod, selector.matches(pod.labels) else { return false }
      return switch scope {
      case .own: pod.namespace == policy.namespace
      case .matching(let namespaces): namespaces.matches(peer.namespaceLabels)
      }
    }
  }

  private static func traffic(_ ports: OneOf<PolicyPort>, _ destination: Pod?) -> TrafficSet {
    guard case .anyOf(let entries) = ports else { return .everything }
    return entries.reduce(.nothing) { sum, entry in
      switch entry.ports {
      case .all: return sum.union(TrafficSet(entry.transport.number))
      case .range(let range): return sum.union(TrafficSet(entry.transport.number, PortSet(range)))
      case .named(let name):
        guard let number = destination?.number(ofPort: name, entry.transport) else { return sum }
        return sum.union(TrafficSet(entry.transport.number, PortSet(Interval(number))))
      }
    }
  }
}

extension IPBlock {
  /// Whether an address is in the block and in none of its excepts.
  func contains(_ address: IPAddress) -> Bool {
    cidr.contains(address) && !except.contains { $0.contains(address) }
  }
}

/// Addresses that some blocks tell apart.
struct AddressCells {
  let blocks: [IPBlock]
  let taken: Set<IPAddress>

  /// Which of the blocks an address is in.
  func signature(_ address: IPAddress) -> [Bool] { blocks.map { $0.contains(address) } }

  /// Of every stretch that the blocks treat alike one address that no pod has, ascending.
  func addresses(in ranges: [CIDR]) -> [IPAddress] {
    var result: [IPAddress] = []
    var seen: Set<[Bool]> = []
    for range in ranges {
      let interval = range.interval
      var starts: Set<UInt128> = [interval.lower]
      for cidr in blocks.flatMap({ [$0.cidr] + $0.except }) where cidr.family == range.family {
        starts.insert(cidr.interval.lower)
        if cidr.interval.upper < range.family.maximum { starts.insert(cidr.interval.upper + 1) }
      }
      let ascending = starts.filter(interval.contains).sorted()
      for (place, start) in ascending.enumerated() {
        let end = place + 1 < ascending.count ? ascending[place + 1] - 1 : interval.upper
        var bits = start
        while bits < end, taken.contains(IPAddress(range.family, bits: bits)) { bits += 1 }
        let address = IPAddress(range.family, bits: bits)
        if !taken.contains(address), seen.insert(signature(address) + [range.family == .ipv4]).inserted {
          result.append(address)
        }
      }
    }
    return result
  }
}
