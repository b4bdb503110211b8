public import Addresses
public import PolicyModel
public import Ruleset
import TableLayout

/// The chains, sets and maps of a ruleset while it grows, with where each rule comes from.
public struct ChainBuilder {
  /// The named sets.
  public var sets: SetRegistry
  /// The verdict maps of classes with many rules, by name.
  public var maps: [String: VerdictMap] = [:]
  /// The chains of classes, by name.
  public var chains: [String: Chain] = [:]
  /// The remarks printed above a chain or map.
  var remarks: [String: [String]] = [:]
  /// The identity of each chain that decides by ports, by its name; chains that exist in another table
  /// included.
  public var decisions: [String: String]
  /// The places of the tiers of a class that were looked up in maps: these chains depend on who their peers are at the moment.
  public private(set) var denseTiers: Set<Int> = []
  /// True where such a class copied peers of any size.
  package internal(set) var copiesLargePeers = false
  /// Where the rules come from.
  var rules: [Provenance.Rule] = []
  /// The number of each list of conditions.
  private var conditionNumbers: [[Statement]: Int] = [:]
  /// The conditions of terms that classes share.
  private var sharedConditions: [Shared: [RuleConditions]] = [:]
  /// The rules of lists of terms that classes share.
  var sharedLines: [SharedList: SharedLines] = [:]
  /// The work on the same lists for other classes.
  var memory: ListMemory
  /// True where classes share the chains of ingress lists that are walked: each pod is of one class.
  var sharesWalks: Bool
  /// The chains of lists that all classes jump to.
  var sharedWalks: [Shared: String] = [:]
  /// The policies of these lists in words, by the chain.
  public internal(set) var walkedPolicies: [String: String] = [:]
  /// The rules with a chain of their own, by its name.
  public internal(set) var ruleChains: [String: RuleChain] = [:]
  /// The names of these chains, and of those that lead to them, in the order in which they were made.
  var madeRuleChains: [String] = []
  /// The sizes of ordered tiers that become lookups.
  var copyLimit: CopyLimit
  /// The number of ordered tiers of classes that are walked rule by rule, because their lookups would copy too much.
  private(set) var walkedTiers = 0
  /// The addresses of the peers of long ordered tiers.
  var orderedPeers = SharedPeers()
  /// From how many rules on a class is looked up in maps instead.
  let denseFrom: Int
  /// The limit of peer addresses that a class copies into a map of its own.
  let copyAtMost: Int

  /// Collects the data of a matrix.
  /// - Parameters:
  ///   - denseFrom: from how many rules on a class is looked up in maps instead.
  ///   - copyAtMost: how many addresses of a peer a class copies into a map of its own.
  ///   - copyLimit: which ordered tiers become lookups.
  ///   - sharesWalks: whether classes share the chains of ingress lists that are walked: where each pod is of one class.
  ///   - memory: what is known about lists that classes share; the same numbers mean the same lists.
  ///   - sets: may know names that other sets have.
  ///   - decisions: likewise for chains that decide by ports.
  public init(
    denseFrom: Int, copyAtMost: Int, copyLimit: CopyLimit = .none, sharesWalks: Bool,
    memory: ListMemory = ListMemory(),
    sets: SetRegistry = SetRegistry(), decisions: [String: String] = [:]
  ) {
    self.sets = sets
    self.decisions = decisions
    self.denseFrom = denseFrom
    self.copyAtMost = copyAtMost
    self.copyLimit = copyLimit
    self.sharesWalks = sharesWalks
    self.memory = memory
  }

  /// Adds the chain of a class in a family, and what it needs. Lists of terms that classes share have numbers. `longTiers` are the
  /// tiers of ClusterNetworkPolicy that have rules enough for lookups; nil: it is to be found out.
  public mutating func add(
    _ policyClass: PolicyClass, named name: String, _ family: IPFamily, terms: [[Term]],
    lists: [Int?] = [], longTiers: Set<Int>? = nil, tiers: [Tier], _ book: inout some PeerBook
  ) {
    for scope in scopes(of: policyClass, named: name, family, tiers) {
      let place = scope.place
      fill(
        scope, terms[place], list: place < lists.count ? lists[place] : nil,
        isLong: scope.isOfCluster ? longTiers?.contains(place) : nil, &book)
    }
  }

