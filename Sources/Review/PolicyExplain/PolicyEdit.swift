public import Addresses
public import KubernetesManifests
public import PolicyModel
import PolicyTrace

/// One small edit of policies, or of labels, that can be tried on a cluster.
public enum PolicyEdit: Sendable, Hashable {
  /// The place of a rule: its policy, direction and index.
  public struct Place: Sendable, Hashable {
    /// The policy's namespace and name.
    public let policy: PolicyID
    /// `ingress` or `egress`.
    public let direction: Direction
    /// The rule's place in it.
    public let rule: Int
    /// Where it was written, or the entry that the edit is of.
    public let origin: Origin
  }

  /// A further entry of `from` or `to`.
  case addPeer(Place, Peer)
  /// A further entry of `ports`.
  case addPort(Place, PolicyPort)
  /// A block less in the `except` of an entry of `from` or `to`.
  case removeExcept(Place, entry: Int, CIDR)
  /// A block of an `except` without one address: the blocks around that instead.
  case narrowExcept(Place, entry: Int, CIDR, IPAddress)
  /// A further rule of a policy.
  case addRule(PolicyID, Direction, PolicyRule)
  /// Another list of `policyTypes`.
  case setPolicyTypes(NetworkPolicy, Set<Direction>)
  /// A further policy.
  case addPolicy(NetworkPolicy)
  /// A pod's label; nil takes it away.
  case label(pod: Int, key: String, value: String?)
  /// A namespace's label; nil takes it away.
  case labelNamespace(String, key: String, value: String?)
  /// The number behind a port name of a pod, whether it has the name already or not.
  case namePort(pod: Int, NamedPort)

  /// The cluster with this edit; pods keep their places.
  public func applied(to cluster: Cluster) -> Cluster {
    var (policies, namespaces, pods) = (cluster.policies, cluster.namespaces, cluster.pods)
    switch self {
    case .addPeer(let place, let peer):
      Self.edit(&policies, place) { rule in
        PolicyRule(
          rule.action, name: rule.name, peers: .anyOf(rule.peers.entries + [peer]), ports: rule.ports,
          origin: rule.origin)
      }
    case .addPort(let place, let port):
      Self.edit(&policies, place) { rule in
        PolicyRule(
          rule.action, name: rule.name, peers: rule.peers, ports: .anyOf(rule.ports.entries + [port]),
          origin: rule.origin)
      }
    case .removeExcept(let place, let entry, let except):
      Self.edit(&policies, place) { Self.rule($0, entry, except, []) }
    case .narrowExcept(let place, let entry, let except, let address):
      Self.edit(&policies, place) { Self.rule($0, entry, except, Self.blocks(except, without: address)) }
    case .addRule(let policy, let direction, let rule):
      Self.edit(&policies, policy) { ingress, egress in
        if direction == .ingress { ingress?.append(rule) } else { egress?.append(rule) }
      }
    case .setPolicyTypes(let policy, let types):
      Self.edit(&policies, policy.id) { ingress, egress in
        // Rules of a direction that is new were written already, and meant nothing.
        ingress = types.contains(.ingress) ? ingress ?? policy.ingress : nil
        egress = types.contains(.egress) ? egress ?? policy.egress : nil
      }
    case .addPolicy(let policy):
      policies.append(policy.policy)
    case .label(let pod, let key, let value):
      pods[pod].labels = Self.labels(pods[pod].labels, key, value)
    case .labelNamespace(let name, let key, let value):
      namespaces[name] = Self.labels(cluster.labels(ofNamespace: name), key, value)
    case .namePort(let pod, let port):
      pods[pod].namedPorts =
        [port] + pods[pod].namedPorts.filter { $0.name != port.name || $0.transport != port.transport }
    }
    return cluster.with(policies: policies, namespaces: namespaces, pods: pods)
  }

  static func labels(_ labels: Labels, _ key: String, _ value: String?) -> Labels {
    value.map { labels.setting(key, to: $0) } ?? Labels(labels.pairs.filter { $0.key != key })
  }

  /// The blocks that are all of one but an address, ascending.
  static func blocks(_ block: CIDR, without address: IPAddress) -> [CIDR] {
    IntervalSet(block.interval).subtracting(IntervalSet(Interval(address.bits))).intervals
      .flatMap { CIDR.covering($0, family: block.family) }
  }

  /// A rule with other blocks for one of an entry's `except`.
  private static func rule(_ rule: PolicyRule, _ entry: Int, _ except: CIDR, _ blocks: [CIDR]) -> PolicyRule {
    var peers = rule.peers.entries
    guard peers.indices.contains(entry), case .ipBlock(let block) = peers[entry].kind else { return rule }
    let rest = block.except.filter { $0 != except } + blocks
    peers[entry] = Peer(.ipBlock(IPBlock(block.cidr, except: rest)), origin: peers[entry].origin)
    return PolicyRule(
      rule.action, name: rule.name, peers: .anyOf(peers), ports: rule.ports, origin: rule.origin)
  }

  private static func edit(
    _ policies: inout [Policy], _ place: Place, _ change: (PolicyRule) -> PolicyRule
  ) {
    func changed(_ rules: [PolicyRule]?) -> [PolicyRule]? {
      rules?.enumerated().map { $0 == place.rule ? change($1) : $1 }
    }
    edit(&policies, place.policy) { ingress, egress in
      if place.direction == .ingress { ingress = changed(ingress) } else { egress = changed(egress) }
    }
  }

  private static func edit(
    _ policies: inout [Policy], _ id: PolicyID,
    _ change: (inout [PolicyRule]?, inout [PolicyRule]?) -> Void
  ) {
    guard let index = policies.firstIndex(where: { $0.id == id }) else { return }
    let policy = policies[index]
    var (ingress, egress) = (policy.ingress, policy.egress)
    change(&ingress, &egress)
    policies[index] = Policy(
      id: id, tier: policy.tier, priority: policy.priority, subjects: policy.subjects, ingress: ingress,
      egress: egress, subjectsOrigin: policy.subjectsOrigin, origin: policy.origin)
  }

  /// Where something is to be written; nil for what is new, and for labels.
  public var origin: Origin? {
    switch self {
    case .addPeer(let place, _), .addPort(let place, _), .removeExcept(let place, _, _),
      .narrowExcept(let place, _, _, _):
      place.origin
    default: nil
    }
  }
}
