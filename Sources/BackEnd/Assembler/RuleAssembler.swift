import Addresses
import KernelProgram
import Ruleset

/// Assembles one rule from left to right. Keeps what the rule has asked of the packet's protocols so far: libnftables
/// asks for the protocol that a field implies just before the field, unless it was asked for already.
struct RuleAssembler {
  /// Conditions on a packet's bytes that libnftables may join with others, and all else.
  enum Piece {
    /// A condition that two bytes of the transport header, or others, are so, or are not so.
    case bytes(PayloadBase, offset: UInt32, isInverted: Bool, [UInt8])
    /// A further condition of the rule.
    case condition([Instruction])
    /// A statement that is no condition.
    case statement([Instruction])
  }

  private let intervalSets: Set<String>
  private let family: Table.Family
  private var network: UInt8?
  private var transport: UInt8?
  private var pieces: [Piece] = []

  init(_ family: Table.Family, intervalSets: Set<String>) {
    self.family = family
    self.intervalSets = intervalSets
    switch family {
    case .ip: network = 2
    case .ip6: network = 10
    default: network = nil
    }
  }

  mutating func assemble(_ rule: Rule) -> [Instruction] {
    for statement in rule.statements { add(statement) }
    return Self.joined(pieces).flatMap { piece -> [Instruction] in
      switch piece {
      case .bytes(let base, let offset, let isInverted, let bytes):
        [
          .payload(base, offset: offset, length: UInt32(bytes.count), into: .first),
          .compare(.first, isInverted ? .notEqual : .equal, bytes),
        ]
      case .condition(let instructions), .statement(let instructions): instructions
      }
    }
  }

  private mutating func add(_ statement: Statement) {
    switch statement {
    case .match(let match): add(match)
    case .verdictMap(let key, let lookup):
      let isInterval: Bool
      let reference: SetReference
      switch lookup {
      case .named(let name):
        isInterval = intervalSets.contains(name)
        reference = .named(name)
      case .anonymous(let elements):
        isInterval = elements.contains { $0.key.hasRange }
        let types = key.map(\.type)
        reference = .anonymous(
          KernelSet(
            "", flags: anonymousFlags(key, isInterval).union(.map), fieldLengths: types.map(\.byteCount),
            elements: .verdicts(RawKeys(types, isInterval: isInterval).raw(elements))))
      }
      askForImplied(key)
      pieces.append(
        .statement(loads(key, turned: isInterval) + [.verdictLookup(.first, reference)]))
    case .counter: pieces.append(.statement([.counter]))
    case .log(let prefix, let group):
      // The kernel's own defaults: what goes to its log has level 4, what goes to a group neither level nor flags.
      let settings =
        group.map { LogSettings(prefix: prefix, group: $0) }
        ?? LogSettings(prefix: prefix, level: 4, flags: nil)
      pieces.append(.statement([.log(settings)]))
    case .limit(let rate, let unit, let burst):
      guard let seconds = Self.seconds[unit] else {
        pieces.append(.statement([.unknown("limit per \(unit)")]))
        return
      }
      pieces.append(.statement([.limit(LimitSettings(rate: rate, unit: seconds, burst: burst))]))
    case .reject:
      switch network {
      case 2: pieces.append(.statement([.reject(type: 0, code: 3)]))
      case 10: pieces.append(.statement([.reject(type: 0, code: 4)]))
      default: pieces.append(.statement([.reject(type: 2, code: 1)]))
      }
    case .verdict(let verdict): pieces.append(.statement([.verdict(verdict)]))
    case .unmodelled(let text): pieces.append(.statement([.unknown(text)]))
    }
  }

  private static let seconds: [String: UInt64] = [
    "second": 1, "minute": 60, "hour": 3_600, "day": 86_400, "week": 604_800,
  ]

  private func anonymousFlags(_ key: [Field], _ isInterval: Bool) -> KernelSetFlags {
    var flags: KernelSetFlags = [.anonymous, .constant]
    if isInterval { flags.formUnion(key.count > 1 ? [.interval, .concatenation] : .interval) }
    return flags
  }

  // MARK: Conditions

