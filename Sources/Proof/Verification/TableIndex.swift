import Addresses
import Ruleset

/// A table's objects by name, and what each chain, with all that it leads to, looks at.
struct TableIndex {
  /// The fields that a chain examines.
  struct Uses: OptionSet {
    let rawValue: UInt8
    static let source = Uses(rawValue: 1)
    static let destination = Uses(rawValue: 2)
    static let state = Uses(rawValue: 4)
    static let firstBytes = Uses(rawValue: 8)
    static let hopLimit = Uses(rawValue: 16)
    static let status = Uses(rawValue: 32)
    static let arrival = Uses(rawValue: 64)
  }

  let table: Table
  private(set) var chainNumber: [String: Int] = [:]
  private(set) var sets: [String: NamedSet] = [:]
  private(set) var maps: [String: VerdictMap] = [:]
  /// The fields that a chain and all chains that it leads to examine.
  private(set) var uses: [Uses] = []
  /// The rules of each chain: what they look at and where they lead to.
  private(set) var rules: [[RuleFacts]] = []
  /// The rules that are different, each once, by their numbers.
  private var differentRules: [Rule] = []
  /// The values that the table compares the first two bytes with, by the network protocol that the comparison
  /// implies, if any.
  private(set) var firstBytesConditions: Set<FirstBytesCondition> = []

  /// The fields and chains that a rule can come to.
  struct RuleFacts {
    /// The fields that the rule examines itself.
    let own: Uses
    /// The fields that it and the chains that it leads to examine.
    var all: Uses
    /// The chains that it can lead to, ascending.
    let targets: [String]
    /// A number of the rule's statements: rules with one number do the same, whatever chain they stand in.
    let number: Int
  }

  /// Values of the first two bytes that some lookup distinguishes.
  struct FirstBytesCondition: Hashable {
    let values: IntervalSet<UInt16>
    let impliedNFProto: UInt8?
  }
  /// The values that the table compares the hop limit with.
  private(set) var hopLimitConditions: Set<HopLimitCondition> = []

  /// Hop limits that some lookup distinguishes from the others.
  struct HopLimitCondition: Hashable {
    let values: IntervalSet<UInt8>
    /// The first bytes that the rule asks for before; nil: any.
    let firstBytes: IntervalSet<UInt16>?
  }

  /// The reasons that forbid any proof: cycles, duplicate names.
  private(set) var reasons: [UndecidedReason] = []
  /// The numbers of the body and the tail of chains that share their rules: see `SharedBodies`.
  private(set) var parts: [Int: (body: Int, tail: Int)] = [:]
  /// The names of chains whose rules a body has, by the body's name.
  private let chainOfBody: [String: String]
  /// The sets of interface names that the table distinguishes from the others.
  private(set) var interfaceConditions: Set<IntervalSet<UInt128>> = []

  init(_ original: Table) {
    var table = original
    for (chain, old) in original.chains.enumerated() where old.rules.contains(where: \.hasLimit) {
      for rule in old.rules.indices {
        table.chains[chain].rules[rule].statements = old.rules[rule].decidingStatements
      }
    }
    let shared = SharedBodies(table)
    table = shared.table
    chainOfBody = shared.chainOfBody
    self.table = table
    for (number, chain) in table.chains.enumerated() {
      if chainNumber.updateValue(number, forKey: chain.name) != nil {
        reasons.append(UndecidedReason(chain: chain.name, rule: nil, "the chain is there twice"))
      }
    }
    for set in table.sets where sets.updateValue(set, forKey: set.name) != nil {
      reasons.append(UndecidedReason(chain: nil, rule: nil, "set \(set.name) is there twice"))
    }
    for map in table.maps where maps.updateValue(map, forKey: map.name) != nil {
      reasons.append(UndecidedReason(chain: nil, rule: nil, "map \(map.name) is there twice"))
    }
    for (chain, part) in shared.parts {
      guard let chain = chainNumber[chain], let body = chainNumber[part.body],
        let tail = chainNumber[part.tail]
      else { continue }
      parts[chain] = (body, tail)
    }
    collectUses()
    collectFirstBytes()
    collectHopLimits()
    interfaceConditions = interfaceConditions(of: differentRules)
  }