  /// The tiers that a class asks, in order.
  func scopes(
    of policyClass: PolicyClass, named name: String, _ family: IPFamily, _ tiers: [Tier]
  ) -> [ClassScope] {
    let asked = tiers.indices.filter { !policyClass.key.entries[$0].isEmpty }
    return asked.enumerated().map { step, tier in
      let chain = step == 0 ? name : ChainName.tier(tiers[tier].kind.name, of: name)
      let next =
        step + 1 < asked.count ? ChainName.tier(tiers[asked[step + 1]].kind.name, of: name) : nil
      return ClassScope(
        place: tier, start: chain, chain: chain, next: next, family: family,
        direction: policyClass.key.direction, selectedDefault: tiers[tier].kind.selectedDefault,
        isOfCluster: tiers[tier].kind.isOfCluster, tier: tiers[tier].kind.name)
    }
  }

  /// The properties of a class that its chains depend on.
  struct ClassScope {
    /// The place of the tier among all.
    let place: Int
    /// The first chain of the tier.
    let start: String
    /// The chain that is being filled.
    var chain: String
    let next: String?
    let family: IPFamily
    let direction: Direction
    let selectedDefault: SelectedDefault
    /// True for a tier of ClusterNetworkPolicy.
    let isOfCluster: Bool
    /// The name of the tier.
    let tier: String
    /// True for the chain of a list that all classes jump to: what it accepts is accepted for good, what it passes returns.
    var isShared = false

    /// The field that holds the other end's address.
    var peerField: Field {
      switch (family, direction) {
      case (.ipv4, .ingress): .ipSaddr
      case (.ipv4, .egress): .ipDaddr
      case (.ipv6, .ingress): .ip6Saddr
      case (.ipv6, .egress): .ip6Daddr
      }
    }
  }

  private mutating func fill(
    _ scope: ClassScope, _ terms: [Term], list: Int?, isLong known: Bool?, _ book: inout some PeerBook
  ) {
    let end = self.end(of: scope)
    if let walk = knownWalk(scope, list) {
      walkedTiers += 1
      return finish(scope.chain, [walk] + end)
    }
    let before = state
    var lines: [Line]?
    let length = list.flatMap { memory.lengths[Shared(number: $0, family: scope.family)] }
    if known == nil, length == nil { lines = rules(of: terms, list: list, scope, &book) }
    let isLong = known ?? ((length ?? Self.length(of: lines ?? [])) >= denseFrom)
    let form = isLong ? denseForm(terms, list: list, scope, &book) : nil
    let isWalked = form.map { scope.isOfCluster && !copyLimit.allows($0.copies) } ?? false
    if isWalked {
      walkedTiers += 1
    } else if let form {
      // Sets and chains that only these rules needed go with them.
      goBack(to: before)
      return addLookups(form, list: list, scope, end, &book)
    }
    if isWalked, let list, sharesWalk(scope) {
      goBack(to: before)
      return finish(scope.chain, [walk(terms, list: list, scope, &book)] + end)
    }
    finish(
      scope.chain, lines ?? rules(of: terms, list: list, scope, &book), end, isWalked: isWalked)
  }

