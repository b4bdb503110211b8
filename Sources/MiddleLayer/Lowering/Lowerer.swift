import Addresses
public import PolicyModel
import Ruleset
import TableLayout

/// The middle of the compiler: from policies and pods to the table that enforces them.
///
/// ```
/// forward ─▶ new4 ─▶ out4-<class> ─▶ (return) ─▶ in4-<class> ─▶ (return) ─▶ accepted
///                       └▶ drop                     └▶ drop
/// ```
/// The cost of a packet depends neither on the number of policies nor on that of pods: a lookup for each
/// direction, then the few rules, or the two lookups, of one class. `docs/ruleset.md` argues the layout.
public struct Lowerer: Sendable {
  private let cluster: Cluster
  private let tiers: [Tier]
  private let index: PodIndex
  private let finder: ClassFinder
  private var book: AddressBook
  /// The facts that follow from a class alone, kept for the nodes after the first.
  private var known: [PolicyClass.Key: ClassFacts] = [:]
  /// The terms of entries that are the same for every class.
  private var sharedTerms: [EntryKey: [Term]] = [:]
  private var sharedCount = 0
  /// True where terms have the chains that count for their rules.
  private var countsRules = false
  /// The pods of each node, from the second node on: for one alone they are looked for.
  private var podsOfNode: [String: [Int]]?
  private var hasLoweredNode = false
  /// The terms of lists of such entries, with a number of each list.
  private var sharedLists: [ListKey: (number: Int, terms: [Term])] = [:]

  private struct ClassFacts {
    let terms: [[Term]]
    /// For each tier the number of its list of terms, where other classes have the same.
    let lists: [Int?]
    let policies: [PolicyID]
    let names: [IPFamily: String]
  }

  /// Prepares a cluster: what all of its nodes share is worked out once.
  ///
  /// - Parameter cluster: policies and inventory.
  /// - Complexity: O(n) in the number of pods.
  public init(_ cluster: Cluster) {
    self.cluster = cluster
    tiers = cluster.tiers
    index = PodIndex(cluster)
    finder = ClassFinder(tiers: tiers, index: index, cluster: cluster)
    book = AddressBook(cluster: cluster, index: index)
  }

  /// The ruleset of a node, or of the whole cluster.
  public mutating func lower(_ options: LoweringOptions = LoweringOptions()) -> LoweredRuleset {
    setCountsRules(options.modes.counts == .rules)
    let candidates = options.node.map { pods(ofNode: $0) } ?? Array(cluster.pods.indices)
    let subjects = candidates.filter { !cluster.pods[$0].addresses.isEmpty }
    let (classes, joint) = finder.classes(of: subjects)
    // The end of one claimant's chain is not the end for the others.
    var builder = ChainBuilder(
      denseFrom: options.denseFrom, copyAtMost: options.copyAtMost, sharesWalks: joint.isEmpty)
    let ofClusterTiers = finder.ofClusterTiers?.classes(of: subjects)
    if let ofClusterTiers {
      builder.copyLimit = copyLimit(classes + ofClusterTiers.classes, options, &builder)
    }
    var contents = TableContents()
    var chains: [Provenance.Chain] = []
    var names: [ClassFamilyKey: String] = [:]
    for policyClass in classes {
      for (family, members) in members(of: policyClass) {
        let name = add(policyClass, family, &builder, &chains)
        names[ClassFamilyKey(key: policyClass.key, family: family)] = name
        contents.send(members, policyClass.key.direction, to: name)
      }
    }
    for joint in joint {
      for (family, members) in members(joint.pods) {
        let chain = chain(of: joint, classes, names, family, &builder, &chains)
        contents.send(members, joint.direction, to: chain)
      }
    }
    if let (classes, joint) = ofClusterTiers {
      contents.clusterTierVerdicts = [:]
      for policyClass in classes {
        for (family, members) in members(of: policyClass) {
          // Pods that no NetworkPolicy isolates have the chain already.
          let key = ClassFamilyKey(key: policyClass.key, family: family)
          let name = names[key] ?? add(policyClass, family, &builder, &chains)
          names[key] = name
          contents.sendByClusterTiers(members, policyClass.key.direction, to: name)
        }
      }
      for joint in joint {
        for (family, members) in members(joint.pods) {
          let chain = chain(of: joint, classes, names, family, &builder, &chains)
          contents.sendByClusterTiers(members, joint.direction, to: chain)
        }
      }
    }
    let isolated = Set(classes.flatMap(\.pods) + joint.flatMap(\.pods)).sorted()
    for pod in isolated { contents.addOwnAddresses(of: cluster.pods[pod].addresses) }
    contents.sortElements()
    contents.sets = builder.sets.sets.values.sorted { $0.name < $1.name }
    contents.maps = builder.maps.values.sorted { $0.name < $1.name }
    contents.chains = builder.chains.values.sorted { $0.name < $1.name }
    let layout = TableLayout(options.modes)
    for family in IPFamily.allCases where layout.guardsUnknownPods(family) {
      contents.knownPods[family] = knownPods(family, options.modes)
    }
    if layout.checksSources { contents.localPods = localPods(subjects, options.modes) }
    return ruleset(
      contents, layout, builder, chains: chains,
      LoweredRuleset.Counts(
        subjects: subjects.count, isolated: isolated.count, classes: classes.count,
        orderedCopies: options.orderedCopies))
  }

