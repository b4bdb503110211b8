public import PolicyModel

/// The reason why one entry of `from`, `to` or `ports` matches or does not.
public struct EntryTrace: Sendable, Hashable {
  /// Where it was written.
  public let origin: Origin
  /// A short description of the entry's condition.
  public let asks: String
  /// True where the packet meets it.
  public let matches: Bool
  /// The reason in words: the condition of the entry, and the value of the packet.
  public let reason: String
}

/// The reason why one rule allows a packet or does not.
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

  /// True where a peer matches.
  public var peerMatches: Bool { peers.isEmpty || peers.contains(where: \.matches) }
  /// True where a port matches.
  public var portMatches: Bool { ports.isEmpty || ports.contains(where: \.matches) }
  /// True where the rule matches the packet.
  public var matches: Bool { peerMatches && portMatches }
  /// True where the rule accepts the packet, where no rule before it decides.
  public var allows: Bool { matches && action == .accept }

  /// The most telling place of what allows: the matching peer, else the matching port, else the rule.
  public var cause: Origin {
    peers.first(where: \.matches)?.origin ?? ports.first(where: \.matches)?.origin ?? origin
  }
}

/// The verdict of one policy that selects a pod, about a packet.
public struct PolicyTrace: Sendable, Hashable {
  /// The policy's namespace and name.
  public let policy: PolicyID
  /// The tier of its rules.
  public let tier: TierKind
  /// Where it was written.
  public let origin: Origin
  /// Its rules of the direction.
  public let rules: [RuleTrace]
  /// True where a rule allows the packet.
  public var allows: Bool { rules.contains(where: \.allows) }
}

/// The verdict about a packet in one direction of one pod, with its causes.
public struct DirectionTrace: Sendable, Hashable {
  /// Seen from the pod.
  public let direction: Direction
  /// The pod, as `namespace/name` or `namespace/Kind/name`.
  public let pod: String
  /// Every policy that selects the pod in this direction, in the order in which they are asked. None: it is open.
  public let policies: [PolicyTrace]
  /// True where nothing selects the pod in this direction.
  public var isOpen: Bool { policies.isEmpty }
  /// True where this direction lets the packet pass.
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
