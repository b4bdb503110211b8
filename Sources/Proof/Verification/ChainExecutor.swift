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
  var packets: PacketCase { didSet { facts = PacketCase.Facts(packets) } }
  /// The facts of that case that lookups depend on.
  private(set) var facts: PacketCase.Facts
  /// The constructs met so far that are not modelled.
  private(set) var reasons: Set<UndecidedReason> = []
  private var chains: [ChainKey: Piecewise] = [:]
  private var rules: [RuleKey: Piecewise] = [:]
  private var inner: [InnerKey: UInt32] = [:]
  private var executing: Set<Int> = []

  struct ChainKey: Hashable {
    let chain: Int
    /// Nil for the whole chain.
    let rule: Int?
    let axis: Axis
    let packets: PacketCase.Dependency

    /// Two words, which part almost all keys.
    func hash(into hasher: inout Hasher) {
      hasher.combine(UInt64(chain) << 34 | UInt64((rule ?? -1) + 1) << 2 | UInt64(axis.rawValue))
      hasher.combine(packets.bits)
    }
  }

  /// A rule by the number of its statements: classes by the dozen have the same rules.
  private struct RuleKey: Hashable {
    let number: Int
    let axis: Axis
    let packets: PacketCase.Dependency

    /// Two words, which part almost all keys.
    func hash(into hasher: inout Hasher) {
      hasher.combine(UInt64(number) << 2 | UInt64(axis.rawValue))
      hasher.combine(packets.bits)
    }
  }

  /// A rule, with the functions that its lookups and targets are at one outer address.
  private struct InnerKey: Hashable {
    let number: Int
    let axis: Axis
    let packets: PacketCase.Dependency
    let functions: [UInt32]
  }

  init(_ index: TableIndex, _ packets: PacketCase, _ store: DiagramStore) {
    self.index = index
    self.store = store
    self.packets = packets
    facts = PacketCase.Facts(packets)
    lookups = Lookups(index, packets.family, store)
    outcomes = OutcomeTable(store)
  }

  func note(_ chain: Int, _ rule: Int?, _ text: String) {
    reasons.insert(UndecidedReason(chain: index.name(ofChain: chain), rule: rule, text))
  }

  /// The key of what is worked out for a chain, or at one of its rules, as far as some uses distinguish the case.
  func key(_ chain: Int, _ rule: Int?, _ axis: Axis, _ uses: TableIndex.Uses) -> ChainKey {
    ChainKey(chain: chain, rule: rule, axis: axis, packets: facts.dependency(uses))
  }

  // MARK: Chains

  /// The effect of a chain, `return` and its end included.
  func chain(_ number: Int, _ axis: Axis) -> Piecewise {
    let uses = index.uses[number]
    let axis = sufficient(axis, for: uses)
    let key = key(number, nil, axis, uses)
    if let known = chains[key] { return known }
    guard executing.insert(number).inserted else {
      note(number, nil, "chains jump in a circle")
      return Piecewise(constant: lookups.constant(OutcomeTable.nothingDone))
    }
    defer { executing.remove(number) }
    if let parts = index.parts[number] {
      let result = combined([chain(parts.body, axis), chain(parts.tail, axis)]) { functions in
        let (body, tail) = (lookups.functions[Int(functions[0])], lookups.functions[Int(functions[1])])
        return self.lookups.add(combined([body, tail]) { self.outcomes.continued($0[0], in: $0[1]) })
      }
      chains[key] = result
      return result
    }
    let rules = index.table.chains[number].rules.indices.map { rule(number, $0, axis) }
    let result = combined(rules.isEmpty ? [Piecewise(constant: idle)] : rules) { functions in
      self.lookups.add(
        sequence(functions.map { self.lookups.functions[Int($0)] }, self.outcomes))
    }
    chains[key] = result
    return result
  }

  private var idle: UInt32 { lookups.constant(OutcomeTable.nothingDone) }

  /// The axis that is enough for some uses: a chain that examines one end only does from an address to itself
  /// the same as with that end inside, so that it is computed once.
  private func sufficient(_ axis: Axis, for uses: TableIndex.Uses) -> Axis {
    if axis != .same { return axis }
    if !uses.contains(.source) { return .source }
    return uses.contains(.destination) ? .same : .destination
  }

  private func looksOutside(_ uses: TableIndex.Uses, _ axis: Axis) -> Bool {
    switch axis {
    case .source: uses.contains(.source)
    case .destination: uses.contains(.destination)
    case .same: false
    }
  }

  // MARK: Rules

  /// The effect of one rule.
  func rule(_ chainNumber: Int, _ number: Int, _ axis: Axis) -> Piecewise {
    let facts = index.rules[chainNumber][number]
    let axis = sufficient(axis, for: facts.all)
    let dependency = self.facts.dependency(facts.all)
    let key = RuleKey(number: facts.number, axis: axis, packets: dependency)
    if let known = rules[key] { return known }
    // A construct that is not modelled is reported for each rule that has it.
    let told = reasons.count
    let rule = index.table.chains[chainNumber].rules[number]
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
    for target in facts.targets {
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
        number: facts.number, axis: axis, packets: dependency, functions: names)
      if let known = self.inner[key] { return known }
      let made = self.lookups.add(
        self.innerRule(chainNumber, number, rule, Array(names[..<lookupCount])) { target in
          if let place = places[target] { return names[place] }
          guard let chain = self.index.chainNumber[target] else { return self.idle }
          return self.chain(chain, axis).values[0]
        })
      self.inner[key] = made
      return made
    }
    let result =
      functions.isEmpty ? Piecewise(constant: combine([])) : combined(functions, combine)
    if reasons.count == told { rules[key] = result }
    return result
  }
}