  /// Adds a tier in the dense form.
  private mutating func addLookups(
    _ form: DenseForm, list: Int?, _ scope: ClassScope, _ end: [Line], _ book: inout some PeerBook
  ) {
    denseTiers.insert(scope.place)
    if form.isOneLookup { copiesLargePeers = true }
    var scope = scope
    for (number, part) in form.parts.enumerated() {
      var lines = plainRules(scope, part.walked, &book)
      // A packet about which a map decides leaves the chain, so the rest of the tier is a chain of its own.
      let rest = number + 1 < form.parts.count ? ChainName.part(number + 1, of: scope.start) : nil
      let place = list.map {
        ListMemory.Part(list: Shared(number: $0, family: scope.family), number: number)
      }
      lines += mapRules(scope, part.mapped, place, rest: rest, &book)
      guard let rest else {
        finish(scope.chain, lines, end, isWalked: false)
        return
      }
      lines.append(Line(rule: Rule([.verdict(.goto(rest))]), policies: [], origins: []))
      finish(scope.chain, lines)
      scope.chain = rest
    }
  }

  /// The rule behind those of a tier, if there is one.
  private func end(of scope: ClassScope) -> [Line] {
    if scope.selectedDefault == .deny { return [Line(rule: TableLayout.denial, policies: [], origins: [])] }
    return scope.next.map { [Line(rule: Rule([.verdict(.goto($0))]), policies: [], origins: [])] } ?? []
  }

  /// Finishes a chain; where its lines are walked, with another one for protocols that few of them are about.
  mutating func finish(_ chain: String, _ lines: [Line], _ end: [Line], isWalked: Bool) {
    guard isWalked, let parted = linesByProtocol(lines) else { return finish(chain, lines + end) }
    let others = ChainName.otherProtocols(of: chain)
    finish(others, parted.others + end)
    finish(chain, [Self.otherProtocols(to: others)] + parted.tcp + end)
  }

  private mutating func finish(_ chain: String, _ lines: [Line]) {
    chains[chain] = Chain(chain, rules: lines.map(\.rule))
    for (position, line) in lines.enumerated() where !line.origins.isEmpty {
      rules.append(
        Provenance.Rule(
          chain: chain, position: position, policies: line.policies, origins: line.origins))
    }
  }

  /// A rule on its way into a chain.
  struct Line {
    var rule: Rule
    var policies: [PolicyID]
    var origins: [Origin]
    /// The action of the policy's rule; nil where there is no such rule.
    var action: RuleAction?
    /// The chain of the policy's rule, where it has one.
    var ruleChain: RuleChain?
    /// True where the next tier is asked.
    var isPassing = false
    /// True where a rule that accepts and one that passes are one here, because nothing is asked behind the tier.
    var isOfTwo = false
  }

  /// One rule for each peer and kind of port, as the policy has them; what is said twice stands once. Each use of a set is
  /// reported.
  mutating func plainRules(
    _ scope: ClassScope, _ terms: [Term], _ book: inout some PeerBook,
    noting note: (SetRegistry.Kept, PolicyID) -> Void = { _, _ in }
  ) -> [Line] {
    var lines: [Line] = []
    var known: [RuleKey: Int] = [:]
    for term in terms {
      for conditions in ruleConditions(scope, term, &book) {
        for set in conditions.sets {
          sets.use(set.name, by: term.policy)
          note(set, term.policy)
        }
        // Where nothing is asked behind the tier, to pass is to accept.
        let action = term.action == .pass && scope.next == nil && !scope.isShared ? .accept : term.action
        let key = RuleKey(conditions: conditions.number, action: action)
        if let before = known[key] {
          lines[before].policies.append(term.policy)
          lines[before].origins += term.origins
          if term.action != lines[before].action { lines[before].isOfTwo = true }
          continue
        }
        known[key] = lines.count
        lines.append(
          Line(
            rule: Rule(
              conditions.statements + [verdict(of: term, scope)],
              comment: conditions.comment ?? RuleComment.make(term.policy, term.origins, name: term.name)),
            policies: [term.policy], origins: term.origins, action: term.action, ruleChain: term.ruleChain,
            isPassing: term.action == .pass && scope.next != nil))
      }
    }
    return lines
  }

  /// Conditions with an action: what two equal ones of a chain say stands once.
  private struct RuleKey: Hashable {
    let conditions: Int
    let action: RuleAction
  }

