import Addresses
import Digest
import PolicyModel
import Ruleset
import TableLayout

extension ChainBuilder {
  /// Terms that stay rules, and terms behind them that become lookups.
  struct DensePart {
    var walked: [Term] = []
    var mapped: [Term] = []
  }

  /// Parts the terms of a tier for the dense form, in order.
  ///
  /// Terms whose peers are very many stay rules: a class's own copy of a large set would cost more memory than the
  /// lookup in the shared one costs time. Where all terms do the same, and none has a chain that counts for it, their order is of
  /// no matter; these rules, and those without a peer, come first then, and the rest is one part. Otherwise a part ends where rules
  /// follow lookups.
  func denseParts(
    _ terms: [Term], _ family: IPFamily, _ book: inout some PeerBook
  ) -> [DensePart] {
    let isOrdered = Self.areOrdered(terms)
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

  /// The most parts of a tier: the kernel follows sixteen chains from a hook, each part is two, and a packet meets the parts of
  /// both tiers of ClusterNetworkPolicy.
  static let mostParts = 2

  /// The terms of a tier in the dense form.
  struct DenseForm {
    let parts: [DensePart]
    /// True where peers of any size are copied into one lookup.
    let isOneLookup: Bool
    /// The number of addresses that the lookups copy.
    let copies: Int
  }

  /// The dense form of terms. That of a list that classes share is worked out once.
  mutating func denseForm(
    _ terms: [Term], list: Int?, _ scope: ClassScope, _ book: inout some PeerBook
  ) -> DenseForm {
    let shared = list.map { Shared(number: $0, family: scope.family) }
    if let shared, let known = memory.forms[shared] { return known }
    var parts = denseParts(terms, scope.family, &book)
    // Rules and lookups by turns: all of them as one lookup.
    let isOneLookup = parts.count > Self.mostParts
    if isOneLookup { parts = [DensePart(mapped: terms)] }
    var copies = 0
    if scope.isOfCluster {
      orderedPeers.count(terms, scope.family, &book)
      var counts: [Int] = []
      for term in terms { counts.append(book.count(term.peer, scope.family)) }
      copies = Self.copies(counts, areOrdered: Self.areOrdered(terms), copyAtMost: copyAtMost)
    }
    let form = DenseForm(parts: parts, isOneLookup: isOneLookup, copies: copies)
    if let shared { memory.forms[shared] = form }
    return form
  }

  /// Many rules as two lookups: a map from the address of a pod, and one from ranges of all other addresses, each to the
  /// chain that decides by the ports. `rest` is the chain with the rest of the tier, if there is any, and `place` where these rules
  /// are in a list that classes share.
  mutating func mapRules(
    _ scope: ClassScope, _ mapped: [Term], _ place: ListMemory.Part?, rest: String?,
    _ book: inout some PeerBook
  ) -> [Line] {
    let otherwise: PortDecision.Outcome = rest == nil ? .init(scope.selectedDefault) : .proceed
    let known = place.flatMap { memory.tables[$0] }
    let table = known ?? DecisionTable(mapped, otherwise: otherwise, scope.family, &book)
    if let place, known == nil { memory.tables[place] = table }
    let rules = Dictionary(
      mapped.compactMap(\.ruleChain).map { ($0.chain, $0) }, uniquingKeysWith: { first, _ in first })
    let policies = Array(Set(mapped.map(\.policy))).sorted()
    let origins = mapped.flatMap(\.origins)
    var lines: [Line] = []
    // Elements are many, and decisions few.
    var verdicts: [Int: Verdict] = [:]
    func verdict(_ entry: DecisionTable.Entry, _ builder: inout ChainBuilder) -> Verdict {
      if let known = verdicts[entry.number] { return known }
      let made = builder.verdict(of: entry.decision, rules, scope, rest: rest)
      verdicts[entry.number] = made
      return made
    }
    let lookups = [
      (SetName.podMap(of: scope.chain), table.pods, SetFlags()),
      (SetName.blockMap(of: scope.chain), table.blocks, .interval),
    ]
    for (name, entries, flags) in lookups where !entries.isEmpty {
      let elements = entries.map { entry in
        VerdictElement(.single(entry.interval), verdict(entry, &self))
      }
      maps[name] = VerdictMap(name, key: [scope.family.dataType], flags: flags, elements: elements)
      lines.append(
        Line(rule: Rule([.verdictMap([scope.peerField], .named(name))]), policies: policies, origins: origins)
      )
    }
    return lines
  }

  /// Terms of one peer as one term, in the order of their first.
  static func merged(_ terms: [Term]) -> [Term] {
    var places: [PeerTerm: Int] = [:]
    var groups: [[Term]] = []
    for term in terms {
      if let place = places[term.peer] {
        groups[place].append(term)
      } else {
        places[term.peer] = groups.count
        groups.append([term])
      }
    }
    return groups.map { group in
      let first = group[0]
      if group.count == 1 { return first }
      return Term(
        action: first.action, peer: first.peer, ports: .union(group.map(\.ports)), policy: first.policy,
        origins: group.flatMap(\.origins))
    }
  }

  /// The verdict that decides by ports, with the chain it needs.
  mutating func verdict(
    of decision: PortDecision, _ rules: [String: RuleChain], _ scope: ClassScope, rest: String?
  ) -> Verdict {
    func end(_ outcome: PortDecision.Outcome) -> Verdict {
      let rule = outcome.rule.flatMap { rules[$0] }
      return switch outcome {
      case .accept: counted(.return, by: rule)
      case .deny: rule.map { deny(for: $0) } ?? denyEarly()
      case .pass: counted(scope.next.map { .goto($0) } ?? .return, by: rule)
      case .proceed: rest.map { .goto($0) } ?? .return
      }
    }
    if decision.exceptions.isEmpty { return end(decision.otherwise) }
    let (prefix, words): (String, String) =
      decision.allowed.map { (ChainName.allowPrefix, $0.summary) }
      ?? (ChainName.decidePrefix, decision.summary)
    var identity = words
    let outcomes = decision.outcomes + [decision.otherwise]
    for (outcome, chain) in [(PortDecision.Outcome.pass(rule: nil), scope.next), (.proceed, rest)] {
      guard outcomes.contains(where: { $0.word == outcome.word }) else { continue }
      identity += "\n\(outcome.word) is \(chain ?? "accept")"
    }
    for outcome in outcomes {
      if let rule = outcome.rule {
        identity += "\n\(decision.exceptions[outcome]?.summary ?? "") is \(rule)"
      }
    }
    let digest = SHA256.hex(identity)
    var name = Name.make(prefix: prefix, hint: words, digest: digest.prefix(8))
    // Two decisions whose digests begin alike must not share a chain.
    if let other = decisions[name], other != identity { name = "\(prefix)\(digest)" }
    if chains[name] == nil {
      var rules: [Rule] = []
      for outcome in decision.outcomes {
        guard let ports = decision.exceptions[outcome] else { continue }
        rules += ports.alternatives(&sets).map { Rule($0 + [.verdict(end(outcome))]) }
      }
      switch decision.otherwise {
      case .deny(rule: nil): rules.append(TableLayout.denial)
      case .accept(rule: nil): break
      case .accept, .deny, .pass, .proceed:
        if case .goto(let chain) = end(decision.otherwise) { rules.append(Rule([.verdict(.goto(chain))])) }
      }
      chains[name] = Chain(name, rules: rules)
      remarks[name] = [decision.allowed.map { "allows \($0.summary)" } ?? decision.summary]
      decisions[name] = identity
    }
    return .goto(name)
  }
}
