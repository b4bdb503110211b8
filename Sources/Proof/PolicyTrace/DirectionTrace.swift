public import PolicyModel

/// Why one entry of `from`, `to` or `ports` matches, or does not.
public struct EntryTrace: Sendable, Hashable {
  /// Where it was written.
  public let origin: Origin
  /// What it asks for, in short.
  public let asks: String
  /// Whether the packet meets it.
  public let matches: Bool
  /// Why, in words: what the entry wants, and what the packet has.
  public let reason: String
}

/// Why one rule allows a packet, or does not.
public struct RuleTrace: Sendable, Hashable {
  /// The rule's place in `ingress` or `egress`.
  public let index: Int
  /// The effect on traffic that it matches.
  public let action: RuleAction
  /// Where it was written.
  public let origin: Origin
  /// The entries of `from` or `to`; none: every peer.
  public let peers: [EntryTrace]
  /// The entries of `ports`; none: all traffic.
  public let ports: [EntryTrace]

  /// Whether a peer matches.
  public var peerMatches: Bool { peers.isEmpty || peers.contains(where: \.matches) }
  /// Whether a port matches.
  public var portMatches: Bool { ports.isEmpty || ports.contains(where: \.matches) }
  /// Whether the rule matches the packet.
  public var matches: Bool { peerMatches && portMatches }
  /// Whether the rule accepts the packet, where no rule before it decides.
  public var allows: Bool { matches && action == .accept }

  /// The most telling place of what allows: the matching peer, else the matching port, else the rule.
  public var cause: Origin {
    peers.first(where: \.matches)?.origin ?? ports.first(where: \.matches)?.origin ?? origin
  }
}

/// What one policy that selects a pod says about a packet.
public struct PolicyTrace: Sendable, Hashable {
  /// The policy.
  public let policy: PolicyID
  /// The tier of its rules.
  public let tier: TierKind
  /// Where it was written.
  public let origin: Origin
  /// Its rules of the direction.
  public let rules: [RuleTrace]
  /// Whether a rule allows the packet.
  public var allows: Bool { rules.contains(where: \.allows) }
}

/// What becomes of a packet in one direction of one pod, and why.
public struct DirectionTrace: Sendable, Hashable {
  /// Seen from the pod.
  public let direction: Direction
  /// The pod, as `namespace/name` or `namespace/Kind/name`.
  public let pod: String
  /// Every policy that selects the pod in this direction, in the order in which they are asked. None: it is open.
  public let policies: [PolicyTrace]
  /// Whether nothing selects the pod in this direction.
  public var isOpen: Bool { policies.isEmpty }
  /// Whether this direction lets the packet pass.
  public var allows: Bool {
    var rest = policies[...]
    while let tier = rest.first?.tier {
      let own = rest.prefix { $0.tier == tier }
      rest = rest.dropFirst(own.count)
      switch own.lazy.flatMap(\.rules).first(where: \.matches)?.action {
      case .accept: return true
      case .deny: return false
      case .pass: continue
      case nil: if tier.selectedDefault == .deny { return false }
      }
    }
    return true
  }
}
