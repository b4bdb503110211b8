import PolicyModel
import Reachability

extension ModelEdit {
  /// What to write where, in words of the manifests.
  func words(in cluster: Cluster) -> String {
    func set(_ key: String, _ value: String?, _ had: String?, _ owner: String) -> String {
      guard let value else { return "remove label \(key) from \(owner)" }
      return had.map { "change label \(key)=\($0) of \(owner) to \(key)=\(value)" }
        ?? "add label \(key)=\(value) to \(owner)"
    }
    switch self {
    case .addPeer(let place, let peer):
      return
        "add \(Self.words(peer, place.policy.namespace)) to \(place.origin.field).\(Self.list(place.direction)) of \(place.policy) (\(place.origin.location))"
    case .addPort(let place, let port):
      return
        "add \(port.words) to \(place.origin.field).ports of \(place.policy) (\(place.origin.location))"
    case .addRule(let policy, let direction, let rule):
      return
        "add a rule to spec.\(direction.rawValue.lowercased()) of \(policy): \(Self.words(rule, direction, policy.namespace))"
    case .addPolicy(let policy):
      let direction: Direction = policy.isolates.contains(.ingress) ? .ingress : .egress
      let rules = policy.effectiveRules(direction).map { Self.words($0, direction, policy.id.namespace) }
      return
        "add a policy to namespace \(policy.id.namespace) for pods \(policy.podSelector), \(direction.rawValue.lowercased()): \(rules.joined(separator: "; "))"
    case .label(let pod, let key, let value):
      return set(key, value, cluster.pods[pod].labels[key], cluster.pods[pod].endpointName)
    case .labelNamespace(let name, let key, let value):
      return set(key, value, cluster.labels(ofNamespace: name)[key], "namespace \(name)")
    }
  }

  private static func list(_ direction: Direction) -> String { direction == .ingress ? "from" : "to" }

  private static func words(_ peer: Peer, _ namespace: String) -> String {
    switch peer.kind {
    case .ipBlock(let block): return "ipBlock \(block.cidr)"
    case .pods(.own, let selector): return "pods \(selector) of namespace \(namespace)"
    case .pods(.matching(let namespaces), let selector): return "pods \(selector) of namespaces \(namespaces)"
    }
  }

  private static func words(_ rule: PolicyRule, _ direction: Direction, _ namespace: String) -> String {
    let peers = rule.peers.entries.map { words($0, namespace) }.joined(separator: ", ")
    let ports = rule.ports.entries.map(\.words).joined(separator: ", ")
    return "\(list(direction)) \(peers), \(ports.isEmpty ? "all traffic" : ports)"
  }
}
