/// An effect of a rule on traffic that it matches, in one direction.
public enum RuleAction: String, Sendable, Hashable, CaseIterable {
  /// The direction allows it, and later tiers are not asked.
  case accept
  /// It is refused.
  case deny
  /// The rest of the tier is skipped; the next tier is asked.
  case pass
}

/// A rule of a policy: traffic that matches a peer *and* a port is accepted, denied or passed on.
public struct PolicyRule: Sendable, Hashable {
  /// The effect on traffic that matches.
  public let action: RuleAction
  /// A name that the author gave the rule, for reports; nil where the kind of policy has none, or the rule has not.
  public let name: String?
  /// The other ends, `from` or `to`.
  public let peers: OneOf<Peer>
  /// The protocols and destination ports, `ports`.
  public let ports: OneOf<PolicyPort>
  /// The nodes whose addresses are other ends too. A `Cluster` adds those addresses to `peers`.
  public let nodes: [NodePeer]
  /// The place where it was written.
  public let origin: Origin

  /// A rule; without an action one that accepts.
  public init(
    _ action: RuleAction = .accept, name: String? = nil, peers: OneOf<Peer>, ports: OneOf<PolicyPort>,
    nodes: [NodePeer] = [], origin: Origin
  ) {
    self.nodes = nodes
    self.action = action
    self.name = name
    self.peers = peers
    self.ports = ports
    self.origin = origin
  }
}