  private mutating func add(_ match: Match) {
    askForImplied(match.key)
    let isInverted = match.comparison == .notEqual
    switch match.operand {
    case .namedSet(let name):
      guard isInverted || match.comparison == .equal else { return refuse(match) }
      let turned = intervalSets.contains(name)
      pieces.append(
        .condition(
          loads(match.key, turned: turned) + [.lookup(.first, .named(name), isInverted: isInverted)]))
    case .anonymousSet(let keys):
      guard isInverted || match.comparison == .equal else { return refuse(match) }
      addSet(match.key, keys, isInverted: isInverted)
    case .value(let key) where match.key.count > 1:
      guard isInverted || match.comparison == .equal else { return refuse(match) }
      addSet(match.key, [key], isInverted: isInverted)
    case .value(let key):
      guard let field = match.key.first, let interval = key.fields.first, key.fields.count == 1 else {
        return refuse(match)
      }
      add(field, match.comparison, interval)
    case .anyBit(let bits):
      guard let field = match.key.first, match.key.count == 1, isInverted || match.comparison == .equal else {
        return refuse(match)
      }
      let zero = [UInt8](repeating: 0, count: field.type.byteCount)
      pieces.append(
        .condition([
          load(field, into: .first),
          .bitwise(
            from: .first, into: .first, mask: field.type.bytes(bits, inNetworkOrder: false), flip: zero),
          .compare(.first, isInverted ? .equal : .notEqual, zero),
        ]))
    }
  }

  private mutating func refuse(_ match: Match) {
    pieces.append(.condition([.unknown("an order against a set, or of several fields")]))
  }

  private mutating func addSet(_ key: [Field], _ keys: [ElementKey], isInverted: Bool) {
    if key.count == 1, keys.count == 1, keys[0].fields.count == 1 {
      add(key[0], isInverted ? .notEqual : .equal, keys[0].fields[0])
      return
    }
    let isInterval = keys.contains(where: \.hasRange)
    let types = key.map(\.type)
    let set = KernelSet(
      "", flags: anonymousFlags(key, isInterval), fieldLengths: types.map(\.byteCount),
      elements: .keys(RawKeys(types, isInterval: isInterval).raw(keys)))
    pieces.append(
      .condition(
        loads(key, turned: isInterval) + [.lookup(.first, .anonymous(set), isInverted: isInverted)]))
  }

  /// A condition on one field: a value, a block of addresses, a range, or an order.
  private mutating func add(_ field: Field, _ comparison: Comparison, _ interval: Interval<UInt128>) {
    let type = field.type
    let isInverted = comparison == .notEqual
    guard isInverted || comparison == .equal else {
      let bytes = type.bytes(interval.lower, inNetworkOrder: true)
      let instructions = turnedLoad(field) + [.compare(.first, comparison.kernelOperator, bytes)]
      pieces.append(.condition(instructions))
      return
    }
    if interval.isSingle {
      let bytes = type.bytes(interval.lower, inNetworkOrder: false)
      if case .payload(let base, let offset, _, _) = load(field, into: .first) {
        pieces.append(.bytes(base, offset: offset, isInverted: isInverted, bytes))
      } else {
        pieces.append(
          .condition([load(field, into: .first), .compare(.first, isInverted ? .notEqual : .equal, bytes)]))
        if !isInverted { note(field, UInt8(truncatingIfNeeded: interval.lower)) }
      }
    } else if let length = field.prefixLength(interval) {
      pieces.append(.condition(prefix(field, interval.lower, length, isInverted: isInverted)))
    } else {
      let (from, to) = (
        type.bytes(interval.lower, inNetworkOrder: true), type.bytes(interval.upper, inNetworkOrder: true)
      )
      let conditions: [Instruction] =
        isInverted
        ? [.range(.first, isInverted: true, from: from, to: to)]
        : [.compare(.first, .greaterOrEqual, from), .compare(.first, .lessOrEqual, to)]
      pieces.append(.condition(turnedLoad(field) + conditions))
    }
  }

