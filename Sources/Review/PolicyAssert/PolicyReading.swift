import Addresses
import PolicyModel
import PolicyTrace
import Reachability

/// The traffic that policies allow between two ends that are in no diagram, by the walk of policies.
struct PolicyReading {
  private let byNamespace: PoliciesByNamespace

  init(_ cluster: Cluster) { byNamespace = PoliciesByNamespace(cluster) }

  /// The policies that may select pods of a namespace with these labels in a direction, in the order in which they are
  /// asked.
  func policies(of namespace: String, _ labels: Labels, _ direction: Direction) -> [Policy] {
    byNamespace.of(namespace, labels, direction)
  }

  /// The policies that select a pod with these labels in a namespace with those.
  func policies(
    selecting labels: Labels, in namespace: String, _ namespaceLabels: Labels, _ direction: Direction
  ) -> [Policy] {
    byNamespace.selecting(namespace, namespaceLabels, labels, direction)
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
    let end = PolicyEnd(address: address, pod: peer.pod, namespaceLabels: peer.namespaceLabels)
    return PolicyWalk(
      subject.policies.map { policy in
        PolicyWalk<TrafficSet>.Step(
          policy.tier,
          (policy.rules(direction) ?? []).map { rule in
            (
              action: rule.action,
              matched: rule.selects(end, of: policy.id) ? rule.traffic(to: destination) : .nothing
            )
          })
      }
    ).allowed
  }
}
