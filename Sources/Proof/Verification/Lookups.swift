import Addresses
import Reachability
import Ruleset

/// A key, what it is compared with, and the case, as far as the result depends on them.
struct LookupKey: Hashable {
  enum Source: Hashable {
    case match(Comparison, Operand)
    case map(VerdictLookup)
  }
  let fields: [Field]
  let source: Source
  let axis: Axis
  let packets: PacketCase.Dependency

  /// The parts that part almost all keys.
  func hash(into hasher: inout Hasher) {
    hasher.combine(axis.rawValue)
    hasher.combine(packets.bits)
    switch source {
    case .match(_, let operand): operand.hash(into: &hasher)
    case .map(.named(let name)): hasher.combine(name)
    case .map(.anonymous(let elements)): hasher.combine(elements.first)
    }
  }
}

/// Conditions and verdict maps as functions of addresses. For each outer address there is a function of the inner one,
/// whose values are partitions of traffic.
final class Lookups {
  let index: TableIndex
  let family: IPFamily
  let store: DiagramStore
  private(set) var functions: [Piecewise] = []
  private(set) var partitions: [Partition] = []
  private var partitionNames: [Partition: UInt32] = [:]
  private(set) var verdicts: [Verdict] = []
  private var verdictNames: [Verdict: UInt32] = [:]
  private var constants: [UInt32: UInt32] = [:]
  private let ranges: TrafficRanges
  private var known: [LookupKey: Result<Piecewise, UndecidedText>] = [:]

  /// The defect of a lookup, without its place.
  struct UndecidedText: Error {
    let text: String
  }

  init(_ index: TableIndex, _ family: IPFamily, _ store: DiagramStore) {
    self.index = index
    self.family = family
    self.store = store
    ranges = TrafficRanges(store)
  }

  // MARK: Names

  func intern(_ partition: Partition) -> UInt32 {
    if let known = partitionNames[partition] { return known }
    let name = UInt32(partitions.count)
    partitions.append(partition)
    partitionNames[partition] = name
    return name
  }

  func intern(_ verdict: Verdict) -> UInt32 {
    if let known = verdictNames[verdict] { return known }
    let name = UInt32(verdicts.count)
    verdicts.append(verdict)
    verdictNames[verdict] = name
    return name
  }

  func add(_ function: Piecewise) -> UInt32 {
    if function.isConstant { return constant(function.values[0]) }
    functions.append(function.trimmed)
    return UInt32(functions.count - 1)
  }

  func constant(_ value: UInt32) -> UInt32 {
    if let known = constants[value] { return known }
    functions.append(Piecewise(constant: value))
    let name = UInt32(functions.count - 1)
    constants[value] = name
    return name
  }

  // MARK: Lookups

  /// The outer function of a lookup, whose values are names of inner functions.
  func function(
    _ fields: [Field], _ source: LookupKey.Source, _ axis: Axis, _ packets: PacketCase
  ) throws(UndecidedText) -> Piecewise {
    let uses = TableIndex.uses(fields)
    let key = LookupKey(
      fields: fields, source: source, axis: axis, packets: packets.dependency(uses))
    if let result = known[key] { return try result.get() }
    do {
      let made = try make(fields, source, axis, packets)
      known[key] = .success(made)
      return made
    } catch {
      known[key] = .failure(error)
      throw error
    }
  }

