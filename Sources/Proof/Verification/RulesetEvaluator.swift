import Addresses
public import Ruleset

/// The effect of a table on a packet.
public enum Decision: Sendable, Hashable {
  /// The packet passes.
  case accept
  /// It is gone.
  case drop
}

/// One thing that happened to a packet on its way through a table.
public struct TraceStep: Sendable, Hashable {
  /// The name of the chain.
  public let chain: String
  /// The rule's place in the chain, from 0; nil for the chain's policy.
  public let rule: Int?
  /// The set or map whose element was found, and the element; nil when the verdict came from no lookup.
  public let element: Found?
  /// The verdict that the rule gave.
  public let verdict: Verdict

  /// An element that a packet hit.
  public struct Found: Sendable, Hashable {
    /// The name of the set or map; nil for an anonymous one.
    public let set: String?
    /// The element's key.
    public let key: ElementKey
  }
}

/// A packet's way through a table, and its end.
public struct Evaluation: Sendable, Hashable {
  /// The decision about the packet; nil when it met a construct that is not modelled.
  public let decision: Decision?
  /// The rules that gave verdicts, in order.
  public let trace: [TraceStep]
  /// The construct that is not modelled, when there is no decision.
  public let obstacle: UndecidedReason?
}

/// Runs one packet through a table as nftables documents it: rules in order, statements from left to right, the
/// first condition that fails ends the rule. Plain on purpose: it is the witness against the symbolic execution, and
/// shares nothing with it but the model of a packet.
public struct RulesetEvaluator {
  private let table: Table
  private let chains: [String: Chain]
  private let sets: [String: NamedSet]
  private let maps: [String: VerdictMap]
  /// The elements of named sets and maps by their keys; empty where the elements are read one after the other.
  private let setIndexes: [String: ElementIndex]
  private let mapIndexes: [String: ElementIndex]

