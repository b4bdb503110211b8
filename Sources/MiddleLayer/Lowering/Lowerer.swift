import Addresses
public import PolicyModel
public import Ruleset

/// What a ruleset is made for.
public struct LoweringOptions: Sendable, Hashable {
  /// The node whose pods are isolated; nil: every pod of the cluster. Peers are always the whole cluster.
  public var node: String?
  /// From how many rules on a class chain becomes a lookup in maps.
  public var denseFrom: Int
  /// How many addresses of a peer such a class copies into its own map; larger peers are looked up in their shared set.
  public var copyAtMost: Int
  /// What happens to denied packets.
  public var denial: Denial
  /// What pods may do with their own node's addresses.
  public var podToNode: PodToNode

  /// What pods may do with their own node's addresses, which never meet the forward hook.
  public enum PodToNode: String, Sendable, Hashable, CaseIterable {
    /// Nothing is looked at; the node's own packet filter decides. Most clusters rely on it.
    case open
    /// Egress policies hold there as for any other address, by a chain at the input hook.
    case policies
  }

  /// Options for a node, or for every pod.
  public init(
    node: String? = nil, denseFrom: Int = 9, copyAtMost: Int = 1_024, denial: Denial = Denial(),
    podToNode: PodToNode = .open
  ) {
    self.node = node
    self.denseFrom = denseFrom
    self.copyAtMost = copyAtMost
    self.denial = denial
    self.podToNode = podToNode
  }
}

/// A ruleset with what there is to tell about it.
public struct LoweredRuleset: Sendable {
  /// The table `inet netpolc`.
  public let table: Table
  /// Words for readers of its text, without a header.
  public let annotations: Annotations
  /// Where its parts come from.
  public let provenance: Provenance
  /// How much there is of what.
  public let counts: Counts
  /// How it differs from what the policies alone ask for.
  public var modes = EnforcementModes()

  /// How much there is of what.
  public struct Counts: Sendable, Hashable {
    /// Pods whose traffic the ruleset looks at.
    public var subjects = 0
    /// Pods of these that at least one policy isolates.
    public var isolated = 0
    /// Classes of pods with the same policies in a direction.
    public var classes = 0
    /// Rules.
    public var rules = 0
    /// Elements of sets and maps.
    public var elements = 0
  }
}

/// The middle of the compiler: from policies and pods to the table that enforces them.
///
/// ```
/// forward ─▶ new4 ─▶ out4-<class> ─▶ (return) ─▶ in4-<class> ─▶ (return) ─▶ accepted
///                       └▶ drop                     └▶ drop
/// ```
/// The cost of a packet depends neither on the number of policies nor on that of pods: a lookup for each
/// direction, then the few rules, or the two lookups, of one class. `docs/ruleset.md` argues the layout.
public struct Lowerer: Sendable {
  /// The table's name; its family is inet.
  public static let tableName = "netpolc"

  private let cluster: Cluster
  private let tiers: [Tier]
  private let index: PodIndex
  private let finder: ClassFinder
  private var book: AddressBook
  /// What follows from a class alone, for the nodes that come after the first.
  private var known: [PolicyClass.Key: ClassFacts] = [:]

  private struct ClassFacts {
    let terms: [[Term]]
    let policies: [NetworkPolicy.ID]
    let names: [IPFamily: String]
  }

  /// Prepares a cluster: what all of its nodes share is worked out once.
  ///
  /// - Parameters:
  ///   - cluster: policies and inventory.
  ///   - tiers: the ordered tiers; NetworkPolicy alone if nil.
  /// - Complexity: O(n) in the number of pods.
  public init(_ cluster: Cluster, tiers: [Tier]? = nil) {
    self.cluster = cluster
    self.tiers = tiers ?? [.networkPolicies(cluster.policies)]
    index = PodIndex(cluster)
    finder = ClassFinder(tiers: self.tiers, index: index)
    book = AddressBook(cluster: cluster, index: index)
  }

  /// The ruleset of a node, or of the whole cluster.
  public mutating func lower(_ options: LoweringOptions = LoweringOptions()) -> LoweredRuleset {
    let candidates = options.node.map { index.podsOfNode[$0] ?? [] } ?? Array(cluster.pods.indices)
    let subjects = candidates.filter { !cluster.pods[$0].addresses.isEmpty }
    let classes = finder.classes(of: subjects)
    var builder = ChainBuilder(
      denseFrom: options.denseFrom, copyAtMost: options.copyAtMost, denial: options.denial)
    var verdicts = VerdictTables()
    var chains: [Provenance.Chain] = []
    for policyClass in classes {
      let facts = facts(of: policyClass)
      let terms = facts.terms
      for family in IPFamily.allCases {
        let members = policyClass.pods.flatMap { position in
          cluster.pods[position].addresses.filter { $0.family == family }
        }
        guard !members.isEmpty else { continue }
        let name = uniqueName(facts.names[family] ?? policyClass.chainName(tiers, family), builder)
        builder.add(policyClass, named: name, family, terms: terms, tiers: tiers, &book)
        builder.remarks[name] = policyClass.remarks(tiers, pods: cluster.pods)
        verdicts.add(members, policyClass.key.direction, jumpTo: name)
        chains.append(
          Provenance.Chain(
            name: name, direction: policyClass.key.direction, policies: facts.policies,
            pods: policyClass.pods.map { cluster.pods[$0].displayName }))
      }
    }
    let isolated = Set(classes.flatMap(\.pods)).sorted()
    verdicts.addSelf(isolated.map { cluster.pods[$0].addresses })
    return TableAssembler(builder: builder, verdicts: verdicts, podToNode: options.podToNode).assemble(
      chains: chains, subjects: subjects.count, isolated: isolated.count, classes: classes.count)
  }

  private mutating func facts(of policyClass: PolicyClass) -> ClassFacts {
    if let facts = known[policyClass.key] { return facts }
    let names = IPFamily.allCases.map { ($0, policyClass.chainName(tiers, $0)) }
    let facts = ClassFacts(
      terms: terms(of: policyClass), policies: policyClass.policies(tiers),
      names: Dictionary(uniqueKeysWithValues: names))
    known[policyClass.key] = facts
    return facts
  }

  /// The terms of a class, tier by tier.
  private mutating func terms(of policyClass: PolicyClass) -> [[Term]] {
    let terms = TermBuilder(subjectPorts: policyClass.key.ports)
    return tiers.indices.map { tier in
      policyClass.key.entries[tier].flatMap { terms.terms(of: tiers[tier].entries[$0], &book) }
    }
  }

  /// The class's name. Two classes whose digests begin alike must not share a chain.
  private func uniqueName(_ wanted: String, _ builder: ChainBuilder) -> String {
    var name = wanted
    while builder.chains[name] != nil { name += "x" }
    return name
  }
}
