public import Addresses
public import PolicyModel
public import Ruleset

extension TableLayout {
  /// The chains that every table has, before those of classes.
  var baseChains: [Chain] {
    var chains = [forward] + newConnections
    if modes.podToNode == .policies { chains += [input] + toNode }
    return chains
  }

  /// The base chain of forwarded packets.
  private var forward: Chain {
    baseChain(
      ChainName.forward, sourceRules + guardJumps + existing(replies: .goto(ChainName.replies)),
      ChainName.newConnections)
  }

  /// The base chain of packets to the node. What pods answer to their own node always passes: the node began it, and that
  /// is no policy's matter.
  private var input: Chain {
    baseChain(ChainName.input, sourceRules + existing(replies: .accept), ChainName.toNode)
  }

  /// A base chain: packets of existing connections first, the others to the chain of their family.
  private func baseChain(_ hook: String, _ first: [Rule], _ chain: (IPFamily) -> String) -> Chain {
    Chain(
      hook, hook: Chain.Hook(hook, priority: -5),
      rules: first + IPFamily.allCases.map { Self.rule($0, .jump(chain($0))) })
  }

  /// A rule for all packets of a family.
  static func rule(_ family: IPFamily, _ verdict: Verdict) -> Rule {
    let number: UInt128 = family == .ipv4 ? 2 : 10
    return Rule([.match(Match(.metaNFProto, .equal, .value(ElementKey(number)))), .verdict(verdict)])
  }

  /// The rules for packets of existing connections: all pass, or replies get a verdict of their own and the others go on
  /// as if they were new.
  private func existing(replies verdict: Verdict) -> [Rule] {
    if hasReplyChains {
      return [
        Rule([Self.state(.related), .verdict(.accept)]),
        Rule([
          Self.state(.established), .match(Match(.ctDirection, .equal, .value(ElementKey(1)))),
          .verdict(verdict),
        ]),
      ]
    }
    let states = [ConnectionState.established, .related].map {
      VerdictElement(ElementKey(UInt128($0.rawValue)), .accept)
    }
    return [Rule([.verdictMap([.ctState], .anonymous(states))])]
  }

  private static func state(_ state: ConnectionState) -> Statement {
    .match(Match(.ctState, .equal, .anyBit(UInt128(state.rawValue))))
  }

  /// New connections of each family: the source's egress, then the destination's ingress.
  var newConnections: [Chain] {
    IPFamily.allCases.map { family in
      Chain(ChainName.newConnections(family), rules: neverBlocked(family) + policies(family).rules)
    }
  }

  /// The chains that judge replies of connections of each family. What is never blocked is so by the packet itself, not by
  /// what it answers.
  var newConnectionReplies: [Chain] {
    IPFamily.allCases.map { family in
      var chain = replyChain(policies(family))
      chain.rules.insert(contentsOf: neverBlocked(family), at: 0)
      return chain
    }
  }

  /// The rules of a family that ask policies.
  private func policies(_ family: IPFamily) -> Chain {
    let ends = family.ends
    return Chain(
      ChainName.newConnections(family),
      rules: [
        Rule([
          .match(
            Match([ends.source, ends.destination], .equal, .namedSet(SetName.ownAddresses(family)))),
          // Without a Service in between, a pod's packets to itself do not come to this hook: a forgery.
          .match(
            Match(
              .ctStatus, .equal,
              .anyBit(UInt128(ConnectionStatus.destinationTranslated.rawValue)))), .verdict(.return),
        ]),
        Rule([.verdictMap([ends.source], .named(SetName.verdicts(.egress, family)))]),
        Rule([.verdictMap([ends.destination], .named(SetName.verdicts(.ingress, family)))]),
      ])
  }

  /// New connections of each family from pods to their own node.
  private var toNode: [Chain] {
    IPFamily.allCases.map { family in
      Chain(
        ChainName.toNode(family),
        rules: neverBlocked(family) + [
          Rule([.verdictMap([family.ends.source], .named(SetName.verdicts(.egress, family)))])
        ])
    }
  }

  /// The rules that let pass what IPv6 cannot do without, where it is legal; none for IPv4.
  ///
  /// Neighbour discovery and router messages (133 to 137) are valid with hop limit 255 only, multicast listener messages
  /// (130 to 132, 143) with hop limit 1 and a link-local or unspecified source. Neither is ever routed: at the forward hook
  /// only a bridge brings them, and a routed datagram of these types is subject to policies like any other.
  func neverBlocked(_ family: IPFamily) -> [Rule] {
    guard family == .ipv6 else { return [] }
    let linkLocal = Interval(UInt128(0xfe80) << 112, UInt128(0xfebf) << 112 | (UInt128(1) << 112 - 1))
    return [
      Rule([
        Self.messageTypes([.single(Interval(133, 137))]), Self.hopLimit(255), .verdict(.return),
      ]),
      Rule([
        Self.messageTypes([.single(Interval(130, 132)), ElementKey(143)]), Self.hopLimit(1),
        .match(Match(.ip6Saddr, .equal, .anonymousSet([ElementKey(0), .single(linkLocal)]))),
        .verdict(.return),
      ]),
    ]
  }

  private static func messageTypes(_ types: [ElementKey]) -> Statement {
    .match(Match(.icmpv6Type, .equal, types.count == 1 ? .value(types[0]) : .anonymousSet(types)))
  }

  private static func hopLimit(_ value: UInt128) -> Statement {
    .match(Match(.ip6HopLimit, .equal, .value(ElementKey(value))))
  }
}

extension TableLayout {
  /// The set of the addresses by which pods reach themselves.
  public func ownAddressSet(_ family: IPFamily, _ elements: [ElementKey]) -> NamedSet {
    NamedSet(SetName.ownAddresses(family), key: [family.dataType, family.dataType], elements: elements)
  }

  /// The map from isolated addresses to the chains of their classes.
  public func verdictMap(_ direction: Direction, _ family: IPFamily, _ elements: [VerdictElement])
    -> VerdictMap
  {
    VerdictMap(SetName.verdicts(direction, family), key: [family.dataType], elements: elements)
  }

  /// The addresses that a table sends to a class's chain in a direction. A map of this name with keys of another type is
  /// not netpolc's, and counts as none.
  public static func isolatedAddresses(_ direction: Direction, in table: Table) -> Set<IPAddress> {
    var found: Set<IPAddress> = []
    for family in IPFamily.allCases {
      let name = SetName.verdicts(direction, family)
      guard let map = table.maps.first(where: { $0.name == name && $0.key == [family.dataType] }) else {
        continue
      }
      for field in map.elements.lazy.compactMap(\.key.fields.first) where field.lower <= family.maximum {
        found.insert(IPAddress(family, bits: field.lower))
      }
    }
    return found
  }
}

extension IPFamily {
  /// The type of a set of this family's addresses.
  public var dataType: DataType { self == .ipv4 ? .ipv4Address : .ipv6Address }

  /// The fields of a packet's ends.
  public var ends: (source: Field, destination: Field) {
    self == .ipv4 ? (.ipSaddr, .ipDaddr) : (.ip6Saddr, .ip6Daddr)
  }
}
