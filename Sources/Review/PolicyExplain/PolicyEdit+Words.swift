import Addresses
import KubernetesManifests
import PolicyModel
import PolicyTrace
import Reachability
import Wording

extension PolicyEdit {
  /// The text to write and its place, in words of the manifests.
  func words(in cluster: Cluster) -> String {
    func set(_ key: String, _ value: String?, _ had: String?, _ owner: String) -> String {
      guard let value else { return "remove label \(key) from \(owner)" }
      return had.map { "change label \(key)=\($0) of \(owner) to \(key)=\(value)" }
        ?? "add label \(key)=\(value) to \(owner)"
    }
    switch self {
    case .addPeer(let place, let peer):
      return
        "add \(Self.words(peer, place.policy.namespace ?? "")) to \(place.origin.field).\(Self.list(place.direction)) of \(place.policy) (\(place.origin.location))"
    case .addPort(let place, let port):
      return
        "add \(port.words) to \(place.origin.field).ports of \(place.policy) (\(place.origin.location))"
    case .removeExcept(let place, _, let except):
      return
        "remove except \(except) from \(place.origin.field) of \(place.policy) (\(place.origin.location))"
    case .narrowExcept(let place, _, let except, let address):
      let blocks = Self.blocks(except, without: address)
      let words =
        blocks.count > 8
        ? "\(blocks.count) blocks around it" : Counting.first(8, of: blocks.map(\.description))
      return
        "take \(address) out of except \(except) of \(place.origin.field) of \(place.policy) (\(place.origin.location)): except \(words) instead"
    case .setPolicyTypes(let policy, let types):
      let place = (policy.origins["spec.policyTypes"] ?? policy.origin).location
      let list = Direction.allCases.filter(types.contains).map(\.rawValue).joined(separator: ", ")
      return "set spec.policyTypes of \(policy.id) (\(place)) to [\(list)]"
    case .namePort(let pod, let port):
      let (name, number) = ("\(port.transport.rawValue) port \"\(port.name)\"", port.number)
      let had = cluster.pods[pod].number(ofPort: port.name, port.transport)
      return had.map { "change \(name) of \(cluster.pods[pod].endpointName) from \($0) to \(number)" }
        ?? "name container port \(port.transport.rawValue) \(number) of \(cluster.pods[pod].endpointName) \"\(port.name)\""
    case .addRule(let policy, let direction, let rule):
      return
        "add a rule to spec.\(direction.rawValue.lowercased()) of \(policy): \(Self.words(rule, direction, policy.namespace ?? ""))"
    case .addPolicy(let policy):
      let direction: Direction = policy.isolates.contains(.ingress) ? .ingress : .egress
      let rules = policy.effectiveRules(direction).map { Self.words($0, direction, policy.namespace) }
      return
        "add a policy to namespace \(policy.namespace) for pods \(policy.podSelector), \(direction.rawValue.lowercased()): \(rules.joined(separator: "; "))"
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
