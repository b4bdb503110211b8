import Addresses
public import PolicyModel
import Ruleset

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
      denseFrom: options.denseFrom, copyAtMost: options.copyAtMost, denial: Denial())
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
    return TableAssembler(builder: builder, verdicts: verdicts, podToNode: options.modes.podToNode).assemble(
      chains: chains, subjects: subjects.count, isolated: isolated.count, classes: classes.count
    ).with(options.modes, pods: cluster.pods)
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