  /// The name of a chain in the table that people know.
  func name(ofChain number: Int) -> String {
    let name = table.chains[number].name
    return chainOfBody[name] ?? name
  }

  func elements(_ lookup: VerdictLookup) -> [VerdictElement] {
    switch lookup {
    case .anonymous(let elements): elements
    case .named(let name): maps[name]?.elements ?? []
    }
  }

  /// The fields that a key examines itself.
  static func uses(_ fields: [Field]) -> Uses {
    var result: Uses = []
    for field in fields { result.formUnion(uses(field)) }
    return result
  }

  private static func uses(_ field: Field) -> Uses {
    switch field {
    case .ipSaddr, .ip6Saddr: .source
    case .ipDaddr, .ip6Daddr: .destination
    case .ctState: .state
    case .ctStatus: .status
    case .ip6HopLimit: .hopLimit
    case .metaIifName, .metaIifKind, .fibSourceRoute: .arrival
    case .thSport, .tcpSport, .udpSport, .sctpSport, .icmpType, .icmpv6Type: .firstBytes
    default: []
    }
  }

  /// The fields that a rule examines itself, without the chains that it leads to.
  static func uses(_ rule: Rule) -> Uses {
    rule.statements.reduce(into: []) { result, statement in
      switch statement {
      case .match(let match): result.formUnion(uses(match.key))
      case .verdictMap(let fields, _): result.formUnion(uses(fields))
      default: break
      }
    }
  }

  private mutating func collectUses() {
    uses = Array(repeating: [], count: table.chains.count)
    var targetsOfMap: [String: Set<String>] = [:]
    for map in table.maps { targetsOfMap[map.name] = Set(map.elements.compactMap(\.verdict.target)) }
    var known: [[Statement]: Int] = [:]
    var facts: [RuleFacts] = []
    var places: [[Int]] = []
    let numbers = table.chains.map { chain in
      chain.rules.map { rule in
        let number = Self.number(in: &known[rule.statements, default: facts.count])
        if number == facts.count {
          let own = Self.uses(rule)
          facts.append(
            RuleFacts(own: own, all: own, targets: Self.targets(of: rule, targetsOfMap), number: number))
          places.append(facts[number].targets.compactMap { chainNumber[$0] })
          differentRules.append(rule)
        }
        return number
      }
    }
    let targets: [[Int]] = numbers.map { numbers in
      var seen: Set<Int> = []
      return numbers.flatMap { places[$0] }.filter { seen.insert($0).inserted }
    }
    // Depth first, without recursion: rows of jumps may be long before they are checked.
    var mark = Array(repeating: 0, count: table.chains.count)
    let roots = table.chains.indices.filter { table.chains[$0].hook != nil }
    // A circle that no packet comes to, which the kernel takes, is none.
    for (root, isReached) in roots.map({ ($0, true) }) + table.chains.indices.map({ ($0, false) })
    where mark[root] == 0 {
      var stack: [(chain: Int, next: Int)] = [(root, 0)]
      mark[root] = 1
      while let top = stack.last {
        if top.next < targets[top.chain].count {
          stack[stack.count - 1].next += 1
          let child = targets[top.chain][top.next]
          if mark[child] == 1 {
            if isReached {
              reasons.append(
                UndecidedReason(chain: table.chains[child].name, rule: nil, "chains jump in a circle"))
            }
          } else if mark[child] == 0 {
            mark[child] = 1
            stack.append((child, 0))
          }
        } else {
          uses[top.chain] = numbers[top.chain].reduce(into: []) { $0.formUnion(facts[$1].own) }
          for child in targets[top.chain] { uses[top.chain].formUnion(uses[child]) }
          mark[top.chain] = 2
          stack.removeLast()
        }
      }
    }
    for number in facts.indices {
      for place in places[number] { facts[number].all.formUnion(uses[place]) }
    }
    rules = numbers.map { numbers in numbers.map { facts[$0] } }
  }

  private static func number(in place: inout Int) -> Int { place }

  /// The chains that a rule can lead to, ascending.
  private static func targets(of rule: Rule, _ targetsOfMap: [String: Set<String>]) -> [String] {
    var names: Set<String> = []
    for statement in rule.statements {
      switch statement {
      case .verdict(let verdict): verdict.target.map { _ = names.insert($0) }
      case .verdictMap(_, .named(let map)): names.formUnion(targetsOfMap[map] ?? [])
      case .verdictMap(_, .anonymous(let elements)): names.formUnion(elements.compactMap(\.verdict.target))
      default: break
      }
    }
    names.remove(SharedBodies.onward)
    return names.sorted()
  }

