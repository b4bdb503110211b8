import Addresses
import Reachability
import Ruleset

/// Executes base chains. Packets are kept as terms, so that rules that part sources and rules that part destinations do
/// not multiply: each rule is worked out alone, on the axis that it asks first, and narrows that side of the terms.
final class BaseChainExecutor {
  let chains: ChainExecutor
  let relations: RelationTable
  private let store: DiagramStore
  private let family: IPFamily
  private var ofRule: [RuleKey: RuleRelations] = [:]
  private var ofFunction: [UInt32: (accept: Diagram, back: Diagram, next: Diagram, drop: Diagram)] = [:]
  private var fates: [FateKey: Fate] = [:]
  /// More terms than this are not followed.
  private let termLimit = 1_000

  /// The effect of a rule, as relations of one axis.
  private struct RuleRelations {
    let accept: Int
    let back: Int
    let next: Int
    let drop: Int
  }

  private struct RuleKey: Hashable {
    let starts: [UInt128]
    let values: [UInt32]
  }

  /// The packets that come to a chain, and the parts of the case that the chain looks at.
  private struct FateKey: Hashable {
    let chain: Int
    let depth: Int
    let entering: [Term]
    let packets: PacketCase.Dependency
  }

  /// Where packets end.
  struct Fate {
    var accepted = Terms()
    var dropped = Terms()
    var back = Terms()
  }

  init(_ chains: ChainExecutor, _ relations: RelationTable) {
    self.chains = chains
    self.relations = relations
    store = chains.store
    family = relations.family
  }

  /// The packets of the current case, from one address to another, that pass all chains, and the others.
  func execute(_ baseChains: [(chain: Int, policy: Chain.Hook.Policy)]) -> (accepted: Terms, dropped: Terms) {
    var alive = Terms()
    alive.add(Term(bySource: relations.everything, byDestination: relations.everything), relations)
    var dropped = Terms()
    for (chain, policy) in baseChains {
      let fate = run(chain, alive, depth: 0)
      alive = fate.accepted
      dropped.add(fate.dropped, relations)
      if policy == .accept { alive.add(fate.back, relations) } else { dropped.add(fate.back, relations) }
    }
    return (alive, dropped)
  }

  /// The packets of the current case from an address to itself, as a diagram of that address: what passes all chains.
  func executeSame(_ baseChains: [(chain: Int, policy: Chain.Hook.Policy)]) -> Diagram {
    var result = Diagram.everything(family)
    for (chain, policy) in baseChains {
      let (accept, back, _, _) = diagrams(chains.chain(chain, .same).values[0])
      result = store.intersection(result, policy == .accept ? store.union(accept, back) : accept)
    }
    return result
  }

  /// Where packets end that come to a chain. Most cases come to the same, so each answer is kept.
  private func run(_ chain: Int, _ entering: Terms, depth: Int) -> Fate {
    let key = FateKey(
      chain: chain, depth: depth, entering: entering.list,
      packets: chains.packets.dependency(chains.index.uses[chain]))
    if let known = fates[key] { return known }
    let made = follow(chain, entering, depth: depth)
    fates[key] = made
    return made
  }

  private func follow(_ chain: Int, _ entering: Terms, depth: Int) -> Fate {
    var fate = Fate()
    if depth > 64 {
      chains.note(chain, nil, "chains jump in a circle")
      return fate
    }
    var alive = entering
    for (number, rule) in chains.index.table.chains[chain].rules.enumerated() {
      if alive.list.isEmpty { break }
      if alive.list.count + fate.accepted.list.count + fate.dropped.list.count > termLimit {
        chains.note(chain, number, "too many alternatives of sources and destinations to follow")
        return fate
      }
      let uses = chains.index.rules[chain][number].own
      if uses.isDisjoint(with: [.source, .destination]) {
        alive = step(into: rule, chain, number, alive, &fate, depth)
      } else {
        let bySource = uses.contains(.source)
        let effect = relationsOf(chains.rule(chain, number, bySource ? .source : .destination))
        func narrowed(_ relation: Int) -> Terms {
          var result = Terms()
          for term in alive.list { result.add(narrow(term, relation, bySource: bySource), relations) }
          return result
        }
        fate.accepted.add(narrowed(effect.accept), relations)
        fate.back.add(narrowed(effect.back), relations)
        fate.dropped.add(narrowed(effect.drop), relations)
        alive = narrowed(effect.next)
      }
    }
    fate.back.add(alive, relations)
    return fate
  }

  private func narrow(_ term: Term, _ relation: Int, bySource: Bool) -> Term {
    var result = term
    if bySource {
      result.bySource = relations.intersection(term.bySource, relation)
    } else {
      result.byDestination = relations.intersection(term.byDestination, relation)
    }
    return result
  }

