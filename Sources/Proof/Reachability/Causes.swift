public import Addresses
public import PolicyModel

/// The rules that allow one packet, or the policies that deny it, in one direction of one pod.
public struct Causes: Sendable, Hashable {
  /// A rule that matches the packet.
  public struct Match: Sendable, Hashable {
    /// The policy, as an index of `Cluster.policies`.
    public let policy: Int
    /// The rule's place among the policy's rules of the direction.
    public let rule: Int
    /// The effect of the rule.
    public let action: RuleAction
    /// The place where the rule was written.
    public let ruleOrigin: Origin
    /// The entry of `from` or `to`; nil when the rule has none and takes every peer.
    public let peer: Peer?
    /// The entry of `ports`; nil when the rule has none and takes all traffic.
    public let port: PolicyPort?
  }

  /// The direction that was judged.
  public let direction: Direction
  /// The policies that select the pod in this direction, as ascending indices of `Cluster.policies`. None: the pod is
  /// open.
  public let selecting: [Int]
  /// The entries that decide, in the order of policies, rules, peers, ports: of a tier that only accepts every entry that
  /// matches the packet, of any other those of the first rule that does. Empty where the default of a tier denies, or no
  /// tier decides.
  public let deciding: [Match]
  /// True where this direction lets the packet pass.
  public let allows: Bool

  /// The entries that allow the packet.
  public var allowing: [Match] { allows ? deciding : [] }
}

extension Specification {
  /// The causes for a packet in one direction of a pod, read from the policies again and not from diagrams.
  /// O(policies of the cluster).
  ///
  /// - Parameters:
  ///   - pod: the subject, as an index of `Cluster.pods`.
  ///   - direction: seen from the subject.
  ///   - peer: the other end's address, a pod's or not.
  ///   - transport: the protocol's number.
  ///   - port: the destination port; of no meaning for a protocol without ports.
  /// - Returns: the policies that select the pod, and the rules that decide.
  public func causes(
    ofPod pod: Int, _ direction: Direction, peer: IPAddress, transport: UInt8, port: UInt16
  ) -> Causes {
    let packet = PacketMatch(
      cluster: cluster, direction: direction, subject: cluster.pods[pod], peer: peer,
      peerPod: self.pod(at: peer).map { cluster.pods[$0] }, transport: transport, port: port)
    let isSubject = classIndex(ofPod: pod) != nil
    let selecting =
      isSubject ? cluster.policies.indices.filter { packet.isSelected(by: cluster.policies[$0]) } : []
    func causes(_ deciding: [Causes.Match], _ allows: Bool) -> Causes {
      Causes(direction: direction, selecting: selecting, deciding: deciding, allows: allows)
    }
    let ofTiers = Dictionary(grouping: selecting) { cluster.policies[$0].tier }
    for (tier, policies) in ofTiers.sorted(by: { $0.key < $1.key }) {
      // `Cluster.policies` ascends by name, and sorting keeps the order of what is alike.
      let ordered = policies.enumerated().sorted {
        (cluster.policies[$0.element].priority, $0.offset) < (
          cluster.policies[$1.element].priority, $1.offset
        )
      }.map(\.element)
      let isAdditive = ordered.allSatisfy { index in
        (cluster.policies[index].rules(direction) ?? []).allSatisfy { $0.action == .accept }
      }
      let matching = ordered.lazy.flatMap { packet.matches(of: $0) }
      guard let first = matching.first else {
        if tier.selectedDefault == .deny { return causes([], false) }
        continue
      }
      if first.action == .pass { continue }
      let deciding = matching.filter {
        isAdditive || $0.policy == first.policy && $0.rule == first.rule
      }
      return causes(Array(deciding), first.action == .accept)
    }
    return causes([], true)
  }
}

/// One packet, seen from the pod at one end.
private struct PacketMatch {
  let cluster: Cluster
  let direction: Direction
  let subject: Pod
  let peer: IPAddress
  let peerPod: Pod?
  let transport: UInt8
  let port: UInt16

  private var destination: Pod? { direction == .ingress ? subject : peerPod }

  func isSelected(by policy: Policy) -> Bool {
    policy.rules(direction) != nil
      && contains(subject, policy.subjects.namespaces, policy.subjects.pods, policy)
  }

  /// The entries of a policy that match, in order.
  func matches(of index: Int) -> [Causes.Match] {
    let policy = cluster.policies[index]
    return (policy.rules(direction) ?? []).enumerated().flatMap { number, rule -> [Causes.Match] in
      let peers: [Peer?] =
        rule.peers == .everything ? [nil] : rule.peers.entries.filter { matches($0, policy) }
      let ports: [PolicyPort?] =
        rule.ports == .everything ? [nil] : rule.ports.entries.filter { matches($0) }
      return peers.flatMap { peer in
        ports.map { port in
          Causes.Match(
            policy: index, rule: number, action: rule.action, ruleOrigin: rule.origin, peer: peer, port: port)
        }
      }
    }
  }

  private func contains(
    _ pod: Pod, _ namespaces: NamespaceScope, _ selector: LabelSelector, _ policy: Policy
  ) -> Bool {
    guard selector.matches(pod.labels) else { return false }
    return switch namespaces {
    case .own: pod.namespace == policy.id.namespace
    case .matching(let namespaces): namespaces.matches(cluster.labels(ofNamespace: pod.namespace))
    }
  }

  private func matches(_ entry: Peer, _ policy: Policy) -> Bool {
    switch entry.kind {
    case .ipBlock(let block): block.cidr.contains(peer) && !block.except.contains { $0.contains(peer) }
    case .pods(let namespaces, let selector):
      peerPod.map { contains($0, namespaces, selector, policy) } ?? false
    }
  }

  private func matches(_ entry: PolicyPort) -> Bool {
    guard entry.transport.number == transport else { return false }
    return switch entry.ports {
    case .all: true
    case .range(let range): range.contains(port)
    case .named(let name): destination?.number(ofPort: name, entry.transport) == port
    }
  }
}
