import Addresses
import PolicyModel
import Ruleset

/// Which chain each isolated address is sent to, and which pairs of addresses are one pod's.
struct VerdictTables {
  private(set) var byAddress: [Direction: [IPFamily: [VerdictElement]]] = [:]
  private(set) var own: [IPFamily: [ElementKey]] = [:]

  /// Sends addresses to a chain, for one direction.
  mutating func add(_ addresses: [IPAddress], _ direction: Direction, jumpTo chain: String) {
    for address in addresses {
      byAddress[direction, default: [:]][address.family, default: []].append(
        VerdictElement(ElementKey(address.bits), .jump(chain)))
    }
  }

  /// Notes each pod's addresses as its own: it always reaches them.
  mutating func addSelf(_ pods: [[IPAddress]]) {
    for addresses in pods {
      for source in addresses {
        for destination in addresses where destination.family == source.family {
          own[source.family, default: []].append(
            .concatenation([Interval(source.bits), Interval(destination.bits)]))
        }
      }
    }
  }
}

/// Puts the table together from its parts, in the order in which a reader wants them.
struct TableAssembler {
  let builder: ChainBuilder
  let verdicts: VerdictTables
  let podToNode: EnforcementModes.PodToNode

  /// The table and all there is to say about it.
  func assemble(chains: [Provenance.Chain], subjects: Int, isolated: Int, classes: Int) -> LoweredRuleset {
    var annotations = Annotations()
    annotations.headings["self4"] = "Own addresses of isolated pods"
    annotations.headings["egress4"] = "Isolated pods: the chain of each direction"
    for family in IPFamily.allCases {
      annotations.remarks["self\(family.rawValue)"] = ["source . destination: a pod always reaches itself"]
    }
    let denseMaps = builder.maps.values.sorted { $0.name < $1.name }
    if let first = denseMaps.first {
      annotations.headings[first.name] = "Classes with many rules: peer -> its ports"
    }
    let sets = builder.sets.sets.values.sorted { $0.name < $1.name }
    for set in sets { annotations.remarks[set.name] = builder.sets.remarks[set.name].map { [$0] } }
    if let first = sets.first {
      annotations.headings[first.name] = "Peers and ports, shared by all rules that name them"
    }
    annotations.headings["forward"] = "Every forwarded packet"
    if podToNode == .policies {
      annotations.headings["input"] = "Every packet to the node itself: egress of its pods"
    }
    let classChains = builder.chains.values.sorted { $0.name < $1.name }
    annotations.remarks.merge(builder.remarks) { $1 }
    if let first = classChains.first {
      annotations.headings[first.name] = "Classes of pods: return allows, the end denies"
    }
    let parts = TableParts(
      own: verdicts.own.mapValues { $0.sorted() },
      verdicts: verdicts.byAddress.mapValues { $0.mapValues { $0.sorted { $0.key < $1.key } } },
      sets: sets, maps: denseMaps, chains: classChains)
    let table = parts.table(podToNode: podToNode, denial: builder.denial)

    var counts = LoweredRuleset.Counts(subjects: subjects, isolated: isolated, classes: classes)
    counts.rules = table.chains.reduce(0) { $0 + $1.rules.count }
    counts.elements =
      table.sets.reduce(0) { $0 + $1.elements.count } + table.maps.reduce(0) { $0 + $1.elements.count }
    let provenance = Provenance(
      rules: builder.rules.sorted { ($0.chain, $0.position) < ($1.chain, $1.position) },
      sets: sets.map { set in
        Provenance.Set(
          name: set.name, holds: builder.sets.remarks[set.name] ?? set.name,
          policies: (builder.sets.users[set.name] ?? []).sorted())
      }, chains: chains.sorted { $0.name < $1.name })
    return LoweredRuleset(table: table, annotations: annotations, provenance: provenance, counts: counts)
  }
}

/// What a table consists of besides what every table has.
struct TableParts {
  /// The pairs of addresses that are one pod's, ascending.
  var own: [IPFamily: [ElementKey]]
  /// The chain of each isolated address, ascending.
  var verdicts: [Direction: [IPFamily: [VerdictElement]]]
  /// The sets of peers and ports, by name.
  var sets: [NamedSet]
  /// The maps of classes with many rules, by name.
  var maps: [VerdictMap]
  /// The chains of classes, by name.
  var chains: [Chain]

