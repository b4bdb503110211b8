public import Addresses
public import PolicyModel

/// Why one packet is allowed, or what denies it, in one direction of one pod.
public struct Causes: Sendable, Hashable {
  /// A rule that matches the packet.
  public struct Match: Sendable, Hashable {
    /// The policy, as an index of `Cluster.policies`.
    public let policy: Int
    /// The rule's place in `ingress` or `egress`.
    public let rule: Int
    /// The rule.
    public let ruleOrigin: Origin
    /// The entry of `from` or `to`; nil when the rule has none and takes every peer.
    public let peer: Peer?
    /// The entry of `ports`; nil when the rule has none and takes all traffic.
    public let port: PolicyPort?
  }

  /// The direction.
  public let direction: Direction
  /// The policies that select the pod and isolate it in this direction, as indices of `Cluster.policies`. None: the
  /// pod is open.
  public let selecting: [Int]
  /// Every rule entry that allows the packet, in the order of policies, rules, peers, ports.
  public let allowing: [Match]

  /// Whether this direction lets the packet pass.
  public var allows: Bool { selecting.isEmpty || !allowing.isEmpty }
}

extension Specification {
  /// Why a packet is allowed or denied in one direction of a pod, read from the policies again and not from diagrams.
  /// O(policies of the cluster).
  ///
  /// - Parameters:
  ///   - pod: the subject, as an index of `Cluster.pods`.
  ///   - direction: seen from the subject.
  ///   - peer: the other end's address, a pod's or not.
  ///   - transport: the protocol's number.
  ///   - port: the destination port; of no meaning for a protocol without ports.
  /// - Returns: the policies that isolate the pod, and the rules that allow the packet.
  public func causes(
    ofPod pod: Int, _ direction: Direction, peer: IPAddress, transport: UInt8, port: UInt16
  ) -> Causes {
    guard classIndex(ofPod: pod) != nil else {
      return Causes(direction: direction, selecting: [], allowing: [])
    }
    let subject = cluster.pods[pod]
    let peerPod = self.pod(at: peer).map { cluster.pods[$0] }
    let destination = direction == .ingress ? subject : peerPod
    var selecting: [Int] = []
    var allowing: [Causes.Match] = []
    for (index, policy) in cluster.policies.enumerated() {
      guard policy.id.namespace == subject.namespace, policy.isolates.contains(direction),
        policy.podSelector.matches(subject.labels)
      else { continue }
      selecting.append(index)
      for (number, rule) in policy.effectiveRules(direction).enumerated() {
        let peers: [Peer?] =
          rule.peers == .everything
          ? [nil] : rule.peers.entries.filter { matches($0, peer, peerPod, policy) }
        let ports: [PolicyPort?] =
          rule.ports == .everything
          ? [nil] : rule.ports.entries.filter { matches($0, transport, port, destination) }
        for peer in peers {
          for port in ports {
            allowing.append(
              Causes.Match(
                policy: index, rule: number, ruleOrigin: rule.origin, peer: peer, port: port))
          }
        }
      }
    }
    return Causes(direction: direction, selecting: selecting, allowing: allowing)
  }

  private func matches(_ entry: Peer, _ address: IPAddress, _ pod: Pod?, _ policy: NetworkPolicy) -> Bool {
    switch entry.kind {
    case .ipBlock(let block):
      return block.cidr.contains(address) && !block.except.contains { $0.contains(address) }
    case .pods(let scope, let selector):
      guard let pod, selector.matches(pod.labels) else { return false }
      return switch scope {
      case .own: pod.namespace == policy.id.namespace
      case .matching(let namespaces): namespaces.matches(cluster.labels(ofNamespace: pod.namespace))
      }
    }
  }

  private func matches(_ entry: PolicyPort, _ transport: UInt8, _ port: UInt16, _ destination: Pod?) -> Bool {
    guard entry.transport.number == transport else { return false }
    return switch entry.ports {
    case .all: true
    case .range(let range): range.contains(port)
    case .named(let name): destination?.number(ofPort: name, entry.transport) == port
    }
  }
}
