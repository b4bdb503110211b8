public import Addresses
public import PolicyModel
import Reachability

/// Lines of a log about one connection that one chain denied, and the verdict of today's policies.
public struct LoggedDenial: Sendable {
  /// The meaning of a logged chain in a ruleset of these policies.
  public enum Chain: Sendable, Hashable {
    /// A class of pods: the direction, the policies that make it, and its pods as `namespace/name`.
    case pods(Direction, [PolicyID], pods: [String])
    /// The end of several classes with many rules.
    case shared
    /// A rule of ClusterNetworkPolicy.
    case rule(Rule)
    /// Addresses of the node that no pod of the inventory had.
    case unknownPods
    /// Packets whose source was an address that their sender did not have.
    case forgedSources
    /// No ruleset of these policies has it.
    case missing
  }

  /// A rule of ClusterNetworkPolicy that denies.
  public struct Rule: Sendable, Hashable {
    /// The tier of its policy.
    public let tier: TierKind
    /// The policy that has the rule.
    public let policy: PolicyID
    /// The direction of the rule, seen from the policy's pods.
    public let direction: Direction
    /// The place of the rule among those that were written, from 1.
    public let number: Int
    /// The name that its author gave it; nil where it has none.
    public let name: String?

    /// A rule of its parts.
    public init(tier: TierKind, policy: PolicyID, direction: Direction, number: Int, name: String?) {
      self.tier = tier
      self.policy = policy
      self.direction = direction
      self.number = number
      self.name = name
    }
  }

  /// One connection in the log: repeated lines are counted.
  public struct Key: Sendable, Hashable {
    /// True where the packet was only counted, and passed.
    public let isAudit: Bool
    /// The chain's name in the log.
    public let chain: String
    /// True where the packet was a reply; both ends and the port are then those of the connection that it
    /// belongs to.
    public let isReply: Bool
    /// The address that opened the connection.
    public let source: IPAddress
    /// Whom it was meant for.
    public let destination: IPAddress
    /// The protocol's number.
    public let transport: UInt8
    /// The destination port; nil for a protocol without, and where the line has none.
    public let port: UInt16?

    /// The connection that a packet belongs to.
    public init(isAudit: Bool, chain: String, isReply: Bool, _ packet: LoggedPacket) {
      self.isAudit = isAudit
      self.chain = chain
      self.isReply = isReply
      source = isReply ? packet.destination : packet.source
      destination = isReply ? packet.source : packet.destination
      transport = packet.transport
      port = isReply ? packet.sourcePort : packet.destinationPort
    }

    private var order: (IPAddress, IPAddress, UInt8, UInt16, String, Int) {
      (source, destination, transport, port ?? 0, chain, (isAudit ? 1 : 0) + (isReply ? 2 : 0))
    }

    /// By ends, protocol and port, then by chain.
    static func < (left: Key, right: Key) -> Bool { left.order < right.order }
  }

  /// The addresses, protocol and port of the connection.
  public let key: Key
  /// The meaning of its chain.
  public let chain: Chain
  /// The number of log lines about it. A rate limit may have kept others out of the log.
  public let lines: Int
  /// The current verdict of the policies.
  public let answer: Explanation
  /// True where these policies, or the missing pod, deny it as the log says.
  public let isDenied: Bool
  /// Remarks about the line besides the verdict.
  public let remarks: [String]
}
