import Addresses
import Digest
import PolicyModel
import Ruleset
import TableLayout

/// The chains, sets and maps of a ruleset while it grows, with where each rule comes from.
struct ChainBuilder {
  /// The named sets.
  var sets: SetRegistry
  /// The verdict maps of classes with many rules, by name.
  var maps: [String: VerdictMap] = [:]
  /// The chains of classes, by name.
  var chains: [String: Chain] = [:]
  /// What to say above a chain or map.
  var remarks: [String: [String]] = [:]
  /// What each chain that decides by ports stands for, by name; also of chains that are somewhere else already.
  private(set) var decisions: [String: String]
  /// Whether a class was looked up in maps: then its chains depend on who its peers are at the moment.
  private(set) var isDense = false
  /// Where the rules come from.
  var rules: [Provenance.Rule] = []
  /// From how many rules on a class is looked up in maps instead.
  let denseFrom: Int
  /// How many addresses of a peer a class copies into a map of its own.
  let copyAtMost: Int

  /// - Parameters:
  ///   - denseFrom: from how many rules on a class is looked up in maps instead.
  ///   - copyAtMost: how many addresses of a peer a class copies into a map of its own.
  ///   - sets: may know names that other sets have.
  ///   - decisions: likewise for chains that decide by ports.
  init(
    denseFrom: Int, copyAtMost: Int, sets: SetRegistry = SetRegistry(),
    decisions: [String: String] = [:]
  ) {
    self.sets = sets
    self.decisions = decisions
    self.denseFrom = denseFrom
    self.copyAtMost = copyAtMost
  }

  /// Adds the chain of a class in a family, and what it needs.
  mutating func add(
    _ policyClass: PolicyClass, named name: String, _ family: IPFamily, terms: [[Term]], tiers: [Tier],
    _ book: inout some PeerBook
  ) {
    let asked = tiers.indices.filter { !policyClass.key.entries[$0].isEmpty }
    for (step, tier) in asked.enumerated() {
      let chain = step == 0 ? name : ChainName.tier(tiers[tier].kind.name, of: name)
      let next =
        step + 1 < asked.count ? ChainName.tier(tiers[asked[step + 1]].kind.name, of: name) : nil
      let scope = ClassScope(
        start: chain, chain: chain, next: next, family: family, direction: policyClass.key.direction,
        selectedDefault: tiers[tier].kind.selectedDefault)
      fill(scope, terms[tier], &book)
    }
  }

  /// What a chain of a class needs to know of its class.
  private struct ClassScope {
    /// The first chain of the tier.
    let start: String
    /// The chain that is being filled.
    var chain: String
    let next: String?
    let family: IPFamily
    let direction: Direction
    let selectedDefault: SelectedDefault

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

