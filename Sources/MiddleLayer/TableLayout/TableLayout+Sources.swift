public import Addresses
public import PolicyModel
public import Ruleset

/// The check of sources: a packet is from the pod whose address it bears.
extension TableLayout {
  /// True where the sources of packets are checked.
  public var checksSources: Bool { modes.sourceCheck != .off }

  /// The set of the addresses of this node's pods that are checked.
  public func localPodSet(_ family: IPFamily, _ elements: [ElementKey]) -> NamedSet {
    NamedSet(SetName.localPods(family), key: [family.dataType], elements: elements)
  }

  /// The check of sources that a table of this layout makes, by the names of its sets.
  ///
  /// - Returns: the check, and for `pods` the names of their interfaces.
  public static func sourceCheck(
    in table: Table
  ) -> (check: EnforcementModes.SourceCheck, podInterfaces: [String]) {
    if let set = table.sets.first(where: { $0.name == SetName.podInterfaces }) {
      return (.pods, set.elements.compactMap { $0.fields.first.flatMap(InterfaceName.name) })
    }
    let names = IPFamily.allCases.map(SetName.localPods)
    return (table.sets.contains { names.contains($0.name) } ? .local : .off, [])
  }

  /// The sets of the check; none where sources are not checked.
  func sourceSets(_ contents: TableContents) -> [NamedSet] {
    guard checksSources else { return [] }
    let local = IPFamily.allCases.map { localPodSet($0, contents.localPods[$0] ?? []) }
    return local + (modes.sourceCheck == .pods ? [podInterfaceSet] : [])
  }

  /// The set of the names of pods' interfaces.
  private var podInterfaceSet: NamedSet {
    // Ranges of names lie within each other or apart: a name within a range that is there already is left out.
    var names: [Interval<UInt128>] = []
    let given = modes.podInterfaces.compactMap(InterfaceName.interval)
    for name in given.sorted(by: { ($0.lower, $1.upper) < ($1.lower, $0.upper) })
    where names.last?.contains(name.lower) != true {
      names.append(name)
    }
    return NamedSet(
      SetName.podInterfaces, key: [.interfaceName], flags: names.allSatisfy(\.isSingle) ? [] : .interval,
      elements: names.map { .single($0) })
  }

  /// The rules of a base chain that check sources, before all others: what is forged is part of no connection.
  var sourceRules: [Rule] {
    guard checksSources else { return [] }
    var rules = IPFamily.allCases.map { family in
      Rule([
        .match(Match(family.ends.source, .equal, .namedSet(SetName.localPods(family)))),
        Self.sourceRoute(isMissing: true), .verdict(.goto(ChainName.forgedSources)),
      ])
    }
    if modes.sourceCheck == .pods {
      // The set of addresses first: most packets of pods end the rule there, which costs less than the interface's name.
      rules += IPFamily.allCases.map { family in
        Rule([
          .match(Match(family.ends.source, .notEqual, .namedSet(SetName.localPods(family)))),
          .match(Match(.metaIifName, .equal, .namedSet(SetName.podInterfaces))),
          .verdict(.jump(ChainName.podSources)),
        ])
      }
    }
    return rules
  }

  /// The chains of the check; none where sources are not checked.
  var sourceChains: [Chain] {
    guard checksSources else { return [] }
    let forged = denying(Chain(ChainName.forgedSources, rules: [Self.denial]))
    return modes.sourceCheck == .pods ? [podSources, linkSources, forged] : [forged]
  }

  /// The chain of packets that pods' interfaces bring with sources that are no checked pod's. Sources of the link,
  /// unspecified and multicast ones belong to no pod: IPv6 needs some of them, and pods of one bridge use them among each
  /// other.
  private var podSources: Chain {
    let unchecked = IPFamily.allCases.compactMap { family -> Rule? in
      let keys = modes.uncheckedSources.filter { $0.family == family }.map { ElementKey($0.bits) }
      if keys.isEmpty { return nil }
      return Rule([.match(Match(family.ends.source, .equal, .anonymousSet(keys))), .verdict(.return)])
    }
    return Chain(
      ChainName.podSources,
      rules: unchecked + neverBlocked(.ipv6)
        + IPFamily.allCases.map { family in
          Rule([
            .match(Match(family.ends.source, .equal, .anonymousSet(Self.linkSources(family)))),
            .verdict(.goto(ChainName.linkSources)),
          ])
        } + [Rule([Self.sourceRoute(isMissing: true), .verdict(.goto(ChainName.forgedSources))])])
  }

  /// Such sources pass where a bridge brings them.
  private var linkSources: Chain {
    Chain(
      ChainName.linkSources,
      rules: [
        Rule([
          .match(Match(.metaIifKind, .equal, .value(ElementKey(InterfaceName.bridgeKind)))),
          .verdict(.return),
        ]), Rule([.verdict(.goto(ChainName.forgedSources))]),
      ])
  }

  private static func sourceRoute(isMissing: Bool) -> Statement {
    .match(Match(.fibSourceRoute, .equal, .value(ElementKey(isMissing ? 0 : 1))))
  }

  /// Unspecified, link-local and multicast addresses.
  private static func linkSources(_ family: IPFamily) -> [ElementKey] {
    switch family {
    case .ipv4:
      [
        ElementKey(0), .single(Interval(0xa9fe_0000, 0xa9fe_ffff)),
        .single(Interval(0xe000_0000, 0xefff_ffff)),
      ]
    case .ipv6:
      [
        ElementKey(0), .single(Interval(UInt128(0xfe80) << 112, UInt128(0xfec0) << 112 - 1)),
        .single(Interval(UInt128(0xff00) << 112, .max)),
      ]
    }
  }
}
