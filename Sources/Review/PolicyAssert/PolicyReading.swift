import Addresses
import PolicyModel
import PolicyTrace
import Reachability

/// The traffic that policies allow between two ends, read rule by rule: for ends that are in no diagram.
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

  /// The traffic allowed from one end to the other.
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
