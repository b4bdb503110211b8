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
  /// True where a class was looked up in maps: then its chains depend on who its peers are at the moment.
  public private(set) var isDense = false
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
  /// The same lists, parted for the dense form.
  var sharedParts: [Shared: DenseForm] = [:]
  /// True where classes share the chains of ingress lists that are walked: each pod is of one class.
  var sharesWalks = false
  /// The chains of lists that all classes jump to.
  var sharedWalks: [Shared: String] = [:]
  /// The rules with a chain of their own, by its name.
  public internal(set) var ruleChains: [String: RuleChain] = [:]
  /// The names of these chains, and of those that lead to them, in the order in which they were made.
  var madeRuleChains: [String] = []
  /// The addresses that lookups of ordered tiers copied so far.
  var orderedCopies: CopyBudget
  /// The number of addresses that these copied.
  public var copiedInOrder: Int { orderedCopies.copied }
  /// The number of ordered tiers of classes that are walked rule by rule, because their lookups would copy too much.
  public var walkedTiers: Int { orderedCopies.refused }
  /// The number of addresses of the peers of ordered tiers, each peer's once.
  var orderedPeers: Int { orderedCopies.sharedSum }
  /// From how many rules on a class is looked up in maps instead.
  let denseFrom: Int
  /// The limit of peer addresses that a class copies into a map of its own.
  let copyAtMost: Int

  /// Collects the data of a matrix.
  /// - Parameters:
  ///   - denseFrom: from how many rules on a class is looked up in maps instead.
  ///   - copyAtMost: how many addresses of a peer a class copies into a map of its own.
  ///   - orderedCopies: how many addresses lookups of ordered tiers may always copy, all together.
  ///   - sets: may know names that other sets have.
  ///   - decisions: likewise for chains that decide by ports.
  public init(
    denseFrom: Int, copyAtMost: Int, orderedCopies: Int, sets: SetRegistry = SetRegistry(),
    decisions: [String: String] = [:]
  ) {
    self.sets = sets
    self.decisions = decisions
    self.denseFrom = denseFrom
    self.copyAtMost = copyAtMost
    self.orderedCopies = CopyBudget(always: orderedCopies)
  }

  /// Adds the chain of a class in a family, and what it needs. Lists of terms that classes share have numbers.
  public mutating func add(
    _ policyClass: PolicyClass, named name: String, _ family: IPFamily, terms: [[Term]],
    lists: [Int?] = [], tiers: [Tier], _ book: inout some PeerBook
  ) {
    let asked = tiers.indices.filter { !policyClass.key.entries[$0].isEmpty }
    for (step, tier) in asked.enumerated() {
      let chain = step == 0 ? name : ChainName.tier(tiers[tier].kind.name, of: name)
      let next =
        step + 1 < asked.count ? ChainName.tier(tiers[asked[step + 1]].kind.name, of: name) : nil
      let scope = ClassScope(
        start: chain, chain: chain, next: next, family: family, direction: policyClass.key.direction,
        selectedDefault: tiers[tier].kind.selectedDefault, isOfCluster: tiers[tier].kind.isOfCluster,
        tier: tiers[tier].kind.name)
      fill(scope, terms[tier], list: tier < lists.count ? lists[tier] : nil, &book)
    }
  }

  /// The properties of a class that its chains depend on.
  struct ClassScope {
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
    _ scope: ClassScope, _ terms: [Term], list: Int?, _ book: inout some PeerBook
  ) {
    let end = self.end(of: scope)
    if let walk = knownWalk(scope, list) {
      _ = allowedParts(terms, list: list, scope, &book)
      return finish(scope.chain, [walk] + end)
    }
    let before = (sets.state, chains[ChainName.deny], madeRuleChains.count)
    var lines = rules(of: terms, list: list, scope, &book)
    var scope = scope
    let parts = lines.count < denseFrom ? nil : allowedParts(terms, list: list, scope, &book)
    let isWalked = lines.count >= denseFrom && parts == nil
    if let parts {
      // Sets and chains that only these rules needed go with them.
      sets.goBack(to: before.0)
      chains[ChainName.deny] = before.1
      forgetRuleChains(from: before.2)
      lines = []
      isDense = true
      for (number, part) in parts.enumerated() {
        lines += plainRules(scope, part.walked, &book)
        // What a map decides with ports leaves the chain, so the rest of the tier is a chain of its own.
        let rest = number + 1 < parts.count ? ChainName.part(number + 1, of: scope.start) : nil
        lines += mapRules(scope, part.mapped, rest: rest, &book)
        guard let rest else { break }
        lines.append(Line(rule: Rule([.verdict(.goto(rest))]), policies: [], origins: []))
        finish(scope.chain, lines)
        scope.chain = rest
        lines = []
      }
    }
    if isWalked, let list, sharesWalk(scope) {
      return finish(scope.chain, [walk(terms, list: list, scope, &book)] + end)
    }
    finish(scope.chain, lines, end, isWalked: isWalked)
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
    /// The chain of the policy's rule, where it has one.
    var ruleChain: RuleChain?
    /// True where the next tier is asked.
    var isPassing = false
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
          continue
        }
        known[key] = lines.count
        lines.append(
          Line(
            rule: Rule(
              conditions.statements + [verdict(of: term, scope)],
              comment: conditions.comment ?? RuleComment.make(term.policy, term.origins, name: term.name)),
            policies: [term.policy], origins: term.origins, ruleChain: term.ruleChain,
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
