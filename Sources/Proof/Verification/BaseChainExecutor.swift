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
  private var effects: [ChainExecutor.ChainKey: Effect] = [:]
  private var branches: [ChainExecutor.ChainKey: Branches] = [:]
  private var ofFunction: [Diagrams?] = []
  private var fates: [FateKey: Fate] = [:]
  /// More terms than this are not followed.
  private let termLimit = 1_000

  /// The traffic that a function of the inner address gives each end, by that address.
  private struct Diagrams {
    let accept: Diagram
    let back: Diagram
    let next: Diagram
    let drop: Diagram
  }

  /// The packets that a rule gives one end: a relation of the axis that the rule asks first, and those from an address to
  /// itself.
  private struct Part {
    let relation: Int
    let same: Diagram
  }

  /// The effect of a rule that asks for an address.
  private struct Effect {
    let bySource: Bool
    let accept: Part
    let back: Part
    let next: Part
    let drop: Part
  }

  /// The packets that come to a chain, and the parts of the case that the chain looks at.
  private struct FateKey: Hashable {
    let chain: Int
    let depth: Int
    let entering: [Term]
    let enteringSame: Diagram
    let packets: PacketCase.Dependency
  }

  /// Where packets end.
  private struct Fate {
    var accepted: PacketSet
    var dropped: PacketSet
    var back: PacketSet

    init(nothingOf family: IPFamily) {
      accepted = PacketSet(nothingOf: family)
      (dropped, back) = (accepted, accepted)
    }
  }

  init(_ chains: ChainExecutor, _ relations: RelationTable) {
    self.chains = chains
    self.relations = relations
    store = chains.store
    family = relations.family
  }

  /// The packets of the current case that pass all chains, and the others: from one address to another, and from an address
  /// to itself.
  func execute(
    _ baseChains: [(chain: Int, policy: Chain.Hook.Policy)]
  ) -> (accepted: PacketSet, dropped: PacketSet) {
    var alive = PacketSet(everythingOf: relations)
    var dropped = PacketSet(nothingOf: family)
    for (chain, policy) in baseChains {
      let fate = run(chain, alive, depth: 0)
      alive = fate.accepted
      dropped.add(fate.dropped, relations)
      if policy == .accept { alive.add(fate.back, relations) } else { dropped.add(fate.back, relations) }
    }
    return (alive, dropped)
  }

  /// Where packets end that come to a chain. Most cases come to the same, so each answer is kept.
  private func run(_ chain: Int, _ entering: PacketSet, depth: Int) -> Fate {
    let key = FateKey(
      chain: chain, depth: depth, entering: entering.terms.list, enteringSame: entering.same,
      packets: chains.facts.dependency(chains.index.uses[chain]))
    if let known = fates[key] { return known }
    let made = follow(chain, entering, depth: depth)
    fates[key] = made
    return made
  }

  private func follow(_ chain: Int, _ entering: PacketSet, depth: Int) -> Fate {
    var fate = Fate(nothingOf: family)
    if depth > 64 {
      chains.note(chain, nil, "chains jump in a circle")
      return fate
    }
    var alive = entering
    for number in chains.index.rules[chain].indices {
      if alive.isEmpty { break }
      let terms = alive.terms.list.count + fate.accepted.terms.list.count + fate.dropped.terms.list.count
      if terms > termLimit {
        chains.note(chain, number, "too many alternatives of sources and destinations to follow")
        return fate
      }
      if chains.index.rules[chain][number].own.isDisjoint(with: [.source, .destination]) {
        alive = step(chain, number, alive, &fate, depth)
      } else {
        let effect = effect(chain, number)
        func narrowed(_ part: Part) -> PacketSet {
          alive.narrowed(to: part.relation, bySource: effect.bySource, same: part.same, relations)
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

  /// A rule that asks for no address: its jumps are followed rule by rule, so that each rule there has its own axis.
  private func step(
    _ chain: Int, _ number: Int, _ entering: PacketSet, _ fate: inout Fate, _ depth: Int
  ) -> PacketSet {
    func part(_ traffic: TrafficID) -> PacketSet {
      if traffic == .everything { return entering }
      if traffic == .nothing { return PacketSet(nothingOf: family) }
      return entering.narrowed(
        to: relations.constant(traffic), bySource: true,
        same: store.product(family, IntervalSet(family.everything), traffic), relations)
    }
    let key = chains.key(chain, number, .same, chains.index.rules[chain][number].own)
    let branches = branches[key] ?? Branches(chain, number, chains)
    self.branches[key] = branches
    var next = part(branches.passing)
    for branch in branches.given {
      let packets = part(branch.traffic)
      if packets.isEmpty { continue }
      switch branch.verdict {
      case .accept: fate.accepted.add(packets, relations)
      case .drop: fate.dropped.add(packets, relations)
      case .return: fate.back.add(packets, relations)
      case .continue: break
      case .jump(let target), .goto(let target):
        guard let place = chains.index.chainNumber[target] else {
          chains.note(chain, number, "chain \(target) does not exist")
          continue
        }
        let there = run(place, packets, depth: depth + 1)
        fate.accepted.add(there.accepted, relations)
        fate.dropped.add(there.dropped, relations)
        if case .jump = branch.verdict {
          next.add(there.back, relations)
        } else {
          fate.back.add(there.back, relations)
        }
      }
    }
    return next
  }

  // MARK: Functions to relations

  private func diagrams(_ function: UInt32) -> Diagrams {
    let place = Int(function)
    if place < ofFunction.count, let known = ofFunction[place] { return known }
    let piecewise = chains.lookups.functions[place]
    func diagram(_ side: (Outcome) -> TrafficID) -> Diagram {
      store.diagram(family, starts: piecewise.starts, values: piecewise.values) {
        side(self.chains.outcomes[$0])
      }
    }
    let made = Diagrams(
      accept: diagram(\.accept), back: diagram(\.back), next: diagram(\.next),
      drop: diagram {
        self.store.difference(
          .everything, self.store.union($0.accept, self.store.union($0.back, $0.next)))
      }
    )
    while ofFunction.count <= place { ofFunction.append(nil) }
    ofFunction[place] = made
    return made
  }

  /// The effect of a rule that asks for an address, on the axis that it asks first.
  private func effect(_ chain: Int, _ number: Int) -> Effect {
    let facts = chains.index.rules[chain][number]
    let bySource = facts.own.contains(.source)
    let key = chains.key(chain, number, bySource ? .source : .destination, facts.all)
    if let known = effects[key] { return known }
    let rule = chains.rule(chain, number, key.axis)
    let same = diagrams(chains.rule(chain, number, .same).values[0])
    let first = diagrams(rule.values[0])
    var accept = Relation(constant: first.accept)
    var back = Relation(constant: first.back)
    var next = Relation(constant: first.next)
    var drop = Relation(constant: first.drop)
    for (start, value) in zip(rule.starts, rule.values).dropFirst() {
      let there = diagrams(value)
      accept.append(start, there.accept)
      back.append(start, there.back)
      next.append(start, there.next)
      drop.append(start, there.drop)
    }
    let made = Effect(
      bySource: bySource,
      accept: Part(relation: relations.intern(accept), same: same.accept),
      back: Part(relation: relations.intern(back), same: same.back),
      next: Part(relation: relations.intern(next), same: same.next),
      drop: Part(relation: relations.intern(drop), same: same.drop))
    effects[key] = made
    return made
  }
}
