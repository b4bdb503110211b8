import Addresses

/// The effect of a rule on a packet.
public enum Verdict: Sendable, Hashable {
  /// `accept`: this base chain is done with the packet; other base chains still see it.
  case accept
  /// `drop`: the packet is gone, whatever other chains would say.
  case drop
  /// `continue`: the next rule.
  case `continue`
  /// `return`: back behind the rule that jumped here; in a base chain, the chain's policy.
  case `return`
  /// `jump CHAIN`: to the chain, and back when it ends or returns.
  case jump(String)
  /// `goto CHAIN`: to the chain; when that ends or returns, back to where *this* chain was jumped from.
  case goto(String)

  /// The chain that a jump or a goto names.
  public var target: String? {
    switch self {
    case .jump(let name), .goto(let name): name
    default: nil
    }
  }
}

/// Something of a packet or its connection that a rule can look at.
public enum Field: String, Sendable, Hashable, CaseIterable {
  /// The network protocol: 2 for IPv4, 10 for IPv6.
  case metaNFProto = "meta nfproto"
  /// The transport protocol's number, behind any IPv6 extension headers.
  case metaL4Proto = "meta l4proto"
  /// The packet mark.
  case metaMark = "meta mark"
  /// The interface that the packet came in by.
  case metaIifName = "iifname"
  /// The kind of the interface that the packet came in by, as its driver calls itself: `bridge`, `veth`.
  case metaIifKind = "meta iifkind"
  /// 1 where the kernel's route to the packet's source leads to the interface that it came in by, 0 where it does not.
  case fibSourceRoute = "fib saddr . iif oif"
  /// The interface that the packet goes out by.
  case metaOifName = "oifname"
  /// The connection's state, as bits: invalid 1, established 2, related 4, new 8, untracked 64.
  case ctState = "ct state"
  /// The connection's mark.
  case ctMark = "ct mark"
  /// The packet's direction in its connection: 0 as the first packet, 1 as the replies.
  case ctDirection = "ct direction"
  /// The connection's status, as bits; only *translated destination* (32) is used.
  case ctStatus = "ct status"
  /// The IPv4 source address.
  case ipSaddr = "ip saddr"
  /// The IPv4 destination address.
  case ipDaddr = "ip daddr"
  /// The IPv6 source address.
  case ip6Saddr = "ip6 saddr"
  /// The IPv6 destination address.
  case ip6Daddr = "ip6 daddr"
  /// The IPv6 hop limit: 255 only where no router has passed the packet on.
  case ip6HopLimit = "ip6 hoplimit"
  /// Bytes 0 and 1 behind the network header, whatever the protocol.
  case thSport = "th sport"
  /// Bytes 2 and 3 behind the network header, whatever the protocol.
  case thDport = "th dport"
  /// TCP's source port; implies `meta l4proto tcp`.
  case tcpSport = "tcp sport"
  /// TCP's destination port; implies `meta l4proto tcp`.
  case tcpDport = "tcp dport"
  /// UDP's source port; implies `meta l4proto udp`.
  case udpSport = "udp sport"
  /// UDP's destination port; implies `meta l4proto udp`.
  case udpDport = "udp dport"
  /// SCTP's source port; implies `meta l4proto sctp`.
  case sctpSport = "sctp sport"
  /// SCTP's destination port; implies `meta l4proto sctp`.
  case sctpDport = "sctp dport"
  /// The type of an ICMP message; implies `meta l4proto icmp`.
  case icmpType = "icmp type"
  /// The type of an ICMPv6 message; implies `meta l4proto ipv6-icmp`.
  case icmpv6Type = "icmpv6 type"

