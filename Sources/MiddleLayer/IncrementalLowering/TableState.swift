import Addresses
import Lowering
import PolicyModel
import Ruleset
import TableLayout

/// The table of an incremental compiler: its objects by name, each with the number of classes that use it.
struct TableState: Sendable {
  let layout: TableLayout
  /// The blocks of unknown pods.
  let guarded: PerFamily<IntervalSet<UInt128>>
  var own = PerFamily(ChangeTrackingDictionary<OwnPair, Bool>())
  /// The addresses of pods in these blocks.
  var known = PerFamily(ChangeTrackingDictionary<UInt128, Bool>())
  /// The addresses of this node's pods whose packets are checked for their interface.
  var local = PerFamily(ChangeTrackingDictionary<UInt128, Bool>())
  var toChains: [Direction: PerFamily<ChangeTrackingDictionary<UInt128, String>>] = [
    .ingress: PerFamily(ChangeTrackingDictionary()), .egress: PerFamily(ChangeTrackingDictionary()),
  ]
  /// The same by the tiers of ClusterNetworkPolicy alone.
  var toTierChains: [Direction: PerFamily<ChangeTrackingDictionary<UInt128, String>>] = [
    .ingress: PerFamily(ChangeTrackingDictionary()), .egress: PerFamily(ChangeTrackingDictionary()),
  ]
  /// True where there are such tiers.
  var hasClusterTiers = false
  /// True where the last difference that was taken had chains that ask these tiers towards the node.
  var hadChainsToNode = false
  var chains = ChangeTrackingDictionary<String, Chain>()
  var maps = ChangeTrackingDictionary<String, VerdictMap>()
  var sets = ChangeTrackingDictionary<String, SetState>()
  /// The identities of sets, and of the chains that classes share to walk a list.
  var identities: [String: String] = [:]
  /// Sets of queries that came or went since this was taken last, in order.
  var setNames: [SetName] = []
  var usesOfChains: [String: Int] = [:]
  var usesOfSets: [String: Int] = [:]

  /// A set of a query that came or went.
  struct SetName: Sendable {
    let query: Int
    let family: IPFamily
    let name: String
    let isThere: Bool
  }

  /// The sets of queries that came or went since this was called last, in order.
  mutating func takeSetNames() -> [SetName] {
    defer { setNames = [] }
    return setNames
  }

  /// An empty table in a layout.
  init(_ layout: TableLayout) {
    self.layout = layout
    var guarded = PerFamily(IntervalSet<UInt128>())
    for family in [IPFamily.ipv4, .ipv6] { guarded[family] = layout.modes.unknownPodAddresses(family) }
    self.guarded = guarded
  }

  /// Notes that an address is a pod's, or, where nil, no pod's.
  mutating func setKnown(_ address: IPAddress, _ value: Bool?) {
    guard guarded[address.family].contains(address.bits) else { return }
    known[address.family][address.bits] = value
  }

  /// Notes that an address is one of this node's pods, or, where nil, of none of them.
  mutating func setLocal(_ address: IPAddress, _ value: Bool?) {
    guard layout.modes.checksSource(address) else { return }
    local[address.family][address.bits] = value
  }

  /// Sends an address to a chain; nil: to none.
  mutating func send(_ address: IPAddress, _ direction: Direction, to chain: String?) {
    toChains[direction]?[address.family][address.bits] = chain
  }

  /// Sends an address to a chain of ClusterNetworkPolicy's tiers; nil: to none.
  mutating func sendByClusterTiers(_ address: IPAddress, _ direction: Direction, to chain: String?) {
    toTierChains[direction]?[address.family][address.bits] = chain
  }

  /// True where these tiers say anything about what pods send.
  var asksClusterTiersForEgress: Bool {
    hasClusterTiers
      && IPFamily.allCases.contains { toTierChains[.egress]?[$0].current.isEmpty == false }
  }

  /// Puts a chain in the place of the one of its name.
  mutating func spoil(_ chain: Chain) { chains[chain.name] = chain }

  /// True where a chain has this name.
  func hasChain(_ name: String) -> Bool { chains.current[name] != nil }

  /// Names among new objects that other objects have here: two digests begin alike.
  func clashes(with builder: ChainBuilder) -> NameClashes {
    var clashes = NameClashes()
    for (name, identity) in builder.sets.identities {
      if let other = identities[name], other != identity { clashes.sets[name] = other }
    }
    for (name, policies) in builder.walkedPolicies {
      if let other = identities[name], other != policies { clashes.chains[name] = "" }
    }
    for name in builder.decisions.keys {
      guard let made = builder.chains[name], let other = chains.current[name], other != made else { continue }
      clashes.chains[name] = ""
    }
    return clashes
  }

