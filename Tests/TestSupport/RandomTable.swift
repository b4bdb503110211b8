import Addresses
public import Ruleset
import RulesetText

/// Tables of everything that is modelled, drawn from a seed.
public struct RandomTable {
  private var state: UInt64
  /// Whether only what nft itself lists in the same words is drawn, and what it loads at all.
  private let forKernel: Bool

  /// Tables of a seed; `forKernel` leaves out what nft refuses or lists in other words.
  public init(seed: UInt64, forKernel: Bool) {
    state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
    self.forKernel = forKernel
  }

  /// A number below `limit`.
  public mutating func number(_ limit: Int) -> Int {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return Int(state >> 11) % limit
  }

  private mutating func chance(_ percent: Int) -> Bool { number(100) < percent }

  private mutating func pick<Item>(_ items: [Item]) -> Item { items[number(items.count)] }

  /// True half of the time.
  public mutating func isHeads() -> Bool { chance(50) }

  /// The next table.
  public mutating func table() -> Table {
    var table = Table(.inet, "t\(number(10))")
    let types: [DataType] = [
      .ipv4Address, .ipv6Address, .inetProtocol, .inetService, .mark, .icmpType, .icmpv6Type, .interfaceName,
    ]
    for index in 0..<(1 + number(5)) {
      let key = (0..<(chance(60) ? 1 : 2 + number(2))).map { _ in pick(types) }
      let ranges = chance(50) && !key.contains(.interfaceName)
      table.sets.append(
        NamedSet(
          "s\(index)-x.y", key: key, flags: ranges ? .interval : [],
          elements: keys(key.map { ($0, false) }, ranges: ranges)))
    }
    for index in 0..<number(4) {
      let key = (0..<(chance(60) ? 1 : 2)).map { _ in pick(types) }
      table.maps.append(
        VerdictMap(
          "m\(index)", key: key,
          elements: keys(key.map { ($0, false) }, ranges: false).map { VerdictElement($0, verdict()) }))
    }
    table.chains = [Chain("leaf0"), Chain("leaf1", rules: [Rule([.counter, .verdict(.drop)])])]
    for index in 0..<(1 + number(3)) {
      var chain = Chain("c\(index)")
      if chance(50) {
        chain.hook = Chain.Hook(
          pick(["forward", "input", "output"]), priority: Int32(number(700) - 350),
          policy: pick([.accept, .drop]))
      }
      let isOutput = chain.hook?.hook == "output"
      for _ in 0..<number(8) { chain.rules.append(rule(table, isOutput: isOutput)) }
      table.chains.append(chain)
    }
    return table
  }

  private mutating func verdict() -> Verdict {
    pick([.accept, .drop, .return, .continue, .jump("leaf0"), .goto("leaf1")])
  }

  /// Disjoint keys, ascending in the first field.
  private mutating func keys(_ types: [(DataType, Bool)], ranges: Bool) -> [ElementKey] {
    let count = number(7)
    var used: Set<UInt128> = []
    var keys: [ElementKey] = []
    for _ in 0..<count {
      let fields = types.map { interval($0.0, isNetwork: $0.1, ranges: ranges) }
      // Disjoint by the first field's upper half.
      guard let first = fields.first, used.isDisjoint(with: slots(first)) else { continue }
      used.formUnion(slots(first))
      keys.append(fields.count == 1 ? .single(first) : .concatenation(fields))
    }
    return keys.sorted()
  }

  private func slots(_ interval: Interval<UInt128>) -> Set<UInt128> {
    var slots: Set<UInt128> = []
    for value in [interval.lower, interval.upper] {
      for near in [value / 64 &- 1, value / 64, value / 64 + 1] { slots.insert(near) }
    }
    if !interval.isSingle, interval.upper - interval.lower < 100_000 {
      for slot in (interval.lower / 64)...(interval.upper / 64) { slots.insert(slot) }
    }
    return slots
  }

  private mutating func interval(_ type: DataType, isNetwork: Bool, ranges: Bool) -> Interval<UInt128> {
    let wide = ranges && chance(40)
    switch type {
    case .ipv4Address:
      if wide && chance(50) {
        return CIDR(IPAddress(.ipv4, bits: UInt128(number(1 << 32))), prefixLength: 20 + number(12)).interval
      }
      let base = UInt128(number((1 << 32) - 300))
      return wide ? Interval(base, base + UInt128(1 + number(200))) : Interval(base)
    case .ipv6Address:
      let base = UInt128(0x2001_0db8) << 96 | UInt128(number(1 << 40)) << (chance(50) ? 60 : 0)
      if wide { return CIDR(IPAddress(.ipv6, bits: base), prefixLength: 112 + number(17)).interval }
      return Interval(base)
    case .inetProtocol:
      if isNetwork { return Interval(pick([2, 10])) }
      return Interval(UInt128(pick([1, 6, 17, 58, 132, 200, 47, 0])))
    case .inetService:
      let base = UInt128(number(65_000))
      return wide ? Interval(base, base + UInt128(1 + number(500))) : Interval(base)
    case .mark:
      let base = UInt128(number(1 << 32 - 1000))
      return wide ? Interval(base, base + UInt128(1 + number(500))) : Interval(base)
    case .ctState: return Interval(pick([1, 2, 4, 8, 64]))
    case .ctDirection: return Interval(UInt128(number(2)))
    case .ctStatus: return Interval(UInt128(pick([1, 2, 16, 32])))
    case .integer:
      let base = UInt128(number(200))
      return wide ? Interval(base, base + UInt128(1 + number(50))) : Interval(base)
    case .icmpType: return Interval(UInt128(pick([0, 3, 8, 11, 77])))
    case .icmpv6Type: return Interval(UInt128(pick([1, 2, 128, 133, 135, 200])))
    case .existence: return Interval(UInt128(number(2)))
    case .interfaceName, .interfaceKind:
      return InterfaceName.interval(pick(["eth0", "lo", "veth12345", "cni-br.0"])) ?? Interval(0)
    }
  }