  /// An evaluator of a table.
  ///
  /// - Parameters:
  ///   - table: the table.
  ///   - indexed: whether elements of named sets and maps are indexed first, in O(elements): of use from some ten
  ///     packets on. The answers are the same.
  public init(_ table: Table, indexed: Bool = false) {
    self.table = table
    chains = Dictionary(table.chains.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    sets = Dictionary(table.sets.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    maps = Dictionary(table.maps.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    setIndexes = indexed ? sets.mapValues { ElementIndex($0.elements) } : [:]
    mapIndexes = indexed ? maps.mapValues { ElementIndex($0.elements.map(\.key)) } : [:]
  }

  /// The effect of the table on a packet on its path: it passes when every base chain on its way lets it
  /// pass.
  public func evaluate(_ packet: Packet) -> Evaluation {
    var run = Run(packet: packet)
    do {
      for chain in table.sees(packet.family) ? table.baseChains(on: packet.path) : [] {
        guard let hook = chain.hook else { continue }
        var decision = Decision.accept
        switch try walk(chain, &run, depth: 0) {
        case .decided(let made): decision = made
        case .back:
          decision = hook.policy == .accept ? .accept : .drop
          let verdict: Verdict = decision == .accept ? .accept : .drop
          run.trace.append(TraceStep(chain: chain.name, rule: nil, element: nil, verdict: verdict))
        }
        if decision == .drop { return Evaluation(decision: .drop, trace: run.trace, obstacle: nil) }
      }
      return Evaluation(decision: .accept, trace: run.trace, obstacle: nil)
    } catch {
      return Evaluation(decision: nil, trace: run.trace, obstacle: error)
    }
  }

  private struct Run {
    let packet: Packet
    var trace: [TraceStep] = []
  }

  /// The end of a chain: a decision, or the return to the place after the jump.
  private enum End {
    case decided(Decision)
    case back
  }

  private func walk(_ chain: Chain, _ run: inout Run, depth: Int) throws(UndecidedReason) -> End {
    if depth > 64 { throw UndecidedReason(chain: chain.name, rule: nil, "chains jump in a circle") }
    for (index, rule) in chain.rules.enumerated() {
      guard let (verdict, element) = try verdict(of: rule, index, chain, run.packet) else { continue }
      run.trace.append(TraceStep(chain: chain.name, rule: index, element: element, verdict: verdict))
      switch verdict {
      case .accept: return .decided(.accept)
      case .drop: return .decided(.drop)
      case .return: return .back
      case .continue: continue
      case .jump(let name):
        let end = try walk(try target(name, chain, index), &run, depth: depth + 1)
        if case .decided = end { return end }
      case .goto(let name):
        return try walk(try target(name, chain, index), &run, depth: depth + 1)
      }
    }
    return .back
  }

  private func target(_ name: String, _ chain: Chain, _ rule: Int) throws(UndecidedReason) -> Chain {
    guard let found = chains[name] else {
      throw UndecidedReason(chain: chain.name, rule: rule, "chain \(name) does not exist")
    }
    return found
  }

  /// The verdict that a rule gives; nil when a condition failed or the rule has none.
  private func verdict(
    of rule: Rule, _ index: Int, _ chain: Chain, _ packet: Packet
  ) throws(UndecidedReason) -> (Verdict, TraceStep.Found?)? {
    var found: TraceStep.Found?
    for statement in rule.decidingStatements {
      switch statement {
      case .counter, .log: continue
      case .reject: return (.drop, found)
      case .limit, .unmodelled:
        throw UndecidedReason(chain: chain.name, rule: index, statement.unmodelledText)
      case .verdict(.continue): continue
      case .verdict(let verdict): return (verdict, found)
      case .match(let match):
        let (holds, element) = try holds(match, packet, chain, index)
        if !holds { return nil }
        found = element ?? found
      case .verdictMap(let fields, let lookup):
        if fields.contains(.ctStatus) {
          throw UndecidedReason(
            chain: chain.name, rule: index, "ct status is modelled as far as dnat, alone")
        }
        if fields.contains(.metaIifKind) { throw Self.otherKinds(chain, index) }
        guard let values = try values(fields, packet, chain, index) else { return nil }
        let elements: [VerdictElement]
        var name: String?
        switch lookup {
        case .anonymous(let list): elements = list
        case .named(let mapName):
          guard let map = maps[mapName] else {
            throw UndecidedReason(chain: chain.name, rule: index, "map \(mapName) does not exist")
          }
          try check(map.key, map.flags, map.name, fields, chain, index)
          elements = mapIndexes[mapName].map { $0.matches(values).map { map.elements[$0] } } ?? map.elements
          name = mapName
        }
        let hits = elements.filter { Self.contains($0.key, values) }
        guard let hit = hits.first else { return nil }
        if hits.contains(where: { $0.verdict != hit.verdict }) {
          throw UndecidedReason(chain: chain.name, rule: index, "elements of a map overlap")
        }
        found = TraceStep.Found(set: name, key: hit.key)
        if hit.verdict == .continue { continue }
        return (hit.verdict, found)
      }
    }
    return nil
  }

  private static func contains(_ key: ElementKey, _ values: [UInt128]) -> Bool {
    key.fields.count == values.count && zip(key.fields, values).allSatisfy { $0.contains($1) }
  }

  /// The values of a key's fields; nil when the packet lacks what a field implies, which ends the rule.
  private func values(
    _ fields: [Field], _ packet: Packet, _ chain: Chain, _ rule: Int
  ) throws(UndecidedReason) -> [UInt128]? {
    var result: [UInt128] = []
    for field in fields {
      if let family = field.impliedNFProto, family != (packet.family == .ipv4 ? 2 : 10) { return nil }
      if let transport = field.impliedL4Proto, transport != packet.transport { return nil }
      // Without a connection there is no status, and the rule ends.
      if field == .ctStatus, !packet.hasConnection { return nil }
      guard let value = packet.value(field) else {
        throw UndecidedReason(chain: chain.name, rule: rule, "\(field.rawValue) is not modelled")
      }
      result.append(value)
    }
    return result
  }

  private static func otherKinds(_ chain: Chain, _ rule: Int) -> UndecidedReason {
    UndecidedReason(chain: chain.name, rule: rule, "meta iifkind is modelled as far as bridge, alone")
  }

  /// Of `ct status` the model knows one bit, and of interfaces' kinds one, so that only these can be asked for.
  private func checkModelled(_ match: Match, _ chain: Chain, _ rule: Int) throws(UndecidedReason) {
    if match.key.contains(.metaIifKind) {
      guard match.key.count == 1, match.operand == .value(ElementKey(InterfaceName.bridgeKind)) else {
        throw Self.otherKinds(chain, rule)
      }
    }
    guard match.key.contains(.ctStatus) else { return }
    if case .anyBit = match.operand, match.key.count == 1 { return }
    throw UndecidedReason(chain: chain.name, rule: rule, "ct status is modelled as far as dnat, alone")
  }

  private func check(
    _ types: [DataType], _ flags: SetFlags, _ name: String, _ fields: [Field], _ chain: Chain, _ rule: Int
  ) throws(UndecidedReason) {
    if !flags.isDisjoint(with: [.timeout, .dynamic]) {
      throw UndecidedReason(
        chain: chain.name, rule: rule, "\(name) changes without netpolc: timeout or dynamic")
    }
    if types != fields.map(\.type) {
      throw UndecidedReason(chain: chain.name, rule: rule, "the key of \(name) has another type")
    }
  }

  private func holds(
    _ match: Match, _ packet: Packet, _ chain: Chain, _ rule: Int
  ) throws(UndecidedReason) -> (Bool, TraceStep.Found?) {
    try checkModelled(match, chain, rule)
    guard let values = try values(match.key, packet, chain, rule) else { return (false, nil) }
    var hit: TraceStep.Found?
    let isIn: Bool
    switch match.operand {
    case .anyBit(let bits):
      let isStatus =
        match.key == [.ctStatus] && bits == UInt128(ConnectionStatus.destinationTranslated.rawValue)
      guard match.key == [.ctState] || isStatus, let value = values.first else {
        throw UndecidedReason(chain: chain.name, rule: rule, "a bit mask on \(match.keyText) is not modelled")
      }
      isIn = value & bits != 0
    case .anonymousSet(let elements):
      let element = elements.first { Self.contains($0, values) }
      hit = element.map { TraceStep.Found(set: nil, key: $0) }
      isIn = element != nil
    case .namedSet(let name):
      guard let set = sets[name] else {
        throw UndecidedReason(chain: chain.name, rule: rule, "set \(name) does not exist")
      }
      try check(set.key, set.flags, set.name, match.key, chain, rule)
      let elements = setIndexes[name].map { $0.matches(values).map { set.elements[$0] } } ?? set.elements
      let element = elements.first { Self.contains($0, values) }
      hit = element.map { TraceStep.Found(set: name, key: $0) }
      isIn = element != nil
    case .value(let key):
      if match.comparison != .equal, match.comparison != .notEqual {
        guard values.count == 1, let bound = key.fields.first, key.fields.count == 1, bound.isSingle else {
          throw UndecidedReason(chain: chain.name, rule: rule, "order of \(match.keyText) is not modelled")
        }
        let value = values[0]
        return switch match.comparison {
        case .less: (value < bound.lower, nil)
        case .lessOrEqual: (value <= bound.lower, nil)
        case .greater: (value > bound.lower, nil)
        default: (value >= bound.lower, nil)
        }
      }
      isIn = Self.contains(key, values)
    }
    switch match.comparison {
    case .equal: return (isIn, hit)
    case .notEqual: return (!isIn, nil)
    default: throw UndecidedReason(chain: chain.name, rule: rule, "order against a set is not modelled")
    }
  }
}