  /// The sizes of the classes' ordered lists that become lookups.
  private mutating func copyLimit(
    _ classes: [PolicyClass], _ options: LoweringOptions, _ builder: inout ChainBuilder
  ) -> CopyLimit {
    var budget = CopyBudget(always: options.orderedCopies)
    var known: Set<ClassFamilyKey> = []
    for policyClass in classes {
      let facts = facts(of: policyClass)
      for (family, _) in members(of: policyClass)
      where known.insert(ClassFamilyKey(key: policyClass.key, family: family)).inserted {
        let copies = builder.copies(
          of: policyClass, family, terms: facts.terms, lists: facts.lists, tiers: tiers, &book)
        for copies in copies { budget.count(copies.count) }
      }
    }
    return budget.limit
  }

  /// Terms know whether rules are counted: those made the other way are forgotten.
  private mutating func setCountsRules(_ isWanted: Bool) {
    if isWanted == countsRules { return }
    countsRules = isWanted
    (known, sharedTerms, sharedLists) = ([:], [:], [:])
  }

  private mutating func pods(ofNode node: String) -> [Int] {
    if hasLoweredNode, podsOfNode == nil { podsOfNode = index.podsOfNodes() }
    hasLoweredNode = true
    return podsOfNode.map { $0[node] ?? [] } ?? index.pods(ofNode: node)
  }

  /// A class in one family.
  private struct ClassFamilyKey: Hashable {
    let key: PolicyClass.Key
    let family: IPFamily
  }

  /// The addresses of a class's own pods by family, of the families that they or its joint pods have.
  private func members(of policyClass: PolicyClass) -> [(family: IPFamily, addresses: [IPAddress])] {
    IPFamily.allCases.compactMap { family in
      let members = policyClass.pods.flatMap { position in
        cluster.pods[position].addresses.filter { $0.family == family }
      }
      let isPart = policyClass.jointPods.contains { position in
        cluster.pods[position].addresses.contains { $0.family == family }
      }
      return members.isEmpty && !isPart ? nil : (family, members)
    }
  }

  /// Adds the chains of a class in a family; the name of the first.
  private mutating func add(
    _ policyClass: PolicyClass, _ family: IPFamily, _ builder: inout ChainBuilder,
    _ chains: inout [Provenance.Chain]
  ) -> String {
    let facts = facts(of: policyClass)
    let name = uniqueName(facts.names[family] ?? policyClass.chainName(tiers, family), builder)
    builder.add(
      policyClass, named: name, family, terms: facts.terms, lists: facts.lists, tiers: tiers, &book)
    builder.remarks[name] = policyClass.remarks(tiers, pods: cluster.pods)
    chains.append(
      Provenance.Chain(
        name: name, direction: policyClass.key.direction, policies: facts.policies,
        pods: (policyClass.pods + policyClass.jointPods).sorted().map { cluster.pods[$0].displayName }))
    return name
  }

  /// The addresses of the subjects that are checked as sources, ascending.
  private func localPods(_ subjects: [Int], _ modes: EnforcementModes) -> [IPFamily: [ElementKey]] {
    var found: [IPFamily: Set<UInt128>] = [:]
    for address in subjects.flatMap({ cluster.pods[$0].addresses }) where modes.checksSource(address) {
      found[address.family, default: []].insert(address.bits)
    }
    return found.mapValues { $0.sorted().map { ElementKey($0) } }
  }

  /// The addresses of pods by family, of the families that they have.
  private func members(_ pods: [Int]) -> [(family: IPFamily, addresses: [IPAddress])] {
    IPFamily.allCases.compactMap { family in
      let members = pods.flatMap { position in
        cluster.pods[position].addresses.filter { $0.family == family }
      }
      return members.isEmpty ? nil : (family, members)
    }
  }

  /// The chain of pods whose claimants are of several classes, each of which is asked.
  private func chain(
    of joint: JointClass, _ classes: [PolicyClass], _ names: [ClassFamilyKey: String], _ family: IPFamily,
    _ builder: inout ChainBuilder, _ chains: inout [Provenance.Chain]
  ) -> String {
    let parts = joint.parts.compactMap { names[ClassFamilyKey(key: classes[$0].key, family: family)] }
    let chain = Chain.ofAll(parts, joint.direction, family)
    if builder.chains.updateValue(chain, forKey: chain.name) != nil { return chain.name }
    builder.remarks[chain.name] = [joint.direction.remark(about: joint.pods, cluster.pods)]
    chains.append(
      Provenance.Chain(
        name: chain.name, direction: joint.direction,
        policies: Set(joint.parts.flatMap { classes[$0].policies(tiers) }).sorted(),
        pods: joint.pods.map { cluster.pods[$0].displayName }))
    return chain.name
  }

