public import PolicyModel

/// One small edit of policies, or of labels, that can be tried on a cluster.
public enum ModelEdit: Sendable, Hashable {
  /// Which rule of which policy.
  public struct Place: Sendable, Hashable {
    /// The policy.
    public let policy: NetworkPolicy.ID
    /// `ingress` or `egress`.
    public let direction: Direction
    /// The rule's place in it.
    public let rule: Int
    /// Where it was written.
    public let origin: Origin
  }

  /// A further entry of `from` or `to`.
  case addPeer(Place, Peer)
  /// A further entry of `ports`.
  case addPort(Place, PolicyPort)
  /// A further rule of a policy.
  case addRule(NetworkPolicy.ID, Direction, PolicyRule)
  /// A further policy.
  case addPolicy(NetworkPolicy)
  /// A pod's label; nil takes it away.
  case label(pod: Int, key: String, value: String?)
  /// A namespace's label; nil takes it away.
  case labelNamespace(String, key: String, value: String?)

  /// The cluster with this edit; pods keep their places.
  public func applied(to cluster: Cluster) -> Cluster {
    var (policies, namespaces, pods) = (cluster.policies, cluster.namespaces, cluster.pods)
    switch self {
    case .addPeer(let place, let peer):
      Self.edit(&policies, place.policy, place.direction) { rules in
        let rule = rules[place.rule]
        rules[place.rule] = PolicyRule(
          peers: .anyOf(rule.peers.entries + [peer]), ports: rule.ports, origin: rule.origin)
      }
    case .addPort(let place, let port):
      Self.edit(&policies, place.policy, place.direction) { rules in
        let rule = rules[place.rule]
        rules[place.rule] = PolicyRule(
          peers: rule.peers, ports: .anyOf(rule.ports.entries + [port]), origin: rule.origin)
      }
    case .addRule(let policy, let direction, let rule):
      Self.edit(&policies, policy, direction) { $0.append(rule) }
    case .addPolicy(let policy):
      policies.append(policy)
    case .label(let pod, let key, let value):
      pods[pod].labels = Self.labels(pods[pod].labels, key, value)
    case .labelNamespace(let name, let key, let value):
      namespaces[name] = Self.labels(cluster.labels(ofNamespace: name), key, value)
    }
    return Cluster(
      policies: policies, namespaces: namespaces, pods: pods, nodes: cluster.nodes, omitted: cluster.omitted)
  }

  static func labels(_ labels: Labels, _ key: String, _ value: String?) -> Labels {
    value.map { labels.setting(key, to: $0) } ?? Labels(labels.pairs.filter { $0.key != key })
  }

  private static func edit(
    _ policies: inout [NetworkPolicy], _ id: NetworkPolicy.ID, _ direction: Direction,
    _ change: (inout [PolicyRule]) -> Void
  ) {
    guard let index = policies.firstIndex(where: { $0.id == id }) else { return }
    let policy = policies[index]
    var (ingress, egress) = (policy.ingress, policy.egress)
    if direction == .ingress { change(&ingress) } else { change(&egress) }
    policies[index] = NetworkPolicy(
      id: id, podSelector: policy.podSelector, policyTypes: Array(policy.isolates), ingress: ingress,
      egress: egress, annotations: policy.annotations, origin: policy.origin, origins: policy.origins)
  }

  /// Where something is to be written; nil for what is new, and for labels.
  public var origin: Origin? {
    switch self {
    case .addPeer(let place, _), .addPort(let place, _): place.origin
    default: nil
    }
  }
}