  private func make(
    _ fields: [Field], _ source: LookupKey.Source, _ axis: Axis, _ packets: PacketCase
  ) throws(UndecidedText) -> Piecewise {
    for field in fields {
      switch field {
      case .metaMark, .ctMark, .ctDirection, .metaOifName:
        throw UndecidedText(text: "\(field.rawValue) is not modelled")
      case .metaIifName, .metaIifKind, .fibSourceRoute:
        if packets.path == .fromNode {
          throw UndecidedText(text: "\(field.rawValue) of what the node sends is not modelled")
        }
      default: break
      }
    }
    if fields.contains(.ctStatus) {
      guard fields.count == 1,
        case .match(_, .anyBit(UInt128(ConnectionStatus.destinationTranslated.rawValue))) = source
      else {
        throw UndecidedText(text: "ct status is modelled as far as dnat, alone")
      }
    }
    if fields.contains(.metaIifKind) {
      guard fields.count == 1, case .match(_, .value(ElementKey(InterfaceName.bridgeKind))) = source else {
        throw UndecidedText(text: "meta iifkind is modelled as far as bridge, alone")
      }
    }
    let nothing = intern(Partition(parts: []))
    let sort = BoxSorter(fields: fields, axis: axis, packets: packets, ranges: ranges)
    // Fields that the packet does not have end the rule, however they are compared.
    guard let guarded = sort.guarded else { return Piecewise(constant: constant(nothing)) }

    var boxes: [Box] = []
    var negated = false
    switch source {
    case .map(let lookup):
      if case .named(let name) = lookup {
        guard let map = index.maps[name] else { throw UndecidedText(text: "map \(name) does not exist") }
        try check(map.key, map.flags, name, fields)
      }
      let elements = index.elements(lookup)
      if let quick = quick(fields, elements.map(\.key), axis, verdict: { self.intern(elements[$0].verdict) })
      {
        return quick
      }
      boxes = try sort.boxes(elements.map(\.key)) { self.intern(elements[$0].verdict) }
    case .match(let comparison, let operand):
      negated = comparison == .notEqual
      let keys: [ElementKey]
      switch operand {
      case .namedSet(let name):
        guard let set = index.sets[name] else { throw UndecidedText(text: "set \(name) does not exist") }
        try check(set.key, set.flags, name, fields)
        keys = set.elements
      case .anonymousSet(let elements): keys = elements
      case .value(let key):
        keys = comparison == .equal || negated ? [key] : try ordered(key, comparison, fields)
      case .anyBit(let bits):
        let value: UInt128
        switch fields {
        case [.ctState]: value = UInt128(packets.state.rawValue)
        case [.ctStatus]: value = packets.isTranslated ? bits : 0
        default:
          throw UndecidedText(text: "a bit mask on \(fields.map(\.rawValue).joined()) is not modelled")
        }
        keys = value & bits != 0 ? [ElementKey(value)] : []
      }
      switch operand {
      case .value: break
      default:
        if comparison != .equal, !negated {
          throw UndecidedText(text: "order against a set is not modelled")
        }
      }
      if !negated, let quick = quick(fields, keys, axis, verdict: { _ in 0 }) { return quick }
      boxes = try sort.boxes(keys) { _ in 0 }
    }
    return try outerFunction(boxes, negatedIn: negated ? guarded : nil)
  }

  private func check(
    _ types: [DataType], _ flags: SetFlags, _ name: String, _ fields: [Field]
  ) throws(UndecidedText) {
    if !flags.isDisjoint(with: [.timeout, .dynamic]) {
      throw UndecidedText(text: "\(name) changes without netpolc: timeout or dynamic")
    }
    if types != fields.map(\.type) { throw UndecidedText(text: "the key of \(name) has another type") }
  }

  /// `<`, `<=`, `>`, `>=` as the interval of values that they stand for.
  private func ordered(
    _ key: ElementKey, _ comparison: Comparison, _ fields: [Field]
  ) throws(UndecidedText) -> [ElementKey] {
    guard fields.count == 1, let field = fields.first, key.fields.count == 1, let bound = key.fields.first,
      bound.isSingle
    else {
      throw UndecidedText(text: "order of \(fields.map(\.rawValue).joined(separator: " . ")) is not modelled")
    }
    let (value, most) = (bound.lower, field.type.maximum)
    switch comparison {
    case .less: return value == 0 ? [] : [.single(Interval(0, value - 1))]
    case .lessOrEqual: return [.single(Interval(0, value))]
    case .greater: return value >= most ? [] : [.single(Interval(value + 1, most))]
    default: return value > most ? [] : [.single(Interval(value, most))]
    }
  }