  /// The addresses of pods that are in the blocks of unknown pods, ascending.
  private func knownPods(_ family: IPFamily, _ modes: EnforcementModes) -> [ElementKey] {
    let blocks = modes.unknownPodAddresses(family)
    let found = cluster.pods.lazy.flatMap(\.addresses).filter {
      $0.family == family && blocks.contains($0.bits)
    }
    return Set(found.map(\.bits)).sorted().map { ElementKey($0) }
  }

  /// The table of contents with the words about it and the origins of its parts.
  private func ruleset(
    _ contents: TableContents, _ layout: TableLayout, _ builder: ChainBuilder, chains: [Provenance.Chain],
    _ counts: LoweredRuleset.Counts
  ) -> LoweredRuleset {
    let table = layout.table(contents)
    var counts = counts
    counts.walkedTiers = builder.walkedTiers
    counts.orderedPeers = builder.orderedPeers.sum
    counts.rules = table.chains.reduce(0) { $0 + $1.rules.count }
    counts.elements =
      table.sets.reduce(0) { $0 + $1.elements.count } + table.maps.reduce(0) { $0 + $1.elements.count }
    var remarks = builder.remarks
    for (set, words) in builder.sets.remarks { remarks[set] = [words] }
    let rules = layout.hasReplyChains ? builder.rules + builder.rules.map(\.ofReplies) : builder.rules
    let provenance = Provenance(
      rules: rules.sorted { ($0.chain, $0.position) < ($1.chain, $1.position) },
      sets: contents.sets.map { set in
        Provenance.Set(
          name: set.name, holds: builder.sets.remarks[set.name] ?? set.name,
          policies: (builder.sets.users[set.name] ?? []).sorted())
      }, chains: chains.sorted { $0.name < $1.name },
      ruleChains: builder.ruleChains.values.sorted { $0.chain < $1.chain })
    return LoweredRuleset(
      table: table, annotations: layout.annotations(contents, remarks: remarks), provenance: provenance,
      counts: counts, modes: layout.modes)
  }

  private mutating func facts(of policyClass: PolicyClass) -> ClassFacts {
    if let facts = known[policyClass.key] { return facts }
    let names = IPFamily.allCases.map { ($0, policyClass.chainName(tiers, $0)) }
    let lists = terms(of: policyClass)
    let facts = ClassFacts(
      terms: lists.map(\.terms), lists: lists.map(\.number), policies: policyClass.policies(tiers),
      names: Dictionary(uniqueKeysWithValues: names))
    known[policyClass.key] = facts
    return facts
  }

  /// The terms of a class, tier by tier, with the number of a list that other classes may have too.
  private mutating func terms(of policyClass: PolicyClass) -> [(number: Int?, terms: [Term])] {
    let builder = TermBuilder(subjectPorts: policyClass.key.ports, countsRules: countsRules)
    return tiers.indices.map { tier in
      let chosen = policyClass.key.entries[tier]
      let (kind, entries) = (tiers[tier].kind, tiers[tier].entries)
      // Of a tier of the cluster's own the same few policies make up all classes.
      func isShared(_ place: Int) -> Bool { kind.sharesTerms(of: entries[place]) }
      guard !chosen.isEmpty, chosen.allSatisfy(isShared) else {
        let terms = chosen.flatMap { place in
          isShared(place)
            ? self.terms(ofEntry: place, tier: tier, builder)
            : builder.terms(of: entries[place], in: kind, &book)
        }
        return (nil, terms)
      }
      let key = ListKey(tier: tier, entries: chosen)
      if let known = sharedLists[key] { return known }
      let terms = chosen.flatMap { self.terms(ofEntry: $0, tier: tier, builder) }
      let made = (number: sharedLists.count, terms: terms)
      sharedLists[key] = made
      return made
    }
  }

  /// The terms of an entry, numbered: the same for each class.
  private mutating func terms(ofEntry place: Int, tier: Int, _ builder: TermBuilder) -> [Term] {
    let key = EntryKey(tier: tier, entry: place)
    if let known = sharedTerms[key] { return known }
    var terms = builder.terms(of: tiers[tier].entries[place], in: tiers[tier].kind, &book)
    for number in terms.indices { terms[number].number = sharedCount + number }
    sharedCount += terms.count
    sharedTerms[key] = terms
    return terms
  }

  /// An entry of a tier.
  private struct EntryKey: Hashable {
    let tier: Int
    let entry: Int
  }

  /// Some entries of a tier, in order.
  private struct ListKey: Hashable {
    let tier: Int
    let entries: [Int]
  }

  /// The class's name. Two classes whose digests begin alike must not share a chain.
  private func uniqueName(_ wanted: String, _ builder: ChainBuilder) -> String {
    var name = wanted
    while builder.chains[name] != nil { name += "x" }
    return name
  }
}

extension TierKind {
  /// True where the terms of an entry of such a tier are the same for each class that the entry makes.
  public func sharesTerms(of entry: PolicyEntry) -> Bool {
    isOfCluster && (entry.direction == .egress || !entry.usesPortNames)
  }
}

extension PolicyEntry {
  /// True where a rule names a port: of ingress its number is the subject's own.
  fileprivate var usesPortNames: Bool {
    rules.contains { rule in rule.ports.entries.contains { $0.ports.name != nil } }
  }
}