  /// The conditions of one rule of a term in a family, with the sets that they use.
  struct RuleConditions {
    /// The same number for equal statements.
    let number: Int
    let statements: [Statement]
    let sets: [SetRegistry.Kept]
    /// The comment of the rule, where it was made already.
    let comment: String?
  }

  /// A term, or a list of terms, that several classes share, in a family.
  struct Shared: Hashable {
    let number: Int
    let family: IPFamily
  }

  /// The conditions of a term's rules; none where it matches nothing in this family. Of a term that classes share they are
  /// made once.
  private mutating func ruleConditions(_ scope: ClassScope, _ term: Term, _ book: inout some PeerBook)
    -> [RuleConditions]
  {
    let shared = term.number.map { Shared(number: $0, family: scope.family) }
    if let shared, let made = sharedConditions[shared] {
      if made.allSatisfy({ $0.sets.allSatisfy { sets.bringBack($0) } }) { return made }
    }
    guard let peer = conditions(on: scope, term, &book) else {
      if let shared { sharedConditions[shared] = [] }
      return []
    }
    let made = term.ports.alternatives(&sets).map { ports in
      let statements = peer + ports
      let number = conditionNumbers[statements] ?? conditionNumbers.count
      conditionNumbers[statements] = number
      return RuleConditions(
        number: number, statements: statements,
        sets: statements.compactMap { statement in
          guard case .match(let match) = statement, case .namedSet(let set) = match.operand else {
            return nil
          }
          return sets.kept(set)
        },
        comment: shared.map { _ in RuleComment.make(term.policy, term.origins, name: term.name) })
    }
    if let shared { sharedConditions[shared] = made }
    return made
  }

  /// The condition on the other end's address; nil where the term matches nothing in this family.
  private mutating func conditions(
    on scope: ClassScope, _ term: Term, _ book: inout some PeerBook
  ) -> [Statement]? {
    let operand: Operand
    if case .pods(let query) = term.peer {
      // Who they are at the moment changes nothing in the rule.
      let name = sets.add(
        book.description(query, scope.family), elements: { book.elements(query, scope.family) })
      return [.match(Match(scope.peerField, .equal, .namedSet(name)))]
    }
    switch book.match(term.peer, scope.family) {
    case .everything: return []
    case .nothing, .pods: return nil
    case .ranges(let set) where set.intervals.count == 1: operand = .value(.single(set.intervals[0]))
    case .ranges(let set):
      guard case .blocks(let blocks) = term.peer else { return nil }
      let words = blocks.map(\.summary).joined(separator: ", ")
      let name = sets.add(
        .init(
          prefix: SetName.blockPrefix(scope.family), hint: words, identity: "blocks \(words)",
          key: [scope.family.dataType], flags: .interval, remark: words),
        elements: { set.intervals.map { .single($0) } })
      operand = .namedSet(name)
    }
    return [.match(Match(scope.peerField, .equal, operand))]
  }

  /// The verdict that denies before the end of a chain, with the chain it needs.
  mutating func denyEarly() -> Verdict {
    if chains[ChainName.deny] == nil {
      chains[ChainName.deny] = Chain(ChainName.deny, rules: [TableLayout.denial])
    }
    return .goto(ChainName.deny)
  }

  private mutating func verdict(of term: Term, _ scope: ClassScope) -> Statement {
    verdict(of: term.action, by: term.ruleChain, scope)
  }

  /// The verdict of an action, by the chain of its rule where it has one.
  mutating func verdict(of action: RuleAction, by rule: RuleChain?, _ scope: ClassScope) -> Statement {
    switch action {
    case .accept: .verdict(counted(scope.isShared ? .accept : .return, by: rule))
    case .deny: .verdict(rule.map { deny(for: $0) } ?? denyEarly())
    case .pass where scope.isShared: .verdict(counted(.return, by: rule))
    case .pass: .verdict(counted(scope.next.map { .goto($0) } ?? .return, by: rule))
    }
  }
}