  /// The type of the field's value.
  public var type: DataType {
    switch self {
    case .metaNFProto, .metaL4Proto: .inetProtocol
    case .metaMark, .ctMark: .mark
    case .metaIifName, .metaOifName: .interfaceName
    case .metaIifKind: .interfaceKind
    case .fibSourceRoute: .existence
    case .ctState: .ctState
    case .ctStatus: .ctStatus
    case .ip6HopLimit: .integer
    case .ctDirection: .ctDirection
    case .ipSaddr, .ipDaddr: .ipv4Address
    case .ip6Saddr, .ip6Daddr: .ipv6Address
    case .thSport, .thDport, .tcpSport, .tcpDport, .udpSport, .udpDport, .sctpSport, .sctpDport: .inetService
    case .icmpType: .icmpType
    case .icmpv6Type: .icmpv6Type
    }
  }

  /// The transport protocol number that a rule with this field implicitly asks for, if any.
  public var impliedL4Proto: UInt8? {
    switch self {
    case .tcpSport, .tcpDport: 6
    case .udpSport, .udpDport: 17
    case .sctpSport, .sctpDport: 132
    case .icmpType: 1
    case .icmpv6Type: 58
    default: nil
    }
  }

  /// The network protocol (2 IPv4, 10 IPv6) that a rule with this field implicitly asks for in an inet table.
  public var impliedNFProto: UInt8? {
    switch self {
    case .ipSaddr, .ipDaddr, .icmpType: 2
    case .ip6Saddr, .ip6Daddr, .ip6HopLimit, .icmpv6Type: 10
    default: nil
    }
  }
}

/// States of a connection, as bits of `ct state`.
public struct ConnectionState: OptionSet, Sendable, Hashable {
  /// The bits of the set.
  public let rawValue: UInt32
  /// States of the given bits.
  public init(rawValue: UInt32) { self.rawValue = rawValue }
  /// No connection could be made of the packet.
  public static let invalid = ConnectionState(rawValue: 1)
  /// Packets were seen both ways.
  public static let established = ConnectionState(rawValue: 2)
  /// A new connection, or an ICMP error, that belongs to another connection.
  public static let related = ConnectionState(rawValue: 4)
  /// The first packet of a connection, or no answer seen yet.
  public static let new = ConnectionState(rawValue: 8)
  /// Tracking was switched off for the packet.
  public static let untracked = ConnectionState(rawValue: 64)
}

/// Properties of a connection, as bits of `ct status`.
public struct ConnectionStatus: OptionSet, Sendable, Hashable {
  /// The bits, as the kernel numbers them.
  public let rawValue: UInt32
  /// Properties of the given bits.
  public init(rawValue: UInt32) { self.rawValue = rawValue }
  /// The destination was translated: the packet came through a Service, say.
  public static let destinationTranslated = ConnectionStatus(rawValue: 32)
}

/// The value that a field is compared with.
public enum Operand: Sendable, Hashable {
  /// One value or range for each field of the key: `tcp dport 80-90`.
  case value(ElementKey)
  /// Any of the bits: `ct state established,related`.
  case anyBit(UInt128)
  /// An anonymous set: `tcp dport { 80, 443 }`.
  case anonymousSet([ElementKey])
  /// A named set: `ip saddr @web4`.
  case namedSet(String)

  /// The part of the operand that parts almost all others; elements are many, and rules by the ten thousand are keys.
  public func hash(into hasher: inout Hasher) {
    switch self {
    case .value(let key): key.hashFirst(into: &hasher)
    case .anyBit(let bits): hasher.combine(UInt64(truncatingIfNeeded: bits))
    case .anonymousSet(let keys):
      hasher.combine(keys.count)
      keys.first?.hashFirst(into: &hasher)
    case .namedSet(let name): hasher.combine(name)
    }
  }
}

extension ElementKey {
  /// Gives the hasher the ends of the first field.
  fileprivate func hashFirst(into hasher: inout Hasher) {
    let field: Interval<UInt128>? =
      switch self {
      case .single(let field): field
      case .concatenation(let fields): fields.first
      }
    hasher.combine(UInt64(truncatingIfNeeded: field?.lower ?? 0))
    hasher.combine(UInt64(truncatingIfNeeded: field?.upper ?? 0))
  }
}

