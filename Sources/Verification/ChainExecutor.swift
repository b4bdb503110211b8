import Reachability
import Ruleset

/// Executes rules and chains for all addresses of one family at once. The result is a function of the outer address,
/// whose values name functions of the inner address, whose values name outcomes.
final class ChainExecutor {
  let index: TableIndex
  let store: DiagramStore
  let lookups: Lookups
  let outcomes: OutcomeTable
  /// The case at hand.
  var packets: PacketCase
  /// What was met that is not modelled.
  private(set) var reasons: Set<UndecidedReason> = []
  private var chains: [ChainKey: Piecewise] = [:]
  private var inner: [InnerKey: UInt32] = [:]
  private var executing: Set<Int> = []

  struct ChainKey: Hashable {
    let chain: Int
    /// Nil for the whole chain.
    let rule: Int?
    let axis: Axis
    let state: ConnectionState?
    let firstBytes: Int?
  }

  /// A rule, with the functions that its lookups and targets are at one outer address.
  private struct InnerKey: Hashable {
    let chain: Int
    let rule: Int
    let axis: Axis
    let state: ConnectionState?
    let firstBytes: Int?
    let functions: [UInt32]
  }

  init(_ index: TableIndex, _ packets: PacketCase, _ store: DiagramStore) {
    self.index = index
    self.store = store
    self.packets = packets
    lookups = Lookups(index, packets.family, store)
    outcomes = OutcomeTable(store)
  }

  func note(_ chain: Int, _ rule: Int?, _ text: String) {
    reasons.insert(UndecidedReason(chain: index.table.chains[chain].name, rule: rule, text))
  }

  // MARK: Chains

  /// What a chain does, `return` and its end included.
  func chain(_ number: Int, _ axis: Axis) -> Piecewise {
    let uses = index.uses[number]
    let key = ChainKey(
      chain: number, rule: nil, axis: axis, state: uses.contains(.state) ? packets.state : nil,
      firstBytes: uses.contains(.firstBytes) ? packets.firstBytes.index : nil)
    if let known = chains[key] { return known }
    guard executing.insert(number).inserted else {
      note(number, nil, "chains jump in a circle")
      return Piecewise(constant: lookups.constant(OutcomeTable.nothingDone))
    }
    defer { executing.remove(number) }
    let rules = index.table.chains[number].rules.indices.map { rule(number, $0, axis) }
    let result = combined(rules.isEmpty ? [Piecewise(constant: idle)] : rules) { functions in
      self.lookups.add(
        sequence(functions.map { self.lookups.functions[Int($0)] }, self.outcomes))
    }
    chains[key] = result
    return result
  }

  private var idle: UInt32 { lookups.constant(OutcomeTable.nothingDone) }

  private func looksOutside(_ uses: TableIndex.Uses, _ axis: Axis) -> Bool {
    switch axis {
    case .source: uses.contains(.source)
    case .destination: uses.contains(.destination)
    case .same: false
    }
  }

  // MARK: Rules

  /// What one rule does.
  func rule(_ chainNumber: Int, _ number: Int, _ axis: Axis) -> Piecewise {
    let rule = index.table.chains[chainNumber].rules[number]
    var uses = TableIndex.uses(rule)
    let targets = targets(of: rule)
    for target in targets { if let place = index.chainNumber[target] { uses.formUnion(index.uses[place]) } }
    let state = uses.contains(.state) ? packets.state : nil
    let firstBytes = uses.contains(.firstBytes) ? packets.firstBytes.index : nil
    let key = ChainKey(chain: chainNumber, rule: number, axis: axis, state: state, firstBytes: firstBytes)
    if let known = chains[key] { return known }

    // Outer functions: first one a lookup, then one a target that looks at the outer address.
    var functions: [Piecewise] = []
    for statement in rule.statements {
      let fields: [Field]
      let source: LookupKey.Source
      switch statement {
      case .match(let match): (fields, source) = (match.key, .match(match.comparison, match.operand))
      case .verdictMap(let key, let lookup): (fields, source) = (key, .map(lookup))
      default: continue
      }
      do {
        functions.append(try lookups.function(fields, source, axis, packets))
      } catch {
        note(chainNumber, number, error.text)
        functions.append(Piecewise(constant: lookups.constant(lookups.intern(Partition(parts: [])))))
      }
    }
    let lookupCount = functions.count
    var dependent: [String] = []
    for target in targets {
      guard let place = index.chainNumber[target] else {
        note(chainNumber, number, "chain \(target) does not exist")
        continue
      }
      guard looksOutside(index.uses[place], axis) else { continue }
      dependent.append(target)
      functions.append(chain(place, axis))
    }
    let places = Dictionary(uniqueKeysWithValues: zip(dependent, lookupCount...))
    let combine: ([UInt32]) -> UInt32 = { names in
      let key = InnerKey(
        chain: chainNumber, rule: number, axis: axis, state: state, firstBytes: firstBytes, functions: names)
      if let known = self.inner[key] { return known }
      let made = self.lookups.add(
        self.innerRule(chainNumber, number, rule, Array(names[..<lookupCount]), axis) { target in
          if let place = places[target] { return names[place] }
          guard let chain = self.index.chainNumber[target] else { return self.idle }
          return self.chain(chain, axis).values[0]
        })
      self.inner[key] = made
      return made
    }
    let result =
      functions.isEmpty ? Piecewise(constant: combine([])) : combined(functions, combine)
    chains[key] = result
    return result
  }

