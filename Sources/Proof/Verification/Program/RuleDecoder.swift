import Addresses
import KernelProgram
import Ruleset

/// Follows the instructions of one rule for packets of one family, with the origin of each byte of the registers, and
/// says what they ask and do in conditions on fields. What asks for the network protocol alone is decided here; a rule
/// that no packet of the family gets through ends there.
struct RuleDecoder {
  typealias Undecided = Lookups.UndecidedText

  let family: IPFamily
  let sets: DecodedSets
  private var bytes = [RegisterByte](repeating: RegisterByte(), count: 64)
  private(set) var statements: [Statement] = []
  private var isDead = false

  init(_ family: IPFamily, _ sets: DecodedSets) {
    self.family = family
    self.sets = sets
  }

  mutating func decode(_ rule: KernelRule) -> Rule {
    var rest = rule.instructions[...]
    while let instruction = rest.first, !isDead {
      if let isSet = Self.translation(rest) {
        statements.append(.match(Match(.ctStatus, isSet ? .equal : .notEqual, .anyBit(32))))
        rest = rest.dropFirst(3)
        continue
      }
      do throws(Undecided) {
        try decode(instruction)
      } catch { statements.append(.unmodelled(error.text)) }
      rest = rest.dropFirst()
    }
    return Rule(Self.joined(statements))
  }

  /// True where instructions begin with the question for a translated destination, `ct status dnat`, false with its opposite;
  /// nil for anything else. Of the status only this bit is modelled.
  private static func translation(_ rest: ArraySlice<Instruction>) -> Bool? {
    guard case .connection(.status, let register)? = rest.first, rest.count > 2 else { return nil }
    let next = Array(rest.prefix(3))
    guard case .bitwise(register, register, let mask, let flip) = next[1], mask == RegisterRun.translated,
      flip.allSatisfy({ $0 == 0 }), case .compare(register, let comparison, let value) = next[2],
      value.count == 4, value.allSatisfy({ $0 == 0 })
    else { return nil }
    return comparison == .notEqual ? true : comparison == .equal ? false : nil
  }

  private mutating func decode(_ instruction: Instruction) throws(Undecided) {
    switch instruction {
    case .payload(let base, let offset, let length, let register):
      let origins = (0..<Int(length)).map { RegisterByte.Origin.packet(base, Int(offset) + $0) }
      write(origins, register)
      // A packet that lacks the bytes ends the rule, so those outside the model are undecided even where nothing asks.
      for origin in origins { _ = try field(origin) }
    case .meta(let key, let register): write((0..<key.length).map { .meta(key, $0) }, register)
    case .connection(let key, let register):
      write((0..<key.length).map { .connection(key, $0) }, register)
      // Without a connection these end the rule by themselves, whether or not they are compared.
      switch key {
      case .state: break
      case .direction:
        statements.append(.match(Match(.ctDirection, .equal, .anonymousSet([ElementKey(0), ElementKey(1)]))))
      case .mark, .status: throw Undecided(text: key == .mark ? "ct mark" : "ct status")
      }
    case .route(1, 41, let register): write((0..<4).map { .sourceRoute($0) }, register)
    case .route(_, _, let register): write(Array(repeating: .route, count: 4), register)
    case .bitwise(let from, let into, let mask, let flip): transform(from, into, mask, flip)
    case .byteOrder(let from, let into, let length, let size): turn(from, into, Int(length), Int(size))
    case .compare(let register, let comparison, let value): try compare(register, comparison, value)
    case .range(let register, let isInverted, let from, let to):
      let run = try single(slice(register, from.count))
      guard run.isPlain, !isMachineOrder(run.field), let lower = from.number, let upper = to.number,
        lower <= upper
      else { throw Undecided(text: "a range of \(run.field.rawValue)") }
      add(run.field, isInverted ? .notEqual : .equal, [run.interval(lower, upper)])
    case .lookup(let register, let set, let isInverted): try lookup(register, set, isInverted: isInverted)
    case .verdictLookup(let register, let set):
      let (fields, lookup) = try verdicts(register, set)
      statements.append(.verdictMap(fields, lookup))
    case .verdict(let verdict): statements.append(.verdict(verdict))
    case .counter: statements.append(.counter)
    case .log(let settings): statements.append(.log(prefix: settings.prefix, group: settings.group))
    case .limit(let settings):
      statements.append(.limit(rate: settings.rate, unit: "\(settings.unit) s", burst: settings.burst))
    case .reject: statements.append(.reject)
    case .unknown(let text): statements.append(.unmodelled(text))
    }
  }

