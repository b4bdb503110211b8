import Addresses

/// An entry of `to` that means nodes (`nodes` of ClusterNetworkPolicy): the addresses of those that a selector matches.
public struct NodePeer: Sendable, Hashable {
  /// The selector of the nodes' labels; `{}` is all of them.
  public let selector: LabelSelector
  /// The place where it was written.
  public let origin: Origin

  /// Creates an entry.
  public init(_ selector: LabelSelector, origin: Origin) {
    self.selector = selector
    self.origin = origin
  }

  /// The entries that it stands for among some nodes: a block for each address, in the order of the nodes. One that
  /// matches no pod where there is no address: a list without entries would mean everything.
  public func peers(among nodes: [Node]) -> [Peer] {
    var addresses: [IPAddress] = []
    for node in nodes where selector.matches(node.labels) {
      for address in node.addresses where !addresses.contains(address) { addresses.append(address) }
    }
    if addresses.isEmpty { return [Peer(.nothing, origin: origin, nodes: selector)] }
    return addresses.map { address in
      let block = CIDR(address, prefixLength: address.family.bitWidth)
      return Peer(.ipBlock(IPBlock(block)), origin: origin, nodes: selector)
    }
  }
}

extension Peer.Kind {
  /// An entry that matches nothing: no label has one of no values.
  public static let nothing = Peer.Kind.pods(
    .matching(LabelSelector([.init(Namespace.nameLabel, .isIn)])), LabelSelector())
}

extension PolicyRule {
  /// The rule with the addresses of its nodes among its peers, and none that an earlier cluster put there.
  func resolvingNodes(_ nodes: [Node]) -> PolicyRule {
    if self.nodes.isEmpty { return self }
    let written = peers.entries.filter { $0.nodes == nil }
    return PolicyRule(
      action, name: name, peers: .anyOf(written + self.nodes.flatMap { $0.peers(among: nodes) }),
      ports: ports,
      nodes: self.nodes, origin: origin)
  }
}

extension Policy {
  /// True where a rule has nodes for other ends.
  public var hasNodePeers: Bool {
    id.kind != .networkPolicy
      && Direction.allCases.contains { (rules($0) ?? []).contains { !$0.nodes.isEmpty } }
  }

  /// The policy with the addresses of nodes among the peers of its rules. O(rules), times nodes where a rule has nodes.
  func resolvingNodes(_ nodes: [Node]) -> Policy {
    if !hasNodePeers { return self }
    return Policy(
      id: id, tier: tier, priority: priority, subjects: subjects,
      ingress: ingress?.map { $0.resolvingNodes(nodes) }, egress: egress?.map { $0.resolvingNodes(nodes) },
      subjectsOrigin: subjectsOrigin, origin: origin)
  }
}

extension Collection<Policy> {
  /// The policies with the addresses of nodes among the peers of their rules.
  func resolvingNodes(_ nodes: [Node]) -> [Policy] {
    contains(where: \.hasNodePeers) ? map { $0.resolvingNodes(nodes) } : Array(self)
  }
}
