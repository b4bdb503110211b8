import Addresses
import KernelProgram
import Ruleset

/// One rule's instructions with the bytes of one packet. A byte that the model of a packet does not have is nil; a
/// condition on it is undecided.
struct RegisterRun {
  private let packet: Packet
  private let sets: [String: KernelSet]
  private var bytes = [UInt8?](repeating: nil, count: 64)
  /// The register that the connection's status was loaded into, until something else is.
  private var status: Register?
  /// The bit of a translated destination in a connection's status, as it stands in a register.
  static let translated = machine(UInt32(32)).compactMap { $0 }
  /// The element that the last look-up hit.
  private(set) var found: TraceStep.Found?

  init(_ packet: Packet, _ sets: [String: KernelSet]) {
    self.packet = packet
    self.sets = sets
  }

  /// The verdict that the rule gives; nil where a condition fails or it gives none.
  mutating func execute(_ rule: KernelRule) throws(Lookups.UndecidedText) -> Verdict? {
    for instruction in rule.instructions {
      switch instruction {
      case .payload(let base, let offset, let length, let register):
        let part = base == .network ? networkBytes : transportBytes
        let values = (0..<Int(length)).map { part(Int(offset) + $0) }
        guard !values.contains(where: { $0 == nil }) else {
          throw Lookups.UndecidedText(text: "a byte outside the model of a packet is loaded")
        }
        write(values, register)
      case .meta(.networkProtocol, let register): write([packet.family == .ipv4 ? 2 : 10], register)
      case .meta(.transportProtocol, let register): write([packet.transport], register)
      case .meta(.inputInterfaceName, let register) where packet.path != .fromNode:
        write(Self.name(packet.arrival.interface), register)
      case .meta(.inputInterfaceKind, let register) where packet.path != .fromNode:
        // Kinds but that of bridges are not distinguished.
        guard case .bridge? = Self.kindAsked(rule) else {
          throw Lookups.UndecidedText(text: "meta iifkind is modelled as far as bridge, alone")
        }
        write(Self.name(packet.arrival.kind), register)
      case .route(1, 41, let register) where packet.path != .fromNode:
        write([packet.arrival.isFromSourceRoute ? 1 : 0], register)
      case .meta(let key, let register): write(Array(repeating: nil, count: key.length), register)
      case .connection(.state, let register): write(Self.machine(packet.state.rawValue), register)
      case .connection(.direction, let register):
        if packet.state == .invalid || packet.state == .untracked { return nil }
        write([packet.isReply ? 1 : 0], register)
      case .connection(.mark, _): throw Lookups.UndecidedText(text: "a connection's mark is not modelled")
      case .connection(.status, let register):
        if !packet.hasConnection { return nil }
        write(Array(repeating: nil, count: 4), register)
        status = register
      case .route(let result, _, let register):
        write(Array(repeating: nil, count: result == 2 ? 16 : 4), register)
      case .bitwise(let from, let into, let mask, let flip):
        // Of the status only the bit of a translated destination is modelled.
        if from == status, mask == Self.translated, flip.allSatisfy({ $0 == 0 }) {
          write(packet.isTranslated ? mask : Array(repeating: 0, count: 4), into)
          continue
        }
        let old = slice(from, mask.count)
        if into == status { status = nil }
        for place in mask.indices {
          let byte = mask[place] == 0 ? 0 : old[place]
          bytes[into.place * 4 + place] = byte.map { $0 & mask[place] ^ flip[place] }
        }
      case .byteOrder(let from, let into, let length, let size):
        let old = slice(from, Int(length))
        if into == status { status = nil }
        for unit in 0..<Int(length / size) where UInt16(littleEndian: 1) == 1 {
          let first = unit * Int(size)
          for place in 0..<Int(size) {
            bytes[into.place * 4 + first + place] = old[first + Int(size) - 1 - place]
          }
        }
      case .compare(let register, let comparison, let value):
        if !Self.holds(try known(register, value.count), comparison, value) { return nil }
      case .range(let register, let isInverted, let from, let to):
        let value = try known(register, from.count)
        let isIn = !value.lexicographicallyPrecedes(from) && !to.lexicographicallyPrecedes(value)
        if isIn == isInverted { return nil }
      case .lookup(let register, let reference, let isInverted):
        if try (hit(register, reference) != nil) == isInverted { return nil }
      case .verdictLookup(let register, let reference):
        guard let element = try hit(register, reference), let verdict = element.verdict else { return nil }
        if verdict != .continue { return verdict }
      case .verdict(.continue): continue
      case .verdict(let verdict): return verdict
      case .counter, .log: continue
      case .limit:
        if Self.decides(rule) { throw Lookups.UndecidedText(text: "limit rate depends on earlier packets") }
      case .reject: return .drop
      case .unknown(let text): throw Lookups.UndecidedText(text: "\(text) is not modelled")
      }
    }
    return nil
  }