  /// The chains that a rule can lead to.
  private func targets(of rule: Rule) -> [String] {
    var result: Set<String> = []
    for statement in rule.statements {
      switch statement {
      case .verdict(let verdict): if let target = verdict.target { result.insert(target) }
      case .verdictMap(_, let lookup):
        for element in index.elements(lookup) {
          if let target = element.verdict.target { result.insert(target) }
        }
      default: break
      }
    }
    return result.sorted()
  }

  /// A rule at one outer address, where its lookups are the given inner functions.
  private func innerRule(
    _ chainNumber: Int, _ number: Int, _ rule: Rule, _ lookupNames: [UInt32], _ axis: Axis,
    _ outcomeFunction: (String) -> UInt32
  ) -> Piecewise {
    // The targets that the verdict maps can lead to here.
    var targets: [String] = []
    var places: [String: Int] = [:]
    func need(_ verdict: Verdict) {
      guard let target = verdict.target, places[target] == nil else { return }
      places[target] = lookupNames.count + targets.count
      targets.append(target)
    }
    var lookup = 0
    for statement in rule.statements {
      switch statement {
      case .match: lookup += 1
      case .verdictMap:
        for partition in lookups.partitions(in: lookupNames[lookup]) {
          for part in lookups.partitions[Int(partition)].parts { need(lookups.verdicts[Int(part.verdict)]) }
        }
        lookup += 1
      case .verdict(let verdict): need(verdict)
      default: break
      }
    }
    let functions = (lookupNames + targets.map(outcomeFunction)).map { lookups.functions[Int($0)] }
    if functions.isEmpty {
      return Piecewise(constant: outcome(chainNumber, number, rule, [], places))
    }
    return combined(functions) { self.outcome(chainNumber, number, rule, $0, places) }
  }

  /// A rule at one pair of addresses: its lookups are the given partitions, then its targets the given outcomes.
  private func outcome(
    _ chainNumber: Int, _ number: Int, _ rule: Rule, _ values: [UInt32], _ places: [String: Int]
  ) -> UInt32 {
    var alive: TrafficID = .everything
    var result = Outcome(accept: .nothing, back: .nothing, next: .nothing)
    func give(_ verdict: Verdict, to traffic: TrafficID) -> TrafficID {
      switch verdict {
      case .accept: result.accept = store.union(result.accept, traffic)
      case .drop: break
      case .return: result.back = store.union(result.back, traffic)
      case .continue: return traffic
      case .jump(let target), .goto(let target):
        // A chain that does not exist was noted: whatever is done here, nothing will be proved.
        guard let place = places[target] else { return .nothing }
        let there = outcomes[values[place]]
        result.accept = store.union(result.accept, store.intersection(traffic, there.accept))
        let returned = store.intersection(traffic, there.back)
        if case .jump = verdict {
          result.next = store.union(result.next, returned)
        } else {
          result.back = store.union(result.back, returned)
        }
      }
      return .nothing
    }
    var lookup = 0
    for statement in rule.statements {
      switch statement {
      case .counter, .log: continue
      case .limit, .unmodelled:
        if alive != .nothing { note(chainNumber, number, statement.unmodelledText) }
      case .reject: alive = .nothing
      case .verdict(let verdict): alive = give(verdict, to: alive)
      case .match:
        let found = lookups.partitions[Int(values[lookup])].parts.first?.traffic ?? .nothing
        lookup += 1
        result.next = store.union(result.next, store.difference(alive, found))
        alive = store.intersection(alive, found)
      case .verdictMap:
        let parts = lookups.partitions[Int(values[lookup])].parts
        lookup += 1
        var missed = alive
        var going: TrafficID = .nothing
        for part in parts {
          missed = store.difference(missed, part.traffic)
          let traffic = store.intersection(alive, part.traffic)
          going = store.union(going, give(lookups.verdicts[Int(part.verdict)], to: traffic))
        }
        result.next = store.union(result.next, missed)
        alive = going
      }
    }
    result.next = store.union(result.next, alive)
    return outcomes.intern(result)
  }
}
