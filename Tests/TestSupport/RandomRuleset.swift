public import Addresses
public import Ruleset

/// Rulesets of everything that the model has a word for, most of which the compiler never emits: gotos, jumps in jumps,
/// `!=`, orders, ranges, anonymous sets, concatenations, verdict maps of everything, rules behind verdicts.
public struct RandomRuleset {
  private var generator: SeededGenerator
  /// The ruleset.
  public private(set) var table = Table(.inet, "byhand")

  /// Addresses that rules name, by family.
  public static let addresses: [IPFamily: [UInt128]] = [
    .ipv4: (0..<8).map { 0x0a00_0000 + $0 } + [0, 0xffff_ffff],
    .ipv6: (0..<8).map { 0xfd00 << 112 + $0 } + [0, .max],
  ]
  /// Ports that rules name.
  public static let ports: [UInt16] = [0, 1, 79, 80, 81, 443, 65_535]
  /// Protocols that rules name.
  public static let transports: [UInt8] = [1, 6, 17, 47, 58, 132]
  /// First bytes behind the network header of the packets.
  public static let firstBytes: [UInt16] = [0, 7, 8 << 8, 135 << 8, 143 << 8, 40_000, 65_535]

  /// The ruleset of a seed.
  public init(seed: UInt64) {
    generator = SeededGenerator(seed: seed)
    for number in 0..<3 {
      let key = key()
      let interval = generator.chance(oneIn: 2)
      table.sets.append(
        NamedSet(
          "s\(number)", key: key.map(\.type), flags: interval ? .interval : [],
          elements: elements(key, ranges: interval)))
      fields["s\(number)"] = key
    }
    let chainCount = Int.random(in: 1...5, using: &generator)
    for number in 0..<2 {
      let key = key()
      let interval = generator.chance(oneIn: 2)
      let elements = elements(key, ranges: interval)
      table.maps.append(
        VerdictMap(
          "m\(number)", key: key.map(\.type), flags: interval ? .interval : [],
          elements: elements.map { VerdictElement($0, verdict(from: chainCount / 2, of: chainCount)) }))
      fields["m\(number)"] = key
    }
    for number in 0..<chainCount {
      let rules = (0..<Int.random(in: 0...5, using: &generator)).map { _ in rule(in: number, of: chainCount) }
      table.chains.append(Chain("c\(number)", rules: rules))
    }
    for number in 0...(generator.chance(oneIn: 4) ? 1 : 0) {
      table.chains.append(
        Chain(
          "base\(number)",
          hook: .init(
            "forward", priority: Int32(number), policy: generator.chance(oneIn: 3) ? .drop : .accept),
          rules: (0..<Int.random(in: 1...6, using: &generator)).map { _ in rule(in: -1, of: chainCount) }))
    }
  }

  /// The interfaces that tables ask for, and by which packets come.
  public static let interfaces: [UInt128] = ["eth0", "eth1", "cali7"].compactMap {
    InterfaceName.interval($0)?.lower
  }
  /// The hop limits that tables ask for and packets have.
  public static let hopLimits: [UInt8] = [1, 63, 64, 255]

  private var fields: [String: [Field]] = [:]

  private mutating func field() -> Field {
    generator.pick([
      .ipSaddr, .ipSaddr, .ipDaddr, .ipDaddr, .ip6Saddr, .ip6Daddr, .metaL4Proto, .thDport, .tcpDport,
      .udpDport,
      .sctpDport, .tcpSport, .thSport, .icmpType, .icmpv6Type, .metaNFProto, .ctState, .ip6HopLimit,
      .fibSourceRoute, .metaIifName,
    ])
  }

  private mutating func key() -> [Field] {
    switch Int.random(in: 0..<6, using: &generator) {
    case 0: return [.ipSaddr, .ipDaddr]
    case 1: return [.ipSaddr, .metaL4Proto, .thDport]
    case 2: return [.metaL4Proto, .thDport]
    default:
      while true {
        let field = field()
        if field != .metaNFProto, field != .ctState, field != .fibSourceRoute { return [field] }
      }
    }
  }

  private mutating func value(_ field: Field) -> UInt128 {
    switch field.type {
    case .ipv4Address: generator.pick(Self.addresses[.ipv4] ?? [])
    case .ipv6Address: generator.pick(Self.addresses[.ipv6] ?? [])
    case .inetProtocol:
      field == .metaNFProto ? generator.pick([2, 10]) : UInt128(generator.pick(Self.transports))
    case .inetService: UInt128(generator.pick(Self.ports))
    case .icmpType: generator.pick([0, 8])
    case .icmpv6Type: generator.pick([128, 135, 143])
    case .integer: UInt128(generator.pick(Self.hopLimits))
    case .existence: generator.pick([0, 1])
    case .interfaceName: generator.pick(Self.interfaces)
    default: generator.pick([1, 2, 4, 8, 64])
    }
  }

  private mutating func interval(_ field: Field, ranges: Bool) -> Interval<UInt128> {
    let (one, two) = (value(field), value(field))
    // Names of interfaces have no ranges but those of a beginning.
    let hasRanges = ranges && field.type != .interfaceName
    return hasRanges && generator.chance(oneIn: 2) ? Interval(min(one, two), max(one, two)) : Interval(one)
  }