  private mutating func rule(_ table: Table, isOutput: Bool) -> Rule {
    while true {
      let rule = anyRule(table)
      if !forKernel || !isChanged(rule, isOutput: isOutput) { return rule }
    }
  }

  /// Whether the kernel refuses the rule in its chain, nft refuses the rule's protocols, or lists the rule without a
  /// match that another one implies.
  private func isChanged(_ rule: Rule, isOutput: Bool) -> Bool {
    var fields: [Field] = []
    for statement in rule.statements {
      if case .match(let match) = statement { fields += match.key }
      if case .verdictMap(let key, _) = statement { fields += key }
    }
    // What leaves the node did not come by an interface.
    if isOutput, fields.contains(.fibSourceRoute) { return true }
    let transport = Set(fields.compactMap(\.impliedL4Proto))
    let network = Set(fields.compactMap(\.impliedNFProto))
    let asked = fields.contains(.metaL4Proto) || fields.contains(.metaNFProto)
    let implied = !transport.isEmpty || !network.isEmpty || rule.statements.contains(.reject)
    return transport.count > 1 || network.count > 1 || (asked && implied)
  }

  private mutating func anyRule(_ table: Table) -> Rule {
    var statements: [Statement] = []
    for _ in 0..<number(3) { statements.append(match(table)) }
    if chance(20) {
      statements.append(.limit(rate: UInt64(1 + number(9)), unit: "minute", burst: UInt32(1 + number(9))))
    }
    if chance(20) { statements.append(.counter) }
    if chance(20) {
      statements.append(.log(prefix: chance(50) ? "a, {b}: " : nil, group: chance(50) ? 7 : nil))
    }
    switch number(4) {
    case 0: statements.append(.reject)
    case 1:
      let field = pick([Field.ipSaddr, .tcpDport, .ctState, .metaMark])
      let elements = keys([(field.type, false)], ranges: field != .ctState).map {
        VerdictElement($0, verdict())
      }
      statements.append(
        elements.isEmpty ? .verdict(.accept) : .verdictMap([field], .anonymous(elements)))
    default: statements.append(.verdict(verdict()))
    }
    return Rule(statements, comment: chance(30) ? "default/x ingress[0], “é”" : nil)
  }

  private mutating func match(_ table: Table) -> Statement {
    let comparison: Comparison = chance(30) ? .notEqual : .equal
    if chance(20), let set = table.sets.randomElement(from: number(1000)), let key = fields(set.key) {
      return .match(Match(key, comparison, .namedSet(set.name)))
    }
    if chance(15), let map = table.maps.randomElement(from: number(1000)), let key = fields(map.key) {
      return .verdictMap(key, .named(map.name))
    }
    let field = pick([
      Field.metaMark, .ctMark, .ctState, .ctDirection, .metaIifName, .ipSaddr, .ipDaddr, .tcpDport, .udpSport,
      .sctpDport,
      .metaL4Proto, .metaNFProto, .ctStatus, .ip6HopLimit, .fibSourceRoute, .metaIifKind,
    ])
    let isNetwork = field == .metaNFProto
    if field == .ctState || (field == .metaMark && chance(30)) {
      return .match(Match(field, comparison, .anyBit(UInt128(pick([1, 2, 6, 8, 64, 10])))))
    }
    if field == .fibSourceRoute {
      return .match(Match(field, .equal, .value(ElementKey(UInt128(number(2))))))
    }
    if field == .metaIifKind {
      return .match(Match(field, comparison, .value(ElementKey(InterfaceName.bridgeKind))))
    }
    if field == .ctStatus {
      return .match(Match(field, comparison, .anyBit(UInt128(pick([2, 16, 32, 48])))))
    }
    let hasRanges = field != .metaIifName && field != .metaL4Proto && !isNetwork
    if chance(30) {
      let keys = keys([(field.type, isNetwork)], ranges: hasRanges)
      if keys.count > 1 { return .match(Match(field, comparison, .anonymousSet(keys))) }
    }
    let value = interval(field.type, isNetwork: isNetwork, ranges: hasRanges)
    if value.isSingle, chance(20), field.type == .inetService {
      return .match(
        Match(
          field, pick([.less, .greater, .lessOrEqual, .greaterOrEqual]),
          .value(.single(Interval(max(1, value.lower))))))
    }
    return .match(Match(field, comparison, .value(.single(value))))
  }

  /// Fields of these types that can stand in one rule; IPv4 and IPv6 cannot.
  private func fields(_ key: [DataType]) -> [Field]? {
    guard !(key.contains(.ipv6Address) || key.contains(.icmpType) || key.contains(.icmpv6Type)) else {
      return nil
    }
    guard !key.contains(.inetService) || !forKernel else { return nil }
    return key.map { type in
      switch type {
      case .ipv4Address: .ipDaddr
      case .inetProtocol: .metaL4Proto
      case .inetService: .thDport
      case .mark: .metaMark
      case .interfaceName: .metaOifName
      default: .ip6Daddr
      }
    }
  }
}

extension Array {
  fileprivate func randomElement(from number: Int) -> Element? { isEmpty ? nil : self[number % count] }
}