  /// A block of addresses: its bytes alone where it ends with one, else a mask.
  private func prefix(_ field: Field, _ address: UInt128, _ length: Int, isInverted: Bool) -> [Instruction] {
    let bytes = field.type.bytes(address, inNetworkOrder: true)
    let comparison: CompareOperator = isInverted ? .notEqual : .equal
    if length % 8 == 0, length > 0,
      case .payload(let base, let offset, _, let register) = load(field, into: .first)
    {
      let count = length / 8
      return [
        .payload(base, offset: offset, length: UInt32(count), into: register),
        .compare(.first, comparison, Array(bytes[..<count])),
      ]
    }
    let ones = UInt128.max << UInt128(bytes.count * 8 - length)
    return [
      load(field, into: .first),
      .bitwise(
        from: .first, into: .first, mask: field.type.bytes(ones, inNetworkOrder: true),
        flip: Array(repeating: 0, count: bytes.count)),
      .compare(.first, comparison, bytes),
    ]
  }

  // MARK: Loads

  private func load(_ field: Field, into register: Register) -> Instruction {
    switch field {
    case .metaNFProto: .meta(.networkProtocol, into: register)
    case .metaL4Proto: .meta(.transportProtocol, into: register)
    case .metaMark: .meta(.mark, into: register)
    case .metaIifName: .meta(.inputInterfaceName, into: register)
    case .metaIifKind: .meta(.inputInterfaceKind, into: register)
    case .metaOifName: .meta(.outputInterfaceName, into: register)
    // The interface of the route (1), by source and input interface (1 and 8), as present or not (32).
    case .fibSourceRoute: .route(result: 1, flags: 1 | 8 | 32, into: register)
    case .ctState: .connection(.state, into: register)
    case .ctMark: .connection(.mark, into: register)
    case .ctStatus: .connection(.status, into: register)
    case .ctDirection: .connection(.direction, into: register)
    case .ipSaddr: .payload(.network, offset: 12, length: 4, into: register)
    case .ipDaddr: .payload(.network, offset: 16, length: 4, into: register)
    case .ip6HopLimit: .payload(.network, offset: 7, length: 1, into: register)
    case .ip6Saddr: .payload(.network, offset: 8, length: 16, into: register)
    case .ip6Daddr: .payload(.network, offset: 24, length: 16, into: register)
    case .thSport, .tcpSport, .udpSport, .sctpSport:
      .payload(.transport, offset: 0, length: 2, into: register)
    case .thDport, .tcpDport, .udpDport, .sctpDport:
      .payload(.transport, offset: 2, length: 2, into: register)
    case .icmpType, .icmpv6Type: .payload(.transport, offset: 0, length: 1, into: register)
    }
  }

  /// A load for ranges, which are compared in the network's byte order.
  private func turnedLoad(_ field: Field) -> [Instruction] {
    let count = field.type.byteCount
    let turn = Instruction.byteOrder(from: .first, into: .first, length: UInt32(count), size: UInt32(count))
    return [load(field, into: .first)] + (field.type.isMachineOrder && count > 1 ? [turn] : [])
  }

  /// The fields of a key side by side, each from a register of its own on.
  private func loads(_ key: [Field], turned: Bool) -> [Instruction] {
    if key.count == 1 { return turned ? turnedLoad(key[0]) : [load(key[0], into: .first)] }
    var result: [Instruction] = []
    var place = 0
    for field in key {
      guard let register = Register(place: place) else { return [.unknown("a key that is too long")] }
      let count = field.type.byteCount
      result.append(load(field, into: register))
      if turned, field.type.isMachineOrder {
        result.append(
          .byteOrder(from: register, into: register, length: UInt32(count), size: UInt32(max(2, count))))
      }
      place += (count + 3) / 4
    }
    return result
  }

  // MARK: Protocols

  private mutating func askForImplied(_ key: [Field]) {
    for field in key {
      let isMessage = field == .icmpType || field == .icmpv6Type
      if let number = field.impliedNFProto, network != number,
        !(isMessage && transport == field.impliedL4Proto)
      {
        ask(.networkProtocol, number)
        network = number
      }
      if let number = field.impliedL4Proto, transport != number {
        ask(.transportProtocol, number)
        transport = number
      }
    }
  }

  /// Records the protocols that a condition implies for the packet.
  private mutating func note(_ field: Field, _ number: UInt8) {
    if field == .metaNFProto { network = number }
    if field == .metaL4Proto { transport = number }
  }

  private mutating func ask(_ key: MetaKey, _ number: UInt8) {
    pieces.append(.condition([.meta(key, into: .first), .compare(.first, .equal, [number])]))
  }
}