  /// Elements that do not overlap, ascending.
  private mutating func elements(_ key: [Field], ranges: Bool) -> [ElementKey] {
    var result: [ElementKey] = []
    for _ in 0..<Int.random(in: 0...4, using: &generator) {
      let intervals = key.map { interval($0, ranges: ranges) }
      let overlaps = result.contains { zip($0.fields, intervals).allSatisfy { $0.overlaps($1) } }
      if overlaps { continue }
      result.append(intervals.count == 1 ? .single(intervals[0]) : .concatenation(intervals))
    }
    return result.sorted()
  }

  private mutating func verdict(from first: Int, of count: Int) -> Verdict {
    switch Int.random(in: 0..<7, using: &generator) {
    case 0: .accept
    case 1: .drop
    case 2: .return
    case 3: .continue
    case 4 where first < count: .goto("c\(Int.random(in: first..<count, using: &generator))")
    default: first < count ? .jump("c\(Int.random(in: first..<count, using: &generator))") : .return
    }
  }

  private mutating func rule(in chain: Int, of count: Int) -> Rule {
    var statements: [Statement] = []
    for _ in 0..<Int.random(in: 0...2, using: &generator) { statements.append(.match(match())) }
    if generator.chance(oneIn: 6) {
      statements.append(
        .match(Match(.ctStatus, generator.chance(oneIn: 3) ? .notEqual : .equal, .anyBit(32))))
    }
    if generator.chance(oneIn: 4) { statements.append(.counter) }
    if generator.chance(oneIn: 3) {
      // The maps lead to the later half of the chains, so only chains before those may use them.
      if chain < count / 2, generator.chance(oneIn: 2) {
        let name = generator.pick(["m0", "m1"])
        statements.append(.verdictMap(fields[name] ?? [], .named(name)))
      } else {
        let key = key()
        let elements = elements(key, ranges: true)
        if !elements.isEmpty {
          statements.append(
            .verdictMap(
              key, .anonymous(elements.map { VerdictElement($0, verdict(from: chain + 1, of: count)) })))
        }
      }
      if generator.chance(oneIn: 3) { statements.append(.match(match())) }
    }
    if !generator.chance(oneIn: 8) {
      statements.append(
        generator.chance(oneIn: 12) ? .reject : .verdict(verdict(from: chain + 1, of: count)))
    }
    return Rule(statements)
  }

  private mutating func match() -> Match {
    let comparison: Comparison = generator.chance(oneIn: 4) ? .notEqual : .equal
    switch Int.random(in: 0..<6, using: &generator) {
    case 0:
      let name = generator.pick(["s0", "s1", "s2"])
      return Match(fields[name] ?? [], comparison, .namedSet(name))
    case 1:
      let key = key()
      let elements = elements(key, ranges: true)
      if elements.isEmpty { return Match(.metaL4Proto, .equal, .value(ElementKey(6))) }
      return Match(key, comparison, .anonymousSet(elements))
    case 2: return Match(.ctState, comparison, .anyBit(generator.pick([2, 6, 8, 9, 64])))
    case 3:
      let field = generator.pick([Field.thDport, .tcpDport, .ipSaddr, .ipDaddr, .metaL4Proto, .tcpSport])
      let order = generator.pick([Comparison.less, .lessOrEqual, .greater, .greaterOrEqual])
      return Match(field, order, .value(ElementKey(value(field))))
    default:
      let field = field()
      // The kernel is asked whether there is a route, nothing else.
      let isRoute = field == .fibSourceRoute
      let hasRanges = field.type != .ctState && field.type != .interfaceName && !isRoute
      return Match(
        field, isRoute ? .equal : comparison, .value(.single(interval(field, ranges: hasRanges))))
    }
  }

  /// The ruleset without the rules that nft refuses: those that ask for two families or two protocols at once.
  public var loadable: Table {
    var table = table
    for chain in table.chains.indices {
      table.chains[chain].rules = table.chains[chain].rules.filter { rule in
        var keys: [[Field]] = []
        for statement in rule.statements {
          switch statement {
          case .match(let match): keys.append(match.key)
          case .verdictMap(let key, _): keys.append(key)
          default: break
          }
        }
        let fields = keys.flatMap { $0 }
        let families =
          Set(fields.compactMap(\.impliedNFProto)).count + (fields.contains(.metaNFProto) ? 1 : 0)
        let transports =
          Set(fields.compactMap(\.impliedL4Proto)).count + (fields.contains(.metaL4Proto) ? 1 : 0)
        return families <= 1 && transports <= 1
      }
    }
    return table
  }

  /// Packets around everything that these rulesets can look at.
  public static func packets(_ family: IPFamily, count: Int, seed: UInt64) -> [(
    source: IPAddress, destination: IPAddress, transport: UInt8, first: UInt16, port: UInt16
  )] {
    var generator = SeededGenerator(seed: seed)
    let bits = (addresses[family] ?? []).flatMap { [$0, $0 == 0 ? 1 : $0 - 1] }
    return (0..<count).map { _ in
      let source = IPAddress(family, bits: generator.pick(bits))
      let same = generator.chance(oneIn: 10)
      let destination = same ? source : IPAddress(family, bits: generator.pick(bits))
      return (
        source, destination, generator.pick(transports + [0, 255]), generator.pick(firstBytes),
        generator.pick(ports + [2, 82])
      )
    }
  }
}