  private mutating func collectFirstBytes() {
    for rule in differentRules {
      for statement in rule.statements {
        switch statement {
        case .match(let match):
          for (place, field) in match.key.enumerated() where Self.uses(field) == .firstBytes {
            let keys: [ElementKey] =
              switch match.operand {
              case .value(let key): [key]
              case .anonymousSet(let keys): keys
              case .namedSet(let name): sets[name]?.elements ?? []
              case .anyBit: []
              }
            insert(keys.map(\.fields), place, field, together: match.key.count == 1)
          }
        case .verdictMap(let fields, let lookup):
          for (place, field) in fields.enumerated() where Self.uses(field) == .firstBytes {
            insert(elements(lookup).map(\.key.fields), place, field, together: false)
          }
        default: break
        }
      }
    }
  }

  private mutating func collectHopLimits() {
    for rule in differentRules where rule.statements.contains(where: \.asksForHopLimit) {
      var asked: IntervalSet<UInt16>?
      for statement in rule.statements {
        let keys: [ElementKey]
        let fields: [Field]
        switch statement {
        case .match(let match):
          fields = match.key
          switch match.operand {
          case .value(let key): keys = [key]
          case .anonymousSet(let list): keys = list
          case .namedSet(let name): keys = sets[name]?.elements ?? []
          case .anyBit: keys = []
          }
          if match.key == [.icmpv6Type], match.comparison == .equal, asked == nil {
            asked = IntervalSet(keys.flatMap { $0.fields.map { Self.firstBytes($0, .icmpv6Type) } })
          }
        case .verdictMap(let list, let lookup):
          fields = list
          keys = elements(lookup).map(\.key)
        default: continue
        }
        for (place, field) in fields.enumerated() where field == .ip6HopLimit {
          for interval in keys.compactMap({ place < $0.fields.count ? $0.fields[place] : nil }) {
            let (lower, upper) = (UInt8(min(interval.lower, 255)), UInt8(min(interval.upper, 255)))
            hopLimitConditions.insert(
              HopLimitCondition(values: IntervalSet(Interval(lower, upper)), firstBytes: asked))
            // An order comparison parts the values at its bound, on either side of it.
            if lower > 0 {
              hopLimitConditions.insert(
                HopLimitCondition(values: IntervalSet(Interval(0, lower - 1)), firstBytes: asked))
            }
          }
        }
      }
    }
  }

  /// The condition that one of several values is met, or, unless they count `together`, each for itself.
  private mutating func insert(_ keys: [[Interval<UInt128>]], _ place: Int, _ field: Field, together: Bool) {
    let intervals = keys.filter { place < $0.count }.map { Self.firstBytes($0[place], field) }
    var conditions = together ? [IntervalSet(intervals)] : intervals.map { IntervalSet($0) }
    // An order comparison (`<`, `>=`) parts the values at its bound, on either side of it.
    if intervals.count == 1, let first = intervals.first, first.lower > 0 {
      conditions.append(IntervalSet(Interval(0, first.lower - 1)))
    }
    for condition in conditions {
      firstBytesConditions.insert(
        FirstBytesCondition(values: condition, impliedNFProto: field.impliedNFProto))
    }
  }

  /// The values of the two bytes that an interval of a field stands for; the type of an ICMP message is the first byte.
  static func firstBytes(_ interval: Interval<UInt128>, _ field: Field) -> Interval<UInt16> {
    let most: UInt128 = field == .icmpType || field == .icmpv6Type ? 255 : 65_535
    let (lower, upper) = (UInt16(min(interval.lower, most)), UInt16(min(interval.upper, most)))
    return most == 255 ? Interval(lower << 8, upper << 8 | 255) : Interval(lower, upper)
  }
}

extension Statement {
  /// True for a condition on a packet's hop limit.
  fileprivate var asksForHopLimit: Bool {
    switch self {
    case .match(let match): match.key.contains(.ip6HopLimit)
    case .verdictMap(let fields, _): fields.contains(.ip6HopLimit)
    default: false
    }
  }
}