  // MARK: Registers

  private mutating func write(_ origins: [RegisterByte.Origin], _ register: Register) {
    for place in 0..<((origins.count + 3) & ~3) where register.place * 4 + place < 64 {
      bytes[register.place * 4 + place] = RegisterByte(origin: place < origins.count ? origins[place] : .zero)
    }
  }

  private mutating func transform(_ from: Register, _ into: Register, _ mask: [UInt8], _ flip: [UInt8]) {
    let old = slice(from, mask.count)
    for (place, (byte, (mask, flip))) in zip(old, zip(mask, flip)).enumerated() {
      var new = byte
      new.mask &= mask
      new.flip = byte.flip & mask ^ flip
      bytes[into.place * 4 + place] = new
    }
  }

  /// Turns whole units of bytes around; the kernel leaves a rest as it is.
  private mutating func turn(_ from: Register, _ into: Register, _ length: Int, _ size: Int) {
    let old = slice(from, length)
    guard UInt16(littleEndian: 1) == 1 else { return }
    for unit in 0..<(length / size) {
      for place in 0..<size {
        bytes[into.place * 4 + unit * size + place] = old[unit * size + size - 1 - place]
      }
    }
  }

  private func slice(_ register: Register, _ count: Int) -> [RegisterByte] {
    let start = register.place * 4
    return Array(bytes[start..<min(64, start + count)])
  }

  /// The field that a byte comes from, and its place there.
  private func field(_ origin: RegisterByte.Origin) throws(Undecided) -> (Field, Int) {
    switch (origin, family) {
    case (.packet(.network, let place), .ipv4) where (12..<16).contains(place): return (.ipSaddr, place - 12)
    case (.packet(.network, let place), .ipv4) where (16..<20).contains(place): return (.ipDaddr, place - 16)
    case (.packet(.network, let place), .ipv6) where (8..<24).contains(place): return (.ip6Saddr, place - 8)
    case (.packet(.network, let place), .ipv6) where (24..<40).contains(place): return (.ip6Daddr, place - 24)
    case (.packet(.network, 7), .ipv6): return (.ip6HopLimit, 0)
    case (.packet(.transport, let place), _) where (0..<2).contains(place): return (.thSport, place)
    case (.packet(.transport, let place), _) where (2..<4).contains(place): return (.thDport, place - 2)
    case (.packet(let base, let place), _): throw Undecided(text: "byte \(place) of the \(base) header")
    case (.meta(.networkProtocol, let place), _): return (.metaNFProto, place)
    case (.meta(.transportProtocol, let place), _): return (.metaL4Proto, place)
    case (.meta(.mark, let place), _): return (.metaMark, place)
    case (.meta(.inputInterfaceName, let place), _): return (.metaIifName, place)
    case (.meta(.inputInterfaceKind, let place), _): return (.metaIifKind, place)
    case (.sourceRoute(let place), _): return (.fibSourceRoute, place)
    case (.meta(.outputInterfaceName, let place), _): return (.metaOifName, place)
    case (.connection(.state, let place), _): return (.ctState, place)
    case (.connection(.direction, let place), _): return (.ctDirection, place)
    case (.connection(.mark, let place), _): return (.ctMark, place)
    case (.connection(.status, _), _): throw Undecided(text: "ct status")
    case (.route, _): throw Undecided(text: "fib")
    case (.nothing, _), (.zero, _): throw Undecided(text: "a register that nothing was loaded into")
    }
  }

  /// Bytes as runs of one field each.
  private func runs(_ bytes: [RegisterByte]) throws(Undecided) -> [FieldRun] {
    var result: [FieldRun] = []
    for byte in bytes {
      let (field, place) = try field(byte.origin)
      // Fields of the machine's order are kept byte by byte as they stand.
      if let last = result.last, last.field == field,
        isMachineOrder(field) || last.offset + last.bytes.count == place
      {
        result[result.count - 1].bytes.append(byte)
      } else {
        result.append(FieldRun(field: field, offset: place, bytes: [byte]))
      }
    }
    // The first byte alone is a message's type where the rule has asked for the protocol.
    for (place, run) in result.enumerated()
    where run.field == .thSport && run.offset == 0 && run.bytes.count == 1 {
      if let type = messageType { result[place] = FieldRun(field: type, offset: 0, bytes: run.bytes) }
    }
    return result
  }