  /// Adds the objects of a class, and counts their uses.
  mutating func retain(
    _ builder: ChainBuilder, _ family: IPFamily, queryOfIdentity: [String: Int]
  ) -> ClassObjects {
    for (name, chain) in builder.chains {
      usesOfChains[name, default: 0] += 1
      chains[name] = chain
    }
    for (name, policies) in builder.walkedPolicies { identities[name] = policies }
    for (name, map) in builder.maps { maps[name] = map }
    for (name, set) in builder.sets.sets {
      usesOfSets[name, default: 0] += 1
      guard usesOfSets[name] == 1, let identity = builder.sets.identities[name] else { continue }
      identities[name] = identity
      if let query = queryOfIdentity[identity] {
        sets[name] = .pods(set, query: query, family)
        setNames.append(SetName(query: query, family: family, name: name, isThere: true))
      } else {
        sets[name] = .fixed(set)
      }
    }
    return ClassObjects(
      chains: Array(builder.chains.keys), maps: Array(builder.maps.keys),
      sets: Array(builder.sets.sets.keys), ruleChains: Array(builder.ruleChains.values),
      copiesLargePeers: builder.copiesLargePeers)
  }

  /// Takes in a chain that needs only other chains.
  mutating func retain(_ chain: Chain) {
    usesOfChains[chain.name, default: 0] += 1
    chains[chain.name] = chain
  }

  /// Releases parts; those without another user are removed.
  ///
  /// - Parameters:
  ///   - parts: what a class had.
  ///   - kept: what was taken in since for the same class: maps of the same names are its own.
  mutating func release(_ parts: ClassObjects, keeping kept: ClassObjects? = nil) {
    for name in parts.chains {
      usesOfChains[name, default: 1] -= 1
      guard usesOfChains[name] == 0 else { continue }
      usesOfChains[name] = nil
      chains[name] = nil
      identities[name] = nil
    }
    for name in parts.maps where kept?.maps.contains(name) != true { maps[name] = nil }
    for name in parts.sets {
      usesOfSets[name, default: 1] -= 1
      guard usesOfSets[name] == 0 else { continue }
      usesOfSets[name] = nil
      identities[name] = nil
      if case .pods(_, let query, let family) = sets[name] {
        setNames.append(SetName(query: query, family: family, name: name, isThere: false))
      }
      sets[name] = nil
    }
  }
}

extension TableState {
  /// The whole table. O(n log n) in its elements.
  func table(elements: (_ query: Int, IPFamily) -> [UInt128]) -> Table {
    var contents = TableContents()
    for family in IPFamily.allCases {
      contents.ownAddresses[family] = own[family].current.keys.map(\.key).sorted()
      contents.knownPods[family] = known[family].current.keys.sorted().map { ElementKey($0) }
      contents.localPods[family] = local[family].current.keys.sorted().map { ElementKey($0) }
      for direction in Direction.allCases {
        contents.verdicts[direction, default: [:]][family] = verdicts(direction, family)
      }
    }
    if hasClusterTiers {
      contents.clusterTierVerdicts = [:]
      for family in IPFamily.allCases {
        for direction in Direction.allCases {
          let elements = tierVerdicts(direction, family)
          if !elements.isEmpty { contents.clusterTierVerdicts?[direction, default: [:]][family] = elements }
        }
      }
    }
    contents.sets = sets.current.sorted { $0.key < $1.key }.map { full($0.value, elements) }
    contents.maps = maps.current.sorted { $0.key < $1.key }.map(\.value)
    contents.chains = chains.current.sorted { $0.key < $1.key }.map(\.value)
    return layout.table(contents)
  }

  func verdicts(_ direction: Direction, _ family: IPFamily) -> [VerdictElement] {
    Self.elements(toChains[direction]?[family].current ?? [:])
  }

  func tierVerdicts(_ direction: Direction, _ family: IPFamily) -> [VerdictElement] {
    Self.elements(toTierChains[direction]?[family].current ?? [:])
  }

  static func elements(_ chains: [UInt128: String]) -> [VerdictElement] {
    chains.sorted { $0.key < $1.key }.map { VerdictElement(ElementKey($0.key), .jump($0.value)) }
  }

  func full(_ set: SetState, _ elements: (Int, IPFamily) -> [UInt128]) -> NamedSet {
    var whole = set.header
    if case .pods(_, let query, let family) = set {
      whole.elements = elements(query, family).map { ElementKey($0) }
    }
    return whole
  }
}
