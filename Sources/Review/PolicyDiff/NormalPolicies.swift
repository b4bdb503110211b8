import PolicyModel

/// The content of policies without their names, their order, and the way rules are grouped: equal ones treat every pod alike.
///
/// Policies of a tier that only accepts are unions, so the pairs of a peer and a port are all that counts. The contrary does
/// not hold: unequal ones may still mean the same.
struct NormalPolicies: Hashable {
  /// The selected pods and a direction.
  private struct Subject: Hashable {
    let namespace: String?
    let pods: PodSet
    let direction: Direction
  }

  /// One peer and one port; nil is every one.
  private struct Part: Hashable {
    let peer: Peer.Kind?
    let transport: TransportProtocol?
    let ports: PolicyPort.Ports?
  }

  private var parts: [Subject: Set<Part>] = [:]

  /// The content of policies; nil where their order matters. O(peers times ports of each rule).
  private init?(_ policies: [Policy]) {
    for policy in policies {
      guard policy.tier == .networkPolicy else { return nil }
      for direction in policy.directions {
        let rules = policy.rules(direction) ?? []
        guard rules.allSatisfy({ $0.action == .accept }) else { return nil }
        let subject = Subject(namespace: policy.id.namespace, pods: policy.subjects, direction: direction)
        parts[subject, default: []].formUnion(rules.flatMap(Self.parts))
      }
    }
  }

  /// True where two lists of policies certainly treat every pod alike.
  static func areEqual(_ old: [Policy], _ new: [Policy]) -> Bool {
    if old.isEmpty, new.isEmpty { return true }
    guard let old = NormalPolicies(old), let new = NormalPolicies(new) else { return false }
    return old == new
  }

  private static func parts(_ rule: PolicyRule) -> [Part] {
    let peers: [Peer.Kind?] = rule.peers == .everything ? [nil] : rule.peers.entries.map(\.kind)
    let ports: [PolicyPort?] = rule.ports == .everything ? [nil] : rule.ports.entries
    return peers.flatMap { peer in
      ports.map { Part(peer: peer, transport: $0?.transport, ports: $0?.ports) }
    }
  }
}