  /// The type of an ICMP message, where the rule has asked for its protocol.
  private var messageType: Field? {
    let (number, field): (UInt128, Field) = family == .ipv6 ? (58, .icmpv6Type) : (1, .icmpType)
    let asks = statements.contains { statement in
      guard case .match(let match) = statement, match.key == [.metaL4Proto], match.comparison == .equal,
        case .value(let key) = match.operand
      else { return false }
      return key == ElementKey(number)
    }
    return asks ? field : nil
  }

  private func single(_ bytes: [RegisterByte]) throws(Undecided) -> FieldRun {
    let runs = try runs(bytes)
    guard runs.count == 1 else {
      throw Undecided(text: "an order of \(runs.map(\.field.rawValue).joined(separator: " . "))")
    }
    return runs[0]
  }

  /// True where a field's bytes stand in the machine's order.
  private func isMachineOrder(_ field: Field) -> Bool {
    field == .ctState || field == .metaMark || field == .ctMark || field == .fibSourceRoute
  }

  private func domain(_ field: Field) -> [UInt128]? {
    switch field {
    case .metaNFProto: [family == .ipv4 ? 2 : 10]
    case .ctState: ConnectionState.each.map { UInt128($0.rawValue) }
    case .ctDirection, .fibSourceRoute: [0, 1]
    default: nil
    }
  }

  /// The bytes of a run where the field has a value.
  private func content(_ run: FieldRun, _ value: UInt128) -> [UInt8] {
    run.bytes.map { byte in
      let place: Int
      switch byte.origin {
      case .connection(_, let offset), .meta(_, let offset), .packet(_, let offset), .sourceRoute(let offset):
        place = offset
      default: place = 0
      }
      let isTurned = isMachineOrder(run.field) && UInt16(littleEndian: 1) == 1
      let shift = UInt128((isTurned ? place : run.width - 1 - place) * 8)
      return UInt8(truncatingIfNeeded: value >> shift) & byte.mask ^ byte.flip
    }
  }

  // MARK: Conditions

  private mutating func compare(_ register: Register, _ comparison: CompareOperator, _ value: [UInt8])
    throws(Undecided)
  {
    let runs = try runs(slice(register, value.count))
    if runs.count == 1, let domain = domain(runs[0].field) {
      let bound = value.number ?? 0
      let found = domain.filter { number in
        let content = content(runs[0], number).number ?? 0
        return switch comparison {
        case .equal: content == bound
        case .notEqual: content != bound
        case .less: content < bound
        case .lessOrEqual: content <= bound
        case .greater: content > bound
        case .greaterOrEqual: content >= bound
        }
      }
      only(runs[0].field, found, of: domain.count)
      return
    }
    switch comparison {
    case .equal, .notEqual: try equal(runs, value, isInverted: comparison == .notEqual)
    default: try order(try single(slice(register, value.count)), comparison, value)
    }
  }

  /// A condition that a field has one of some values of its domain.
  private mutating func only(_ field: Field, _ values: [UInt128], of count: Int) {
    if values.isEmpty { isDead = true }
    if values.isEmpty || (values.count == count && field != .ctDirection) { return }
    statements.append(.match(Match(field, .equal, .anonymousSet(values.map { ElementKey($0) }))))
  }

  private mutating func equal(_ runs: [FieldRun], _ value: [UInt8], isInverted: Bool) throws(Undecided) {
    var conditions: [(Field, [Interval<UInt128>])] = []
    var start = 0
    for run in runs {
      if isMachineOrder(run.field) { throw Undecided(text: run.field.rawValue) }
      conditions.append(
        (run.field, try run.values(equalTo: value[start..<(start + run.bytes.count)])))
      start += run.bytes.count
    }
    if !isInverted {
      for (field, intervals) in conditions { add(field, .equal, intervals) }
      return
    }
    if conditions.contains(where: \.1.isEmpty) { return }
    if conditions.count == 1 {
      add(conditions[0].0, .notEqual, conditions[0].1)
      return
    }
    guard conditions.allSatisfy({ $0.1.count == 1 }) else {
      throw Undecided(text: "a mask on several fields")
    }
    statements.append(
      .match(
        Match(
          conditions.map(\.0), .notEqual, .anonymousSet([.concatenation(conditions.map { $0.1[0] })]))))
  }