  /// Neighbour discovery and router messages (133 to 137) and multicast listener discovery (130 to 132, 143):
  /// without them IPv6 itself fails, so no policy blocks them.
  private static let neighbourDiscovery: [ElementKey] = [.single(Interval(130, 137)), ElementKey(143)]

  /// The table, in the order in which a reader wants it.
  func table(podToNode: EnforcementModes.PodToNode, denial: Denial) -> Table {
    var table = Table(.inet, Lowerer.tableName)
    for family in IPFamily.allCases {
      table.sets.append(Self.selfSet(family, own[family] ?? []))
      for direction in [Direction.egress, .ingress] {
        table.maps.append(Self.verdictMap(direction, family, verdicts[direction]?[family] ?? []))
      }
    }
    table.maps += maps
    table.sets += sets
    table.chains += Self.skeleton
    if podToNode == .policies { table.chains += Self.inputSkeleton }
    table.chains += chains
    table.chains.append(Chain(Denial.chain, rules: [Rule(denial.statements(Denial.chain))]))
    return table
  }

  /// The set of the addresses by which pods reach themselves.
  static func selfSet(_ family: IPFamily, _ elements: [ElementKey]) -> NamedSet {
    NamedSet("self\(family.rawValue)", key: [family.dataType, family.dataType], elements: elements)
  }

  /// The map from isolated addresses to the chains of their classes.
  static func verdictMap(_ direction: Direction, _ family: IPFamily, _ elements: [VerdictElement])
    -> VerdictMap
  {
    VerdictMap(
      "\(direction.rawValue.lowercased())\(family.rawValue)", key: [family.dataType], elements: elements)
  }

  /// The chains that every ruleset has, whatever the policies.
  private static var skeleton: [Chain] { [baseChain("forward", each: "new"), new(.ipv4), new(.ipv6)] }

  /// The chains for what pods send to their own node.
  private static var inputSkeleton: [Chain] {
    [
      baseChain("input", each: "node"),
      Chain("node4", rules: [Rule([.verdictMap([.ipSaddr], .named("egress4"))])]),
      Chain("node6", rules: [neighbours, Rule([.verdictMap([.ip6Saddr], .named("egress6"))])]),
    ]
  }

  /// A base chain that lets replies pass and hands all else to the chain of its family.
  private static func baseChain(_ hook: String, each chain: String) -> Chain {
    let states: [VerdictElement] = [
      VerdictElement(ElementKey(UInt128(ConnectionState.established.rawValue)), .accept),
      VerdictElement(ElementKey(UInt128(ConnectionState.related.rawValue)), .accept),
    ]
    return Chain(
      hook, hook: Chain.Hook(hook, priority: -5),
      rules: [
        Rule([.verdictMap([.ctState], .anonymous(states))]),
        Rule([.match(Match(.metaNFProto, .equal, .value(ElementKey(2)))), .verdict(.jump("\(chain)4"))]),
        Rule([.match(Match(.metaNFProto, .equal, .value(ElementKey(10)))), .verdict(.jump("\(chain)6"))]),
      ])
  }

  /// Lets pass what IPv6 cannot do without.
  static var neighbours: Rule {
    Rule([.match(Match(.icmpv6Type, .equal, .anonymousSet(neighbourDiscovery))), .verdict(.return)])
  }

  /// New connections of a family: the source's egress, then the destination's ingress.
  private static func new(_ family: IPFamily) -> Chain {
    let (source, destination): (Field, Field) =
      family == .ipv4 ? (.ipSaddr, .ipDaddr) : (.ip6Saddr, .ip6Daddr)
    let digit = family.rawValue
    var rules = [
      Rule([
        .match(Match([source, destination], .equal, .namedSet("self\(digit)"))), .verdict(.return),
      ]),
      Rule([.verdictMap([source], .named("egress\(digit)"))]),
      Rule([.verdictMap([destination], .named("ingress\(digit)"))]),
    ]
    if family == .ipv6 { rules.insert(neighbours, at: 0) }
    return Chain("new\(digit)", rules: rules)
  }
}