  /// The common case at speed: one address field and elements that ascend.
  private func quick(
    _ fields: [Field], _ keys: [ElementKey], _ axis: Axis, verdict: (Int) -> UInt32
  ) -> Piecewise? {
    guard fields.count == 1, let field = fields.first else { return nil }
    let uses = TableIndex.uses(fields)
    guard uses == .source || uses == .destination else { return nil }
    let outer = (axis == .source && uses == .source) || (axis == .destination && uses == .destination)
    let nothing = intern(Partition(parts: []))
    let maximum = field.type.maximum
    var values: [UInt32: UInt32] = [:]
    func value(_ number: Int) -> UInt32 {
      let verdict = verdict(number)
      if let known = values[verdict] { return known }
      let partition = intern(Partition(parts: [.init(verdict: verdict, traffic: .everything)]))
      let made = outer ? constant(partition) : partition
      values[verdict] = made
      return made
    }
    let none = outer ? constant(nothing) : nothing
    var result = Piecewise(constant: none)
    result.reserve(keys.count * 2 + 1)
    var free: UInt128? = 0
    for (number, key) in keys.enumerated() {
      guard case .single(let interval) = key, let from = free, interval.lower >= from,
        interval.upper <= maximum
      else { return nil }
      result.append(interval.lower, value(number))
      free = interval.upper == maximum ? nil : interval.upper + 1
      if let free { result.append(free, none) }
    }
    return outer ? result : Piecewise(constant: add(result))
  }

  // MARK: Boxes to functions

  private func outerFunction(_ boxes: [Box], negatedIn guarded: TrafficID?) throws(UndecidedText) -> Piecewise
  {
    struct Inside: Hashable {
      let inner: Interval<UInt128>
      let traffic: TrafficID
      let verdict: UInt32
    }
    var made: [[Inside]: UInt32] = [:]
    var result = Piecewise()
    var failure: UndecidedText?
    runs(of: boxes, along: \.outer, maximum: family.maximum) { start, holding in
      guard failure == nil else { return }
      let inside = holding.sorted().map { boxes[$0] }
      let key = inside.map { Inside(inner: $0.inner, traffic: $0.traffic, verdict: $0.verdict) }
      if let known = made[key] {
        result.append(start, known)
        return
      }
      do {
        let name = try innerFunction(inside, negatedIn: guarded)
        made[key] = name
        result.append(start, name)
      } catch { failure = error as? UndecidedText }
    }
    if let failure { throw failure }
    return result
  }

  private func innerFunction(_ boxes: [Box], negatedIn guarded: TrafficID?) throws(UndecidedText) -> UInt32 {
    var result = Piecewise()
    var ambiguous = false
    runs(of: boxes, along: \.inner, maximum: family.maximum) { start, holding in
      var members: [UInt32: [TrafficID]] = [:]
      for box in holding { members[boxes[box].verdict, default: []].append(boxes[box].traffic) }
      var parts = members.mapValues { store.union(of: $0) }
      if let guarded {
        parts = [0: store.difference(guarded, parts[0] ?? .nothing)]
      }
      let sorted = parts.filter { $0.value != .nothing }.sorted { $0.key < $1.key }
      if !areDisjoint(sorted.map(\.value)) { ambiguous = true }
      result.append(
        start, intern(Partition(parts: sorted.map { .init(verdict: $0.key, traffic: $0.value) })))
    }
    if ambiguous { throw UndecidedText(text: "elements of a map overlap") }
    return add(result)
  }

  /// True where no two of some sets of traffic share any. O(n log n) in their intervals.
  private func areDisjoint(_ traffics: [TrafficID]) -> Bool {
    if traffics.count < 2 { return true }
    if traffics.count == 2 { return store.intersection(traffics[0], traffics[1]) == .nothing }
    let sum = traffics.reduce(0) { $0 + store.traffic($1).count }
    return sum == TrafficSet.union(of: traffics.lazy.map(store.traffic)).count
  }
}