  private mutating func order(_ run: FieldRun, _ comparison: CompareOperator, _ value: [UInt8])
    throws(Undecided)
  {
    guard run.isPlain, !isMachineOrder(run.field), let bound = value.number else {
      throw Undecided(text: "an order of \(run.field.rawValue)")
    }
    let most: UInt128 = value.count == 16 ? .max : 1 << UInt128(value.count * 8) - 1
    switch comparison {
    case .less where bound == 0, .greater where bound == most: isDead = true
    case .less: add(run.field, .equal, [run.interval(0, bound - 1)])
    case .lessOrEqual: add(run.field, .equal, [run.interval(0, bound)])
    case .greater: add(run.field, .equal, [run.interval(bound + 1, most)])
    default: add(run.field, .equal, [run.interval(bound, most)])
    }
  }

  /// A condition on one field. Two intervals of one field, one after the other, are one: a range is compared twice.
  private mutating func add(_ field: Field, _ comparison: Comparison, _ intervals: [Interval<UInt128>]) {
    if intervals.isEmpty {
      if comparison == .equal { isDead = true }
      return
    }
    guard intervals.count == 1 else {
      statements.append(.match(Match(field, comparison, .anonymousSet(intervals.map { .single($0) }))))
      return
    }
    if comparison == .equal, case .match(let last)? = statements.last, last.key == [field],
      last.comparison == .equal, case .value(.single(let former)) = last.operand
    {
      guard let both = former.intersection(intervals[0]) else {
        isDead = true
        return
      }
      statements[statements.count - 1] = .match(Match(field, .equal, .value(.single(both))))
      return
    }
    statements.append(.match(Match(field, comparison, .value(.single(intervals[0])))))
  }

  // MARK: Look-ups

  /// The runs that make a key, and how many bits each is short of its field.
  private func key(_ register: Register, _ set: KernelSet) throws(Undecided) -> [FieldRun] {
    var result: [FieldRun] = []
    var start = 0
    let isOne = set.fieldLengths.count == 1
    for length in set.fieldLengths {
      let whole = slice(register, start + ((length + 3) & ~3))
      guard whole.count >= start + length else { throw Undecided(text: "a key beyond the registers") }
      let found = try runs(Array(whole[start..<(start + length)]))
      guard found.count == 1, isOne || whole[(start + length)...].allSatisfy({ $0.origin == .zero }) else {
        throw Undecided(text: "the key of \(DecodedSets.words(set.name)) has another type")
      }
      result.append(found[0])
      start += (length + 3) & ~3
    }
    return result
  }

  private mutating func lookup(_ register: Register, _ reference: SetReference, isInverted: Bool)
    throws(Undecided)
  {
    let set = try sets.set(reference)
    let runs = try key(register, set)
    if runs.count == 1, let domain = domain(runs[0].field) {
      let keys = set.elements.keyList
      let found = domain.filter { value in
        let number = content(runs[0], value).number ?? 0
        return keys.contains { $0.fields.count == 1 && $0.fields[0].contains(number) } != isInverted
      }
      only(runs[0].field, found, of: domain.count)
      return
    }
    let operand = try sets.operand(reference, set, try plain(runs, set))
    statements.append(.match(Match(runs.map(\.field), isInverted ? .notEqual : .equal, operand)))
  }

  private mutating func verdicts(_ register: Register, _ reference: SetReference) throws(Undecided)
    -> ([Field], VerdictLookup)
  {
    let set = try sets.set(reference)
    guard case .verdicts(let elements) = set.elements else {
      throw Undecided(text: "verdicts of \(DecodedSets.words(set.name))")
    }
    let runs = try key(register, set)
    if runs.count == 1, let domain = domain(runs[0].field) {
      let found = domain.compactMap { value -> VerdictElement? in
        let number = content(runs[0], value).number ?? 0
        return elements.first { $0.key.fields.count == 1 && $0.key.fields[0].contains(number) }
          .map { VerdictElement(ElementKey(value), $0.verdict) }
      }
      return ([runs[0].field], .anonymous(found))
    }
    return (runs.map(\.field), try sets.lookup(reference, elements, try plain(runs, set)))
  }

  private func plain(_ runs: [FieldRun], _ set: KernelSet) throws(Undecided) -> [FieldRun] {
    for run in runs where !run.isPlain || (isMachineOrder(run.field) && run.field == .ctState) {
      throw Undecided(text: "\(run.field.rawValue) in \(DecodedSets.words(set.name))")
    }
    return runs
  }
}