  /// A rule that asks for no address: its jumps are followed rule by rule, so that each rule there has its own axis.
  private func step(
    into rule: Rule, _ chain: Int, _ number: Int, _ entering: Terms, _ fate: inout Fate, _ depth: Int
  ) -> Terms {
    var next = Terms()
    var alive: TrafficID = .everything
    func part(_ traffic: TrafficID) -> Terms {
      if traffic == .everything { return entering }
      if traffic == .nothing { return Terms() }
      let relation = relations.constant(traffic)
      var result = Terms()
      for term in entering.list { result.add(narrow(term, relation, bySource: true), relations) }
      return result
    }
    func give(_ verdict: Verdict, to traffic: TrafficID) {
      let packets = part(traffic)
      if packets.list.isEmpty { return }
      switch verdict {
      case .accept: fate.accepted.add(packets, relations)
      case .drop: fate.dropped.add(packets, relations)
      case .return: fate.back.add(packets, relations)
      case .continue: break
      case .jump(let target), .goto(let target):
        guard let place = chains.index.chainNumber[target] else {
          chains.note(chain, number, "chain \(target) does not exist")
          return
        }
        let there = run(place, packets, depth: depth + 1)
        fate.accepted.add(there.accepted, relations)
        fate.dropped.add(there.dropped, relations)
        if case .jump = verdict {
          next.add(there.back, relations)
        } else {
          fate.back.add(there.back, relations)
        }
      }
    }
    func partition(_ fields: [Field], _ source: LookupKey.Source) -> Partition {
      do {
        let function = try chains.lookups.function(fields, source, .source, chains.packets)
        let inner = chains.lookups.functions[Int(function.values[0])]
        return chains.lookups.partitions[Int(inner.values[0])]
      } catch {
        chains.note(chain, number, error.text)
        return Partition(parts: [])
      }
    }
    var passing: TrafficID = .nothing
    for statement in rule.statements where alive != .nothing {
      switch statement {
      case .counter, .log, .verdict(.continue): continue
      case .limit, .unmodelled: chains.note(chain, number, statement.unmodelledText)
      case .reject:
        give(.drop, to: alive)
        alive = .nothing
      case .verdict(let verdict):
        give(verdict, to: alive)
        alive = .nothing
      case .match(let match):
        let found = partition(match.key, .match(match.comparison, match.operand)).parts.first?.traffic
        passing = store.union(passing, store.difference(alive, found ?? .nothing))
        alive = store.intersection(alive, found ?? .nothing)
      case .verdictMap(let fields, let lookup):
        var missed = alive
        var going: TrafficID = .nothing
        for entry in partition(fields, .map(lookup)).parts {
          missed = store.difference(missed, entry.traffic)
          let traffic = store.intersection(alive, entry.traffic)
          let verdict = chains.lookups.verdicts[Int(entry.verdict)]
          if verdict == .continue { going = store.union(going, traffic) } else { give(verdict, to: traffic) }
        }
        passing = store.union(passing, missed)
        alive = going
      }
    }
    next.add(part(store.union(passing, alive)), relations)
    return next
  }

  // MARK: Functions to relations

  private func diagrams(
    _ function: UInt32
  ) -> (accept: Diagram, back: Diagram, next: Diagram, drop: Diagram) {
    if let known = ofFunction[function] { return known }
    let piecewise = chains.lookups.functions[Int(function)]
    func diagram(_ side: (Outcome) -> TrafficID) -> Diagram {
      store.diagram(family, starts: piecewise.starts, values: piecewise.values) {
        side(self.chains.outcomes[$0])
      }
    }
    let made = (
      accept: diagram(\.accept), back: diagram(\.back), next: diagram(\.next),
      drop: diagram {
        self.store.difference(
          .everything, self.store.union($0.accept, self.store.union($0.back, $0.next)))
      }
    )
    ofFunction[function] = made
    return made
  }

  private func relationsOf(_ rule: Piecewise) -> RuleRelations {
    let key = RuleKey(starts: rule.starts, values: rule.values)
    if let known = ofRule[key] { return known }
    func relation(_ side: KeyPath<(accept: Diagram, back: Diagram, next: Diagram, drop: Diagram), Diagram>)
      -> Int
    {
      var result = Relation(constant: diagrams(rule.values[0])[keyPath: side])
      for (start, value) in zip(rule.starts, rule.values).dropFirst() {
        result.append(start, diagrams(value)[keyPath: side])
      }
      return relations.intern(result)
    }
    let made = RuleRelations(
      accept: relation(\.accept), back: relation(\.back), next: relation(\.next), drop: relation(\.drop))
    ofRule[key] = made
    return made
  }
}