  private mutating func fill(_ scope: ClassScope, _ terms: [Term], _ book: inout some PeerBook) {
    let before = (sets.state, chains[ChainName.deny])
    var lines = plainRules(scope, terms, &book)
    var scope = scope
    if lines.count >= denseFrom {
      // What only these rules needed goes with them.
      sets.goBack(to: before.0)
      chains[ChainName.deny] = before.1
      lines = []
      isDense = true
      let parts = denseParts(terms, scope.family, &book)
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
    if scope.selectedDefault == .deny {
      lines.append(Line(rule: TableLayout.denial, policies: [], origins: []))
    } else if let next = scope.next {
      lines.append(Line(rule: Rule([.verdict(.goto(next))]), policies: [], origins: []))
    }
    finish(scope.chain, lines)
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
  private struct Line {
    var rule: Rule
    var policies: [PolicyID]
    var origins: [Origin]
  }

  /// One rule for each peer and kind of port, as the policy has them; what is said twice stands once.
  private mutating func plainRules(_ scope: ClassScope, _ terms: [Term], _ book: inout some PeerBook)
    -> [Line]
  {
    var lines: [Line] = []
    var known: [[Statement]: Int] = [:]
    for term in terms {
      guard let peer = conditions(on: scope, term, &book) else { continue }
      for ports in term.ports.alternatives(&sets) {
        let statements = peer + ports + [verdict(of: term.action, scope)]
        for case .match(let match) in statements {
          if case .namedSet(let set) = match.operand { sets.use(set, by: term.policy) }
        }
        if let before = known[statements] {
          lines[before].policies.append(term.policy)
          lines[before].origins += term.origins
          continue
        }
        known[statements] = lines.count
        lines.append(
          Line(
            rule: Rule(statements, comment: Comment.make(term.policy, term.origins)), policies: [term.policy],
            origins: term.origins))
      }
    }
    return lines
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

  /// Terms that stay rules, and terms behind them that become lookups.
  private struct DensePart {
    var walked: [Term] = []
    var mapped: [Term] = []
  }

  /// Parts the terms of a tier for the dense form, in order.
  ///
  /// Terms whose peers are very many stay rules: a class's own copy of a large set would cost more memory than the
  /// lookup in the shared one costs time. Where all terms do the same their order is of no matter; these rules, and those
  /// without a peer, come first then, and the rest is one part. Otherwise a part ends where rules follow lookups.
  private func denseParts(
    _ terms: [Term], _ family: IPFamily, _ book: inout some PeerBook
  ) -> [DensePart] {
    let isOrdered = terms.contains { $0.action != terms[0].action }
    var parts = [DensePart()]
    for term in terms {
      let isWalked =
        book.count(term.peer, family) > copyAtMost || !isOrdered && term.peer == .everything
      if !isWalked {
        parts[parts.count - 1].mapped.append(term)
      } else if isOrdered, parts.last?.mapped.isEmpty == false {
        parts.append(DensePart(walked: [term]))
      } else {
        parts[parts.count - 1].walked.append(term)
      }
    }
    if !isOrdered { parts[0].walked = Self.merged(parts[0].walked) }
    return parts
  }

  /// Many rules as two lookups: a map from the address of a pod, and one from ranges of all other addresses, each to the
  /// chain that decides by the ports. `rest` is the chain with the rest of the tier, if there is any.
  private mutating func mapRules(
    _ scope: ClassScope, _ mapped: [Term], rest: String?, _ book: inout some PeerBook
  ) -> [Line] {
    let otherwise: PortDecision.Outcome = rest == nil ? .init(scope.selectedDefault) : .proceed
    let table = DecisionTable(mapped, otherwise: otherwise, scope.family, &book)
    let policies = Array(Set(mapped.map(\.policy))).sorted()
    let origins = mapped.flatMap(\.origins)
    var lines: [Line] = []
    let lookups = [
      (SetName.podMap(of: scope.chain), table.pods, SetFlags()),
      (SetName.blockMap(of: scope.chain), table.blocks, .interval),
    ]
    for (name, entries, flags) in lookups where !entries.isEmpty {
      let elements = entries.map { entry in
        VerdictElement(.single(entry.interval), verdict(of: entry.decision, scope, rest: rest))
      }
      maps[name] = VerdictMap(name, key: [scope.family.dataType], flags: flags, elements: elements)
      lines.append(
        Line(rule: Rule([.verdictMap([scope.peerField], .named(name))]), policies: policies, origins: origins)
      )
    }
    return lines
  }

  /// Terms of one peer as one term, in the order of their first.
  private static func merged(_ terms: [Term]) -> [Term] {
    var places: [PeerTerm: Int] = [:]
    var result: [Term] = []
    for term in terms {
      if let place = places[term.peer] {
        let first = result[place]
        result[place] = Term(
          action: first.action, peer: first.peer, ports: first.ports.union(term.ports), policy: first.policy,
          origins: first.origins + term.origins)
      } else {
        places[term.peer] = result.count
        result.append(term)
      }
    }
    return result
  }

  /// The verdict that decides by ports, with the chain it needs.
  private mutating func verdict(of decision: PortDecision, _ scope: ClassScope, rest: String?) -> Verdict {
    func end(_ outcome: PortDecision.Outcome) -> Verdict {
      switch outcome {
      case .accept: .return
      case .deny: denyEarly()
      case .pass: scope.next.map { .goto($0) } ?? .return
      case .proceed: rest.map { .goto($0) } ?? .return
      }
    }
    if decision.exceptions.isEmpty { return end(decision.otherwise) }
    let (prefix, words): (String, String) =
      decision.allowed.map { (ChainName.allowPrefix, $0.summary) }
      ?? (ChainName.decidePrefix, decision.summary)
    var identity = words
    for (outcome, chain) in [(PortDecision.Outcome.pass, scope.next), (.proceed, rest)] {
      guard decision.otherwise == outcome || decision.exceptions[outcome] != nil else { continue }
      identity += "\n\(outcome) is \(chain ?? "accept")"
    }
    let digest = SHA256.hex(identity)
    var name = Name.make(prefix: prefix, hint: words, digest: digest.prefix(8))
    // Two decisions whose digests begin alike must not share a chain.
    if let other = decisions[name], other != identity { name = "\(prefix)\(digest)" }
    if chains[name] == nil {
      var rules: [Rule] = []
      for outcome in PortDecision.Outcome.allCases {
        guard let ports = decision.exceptions[outcome] else { continue }
        rules += ports.alternatives(&sets).map { Rule($0 + [.verdict(end(outcome))]) }
      }
      switch decision.otherwise {
      case .deny: rules.append(TableLayout.denial)
      case .accept: break
      case .pass, .proceed:
        if case .goto(let chain) = end(decision.otherwise) { rules.append(Rule([.verdict(.goto(chain))])) }
      }
      chains[name] = Chain(name, rules: rules)
      remarks[name] = [decision.allowed.map { "allows \($0.summary)" } ?? decision.summary]
      decisions[name] = identity
    }
    return .goto(name)
  }

  /// The verdict that denies before the end of a chain, with the chain it needs.
  private mutating func denyEarly() -> Verdict {
    chains[ChainName.deny] = Chain(ChainName.deny, rules: [TableLayout.denial])
    return .goto(ChainName.deny)
  }

  private mutating func verdict(of action: RuleAction, _ scope: ClassScope) -> Statement {
    switch action {
    case .accept: .verdict(.return)
    case .deny: .verdict(denyEarly())
    case .pass: .verdict(scope.next.map { .goto($0) } ?? .return)
    }
  }
}

/// Comments of rules: kept by the kernel, so they must be short and plain.
enum Comment {
  /// The kernel's limit, in bytes.
  static let longest = 128

  /// `namespace/policy ingress[0].from[1,2]`; what does not fit is cut from the policy's name, or from the end of a
  /// long list, never from the first field.
  static func make(_ policy: PolicyID, _ origins: [Origin]) -> String {
    let fields = origins.map { $0.field.hasPrefix("spec.") ? String($0.field.dropFirst(5)) : $0.field }
    var words = fields.first ?? ""
    for field in fields.dropFirst() where words.utf8.count + field.utf8.count + 1 < longest / 2 {
      words = join(words, field)
    }
    let room = longest - words.utf8.count - 1
    var name = policy.description
    if name.utf8.count > room { name = "\(name.prefix(room - 9))~\(SHA256.hex(name).prefix(8))" }
    return "\(name) \(words)"
  }

  /// `from[1]` and `from[2]` as `from[1,2]`; others with a comma between them.
  private static func join(_ words: String, _ field: String) -> String {
    guard words.hasSuffix("]"), field.hasSuffix("]"), let open = words.lastIndex(of: "["),
      let other = field.lastIndex(of: "["), words[..<open] == field[..<other]
    else { return "\(words),\(field)" }
    return "\(words.dropLast()),\(field[field.index(after: other)...])"
  }
}