/// The kinds of comparison.
public enum Comparison: String, Sendable, Hashable, CaseIterable {
  /// Equal, in the range, or in the set.
  case equal = "=="
  /// Matches where the field differs.
  case notEqual = "!="
  /// Less than the value.
  case less = "<"
  /// At most the value.
  case lessOrEqual = "<="
  /// Greater than the value.
  case greater = ">"
  /// At least the value.
  case greaterOrEqual = ">="
}

/// `ip saddr . meta l4proto @allowed`: a condition on one field, or on several at once.
public struct Match: Sendable, Hashable {
  /// The fields; more than one is a concatenation.
  public var key: [Field]
  /// The comparison between field and operand.
  public var comparison: Comparison
  /// The operand of the comparison.
  public var operand: Operand

  /// Creates a condition.
  public init(_ key: [Field], _ comparison: Comparison = .equal, _ operand: Operand) {
    self.key = key
    self.comparison = comparison
    self.operand = operand
  }

  /// A condition on one field.
  public init(_ key: Field, _ comparison: Comparison = .equal, _ operand: Operand) {
    self.init([key], comparison, operand)
  }

  /// The operand, which parts almost all conditions.
  public func hash(into hasher: inout Hasher) { operand.hash(into: &hasher) }
}

/// The map of a `vmap` statement.
public enum VerdictLookup: Sendable, Hashable {
  /// A named map: `vmap @name`.
  case named(String)
  /// `vmap { established : accept }`.
  case anonymous([VerdictElement])
}

/// One statement of a rule.
public enum Statement: Sendable, Hashable {
  /// A condition: the rest of the rule is done only where it holds.
  case match(Match)
  /// `ip saddr vmap @egress4`: the verdict of the element found; none found ends the rule.
  case verdictMap([Field], VerdictLookup)
  /// `counter`; its values are no part of the ruleset.
  case counter
  /// `log prefix "…"`, with `group` to nflog, otherwise to the kernel log.
  case log(prefix: String?, group: UInt16?)
  /// `limit rate N/second burst B packets`: a condition that holds for so many packets a time.
  case limit(rate: UInt64, unit: String, burst: UInt32)
  /// `reject`, in any of its forms: the packet is dropped, and its sender gets an error.
  case reject
  /// Ends with a verdict.
  case verdict(Verdict)
  /// A statement that this model has no word for, as a reader found it.
  case unmodelled(String)
}

/// A rule: statements from left to right.
public struct Rule: Sendable, Hashable {
  /// The statements, in order.
  public var statements: [Statement]
  /// `comment "…"`: kept by the kernel, at most 128 bytes, no quotes.
  public var comment: String?

  /// Creates a rule.
  public init(_ statements: [Statement], comment: String? = nil) {
    self.statements = statements
    self.comment = comment
  }
}

/// A chain of rules.
public struct Chain: Sendable, Equatable {
  /// Where packets enter: `type filter hook forward priority filter - 5; policy accept;`.
  public struct Hook: Sendable, Hashable {
    /// The effect on a packet that no rule decides.
    public enum Policy: String, Sendable, Hashable {
      /// The packet passes.
      case accept
      /// It is gone.
      case drop
    }
    /// `filter`, `nat` or `route`.
    public var type: String
    /// `forward`, `input`, `output`, `prerouting`, `postrouting`, `ingress` or `egress`.
    public var hook: String
    /// Lower comes first; `filter` is 0.
    public var priority: Int32
    /// The effect on a packet that no rule decides.
    public var policy: Policy

    /// A hook of type filter.
    public init(_ hook: String, type: String = "filter", priority: Int32, policy: Policy = .accept) {
      self.type = type
      self.hook = hook
      self.priority = priority
      self.policy = policy
    }
  }

  /// The name, unique in the table.
  public var name: String
  /// Where packets enter; nil for a chain that is only jumped to.
  public var hook: Hook?
  /// The rules, first to last.
  public var rules: [Rule]

  /// Creates a chain.
  public init(_ name: String, hook: Hook? = nil, rules: [Rule] = []) {
    self.name = name
    self.hook = hook
    self.rules = rules
  }
}