  /// True where anything but logging follows a rule's limit.
  private static func decides(_ rule: KernelRule) -> Bool {
    let place = rule.instructions.firstIndex { if case .limit = $0 { true } else { false } } ?? 0
    return !rule.instructions[place...].allSatisfy {
      switch $0 {
      case .limit, .log, .counter: true
      default: false
      }
    }
  }

  private enum Kind { case bridge }

  /// The kind of interfaces that a rule asks for, where it is the one that is modelled and nothing else.
  private static func kindAsked(_ rule: KernelRule) -> Kind? {
    let bridge = name(InterfaceName.bridgeKind).compactMap { $0 }
    for (place, instruction) in rule.instructions.enumerated() {
      guard case .meta(.inputInterfaceKind, let register) = instruction else { continue }
      guard place + 1 < rule.instructions.count,
        case .compare(register, let comparison, let value) = rule.instructions[place + 1], value == bridge,
        comparison == .equal || comparison == .notEqual
      else { return nil }
    }
    return .bridge
  }

  private static func name(_ number: UInt128) -> [UInt8?] {
    (0..<16).map { UInt8(truncatingIfNeeded: number >> UInt128((15 - $0) * 8)) }
  }

  // MARK: Bytes

  private func networkBytes(_ place: Int) -> UInt8? {
    if packet.family == .ipv6, place == 7 { return packet.hopLimit }
    let width = packet.family == .ipv4 ? 4 : 16
    let source = packet.family == .ipv4 ? 12 : 8
    func byte(_ address: IPAddress, _ start: Int) -> UInt8 {
      UInt8(truncatingIfNeeded: address.bits >> UInt128((width - 1 - (place - start)) * 8))
    }
    if (source..<(source + width)).contains(place) { return byte(packet.source, source) }
    let destination = source + width
    return (destination..<(destination + width)).contains(place) ? byte(packet.destination, destination) : nil
  }

  private func transportBytes(_ place: Int) -> UInt8? {
    switch place {
    case 0: UInt8(packet.firstBytes >> 8)
    case 1: UInt8(packet.firstBytes & 255)
    case 2: UInt8(packet.destinationPort >> 8)
    case 3: UInt8(packet.destinationPort & 255)
    default: nil
    }
  }

  private static func machine(_ value: UInt32) -> [UInt8?] { withUnsafeBytes(of: value) { Array($0) } }

  private mutating func write(_ value: [UInt8?], _ register: Register) {
    status = nil
    for place in 0..<((value.count + 3) & ~3) where register.place * 4 + place < 64 {
      bytes[register.place * 4 + place] = place < value.count ? value[place] : 0
    }
  }

  private func slice(_ register: Register, _ count: Int) -> [UInt8?] {
    Array(bytes[(register.place * 4)..<min(64, register.place * 4 + count)])
  }

  private func known(_ register: Register, _ count: Int) throws(Lookups.UndecidedText) -> [UInt8] {
    let value = slice(register, count).compactMap { $0 }
    guard value.count == count else { throw Lookups.UndecidedText(text: "a field is not modelled") }
    return value
  }

  private static func holds(_ left: [UInt8], _ comparison: CompareOperator, _ right: [UInt8]) -> Bool {
    switch comparison {
    case .equal: left == right
    case .notEqual: left != right
    case .less: left.lexicographicallyPrecedes(right)
    case .lessOrEqual: !right.lexicographicallyPrecedes(left)
    case .greater: right.lexicographicallyPrecedes(left)
    case .greaterOrEqual: !left.lexicographicallyPrecedes(right)
    }
  }

  // MARK: Sets

  private mutating func hit(_ register: Register, _ reference: SetReference) throws(Lookups.UndecidedText)
    -> (key: ElementKey, verdict: Verdict?)?
  {
    let set: KernelSet
    switch reference {
    case .anonymous(let content): set = content
    case .named(let name):
      guard let content = sets[name] else {
        throw Lookups.UndecidedText(text: "set \(name), which does not exist, is not modelled")
      }
      set = content
    }
    if let text = set.unknown.first { throw Lookups.UndecidedText(text: "\(text) is not modelled") }
    var values: [UInt128] = []
    var start = register.place
    for length in set.fieldLengths {
      guard let place = Register(place: start) else { throw Lookups.UndecidedText(text: "a key is too long") }
      values.append(try known(place, length).reduce(0) { $0 << 8 | UInt128($1) })
      start += (length + 3) / 4
    }
    func holds(_ key: ElementKey) -> Bool {
      key.fields.count == values.count && zip(key.fields, values).allSatisfy { $0.contains($1) }
    }
    var result: (ElementKey, Verdict?)?
    switch set.elements {
    case .keys(let keys): result = keys.first(where: holds).map { ($0, nil) }
    case .verdicts(let elements):
      let hits = elements.filter { holds($0.key) }
      if let first = hits.first, hits.contains(where: { $0.verdict != first.verdict }) {
        throw Lookups.UndecidedText(text: "elements of a map overlap")
      }
      result = hits.first.map { ($0.key, $0.verdict) }
    }
    if let result { found = TraceStep.Found(set: set.name.isEmpty ? nil : set.name, key: result.0) }
    return result
  }
}
