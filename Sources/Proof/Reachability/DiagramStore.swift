public import Addresses

/// The name of a set of (address of one family, protocol, port) in a `DiagramStore`.
/// Within one store, equal names are equal sets, and different names different sets.
public struct Diagram: Sendable, Hashable {
  /// The family of the addresses.
  public let family: IPFamily
  let index: UInt32

  /// The set of nothing, in every store.
  public static func nothing(_ family: IPFamily) -> Diagram { Diagram(family: family, index: 0) }
  /// Every address with all traffic, in every store.
  public static func everything(_ family: IPFamily) -> Diagram { Diagram(family: family, index: 1) }
}

/// Interval diagrams, hash-consed: address intervals, each with an interned set of (protocol, port).
///
/// A store belongs to its creator and is not shared between tasks. Two specifications that are to be compared
/// live in one store.
public final class DiagramStore {
  private var traffics = TrafficTable()
  private var ipv4 = DiagramLayer<UInt32>()
  private var ipv6 = DiagramLayer<UInt128>()
  /// The sets of addresses that terms speak of.
  let addressSets = AddressSets()
  private var unions: [[TermKey]: (ipv4: Diagram, ipv6: Diagram)] = [:]

  /// An empty store.
  public init() {}

  // MARK: Traffic

  /// The name of a set of traffic.
  public func intern(_ set: TrafficSet) -> TrafficID { TrafficID(index: traffics.intern(set)) }

  /// The set behind a name.
  public func traffic(_ name: TrafficID) -> TrafficSet { traffics.sets[Int(name.index)] }

  /// The union of two sets.
  public func union(_ left: TrafficID, _ right: TrafficID) -> TrafficID {
    TrafficID(index: traffics.apply(.union, left.index, right.index))
  }

  /// The union of many sets, without the sets in between. O(n log n) in the number of all their intervals.
  public func union(of names: [TrafficID]) -> TrafficID {
    switch names.count {
    case 0: .nothing
    case 1: names[0]
    case 2: union(names[0], names[1])
    default: intern(TrafficSet.union(of: names.lazy.map(traffic)))
    }
  }

  /// The intersection of two sets.
  public func intersection(_ left: TrafficID, _ right: TrafficID) -> TrafficID {
    TrafficID(index: traffics.apply(.intersection, left.index, right.index))
  }

  /// The first set without the second.
  public func difference(_ left: TrafficID, _ right: TrafficID) -> TrafficID {
    TrafficID(index: traffics.apply(.difference, left.index, right.index))
  }

  // MARK: Diagrams

  private func apply(_ operation: SetOperation, _ left: Diagram, _ right: Diagram) -> Diagram {
    precondition(left.family == right.family, "sets of two families are never combined")
    let index =
      switch left.family {
      case .ipv4:
        ipv4.apply(operation, left.index, right.index) { self.traffics.apply(operation, $0, $1) }
      case .ipv6:
        ipv6.apply(operation, left.index, right.index) { self.traffics.apply(operation, $0, $1) }
      }
    return Diagram(family: left.family, index: index)
  }

  /// The union of two sets of one family. O(n + m).
  public func union(_ left: Diagram, _ right: Diagram) -> Diagram { apply(.union, left, right) }
  /// The intersection of two sets of one family. O(n + m).
  public func intersection(_ left: Diagram, _ right: Diagram) -> Diagram { apply(.intersection, left, right) }
  /// The first set without the second; both are of one family. O(n + m).
  public func difference(_ left: Diagram, _ right: Diagram) -> Diagram { apply(.difference, left, right) }
  /// The complement of a set.
  public func complement(_ set: Diagram) -> Diagram { difference(.everything(set.family), set) }
  /// True where the set holds nothing.
  public func isEmpty(_ set: Diagram) -> Bool { set.index == 0 }

  /// A set of addresses with one set of traffic.
  public func product(_ family: IPFamily, _ addresses: IntervalSet<UInt128>, _ traffic: TrafficID) -> Diagram
  {
    var starts: [UInt128] = [0]
    var values: [TrafficID] = [.nothing]
    for interval in addresses.intervals {
      starts.append(interval.lower)
      values.append(traffic)
      if interval.upper < family.maximum {
        starts.append(interval.upper + 1)
        values.append(.nothing)
      }
    }
    return diagram(family, starts: starts, values: values)
  }

  /// The diagram whose traffic from `starts[i]` on is `values[i]`. Starts ascend (an equal one replaces the former)
  /// and begin with 0.
  public func diagram(_ family: IPFamily, starts: [UInt128], values: [TrafficID]) -> Diagram {
    precondition(starts.count == values.count && starts.first == 0, "a diagram covers all addresses")
    switch family {
    case .ipv4:
      ipv4.begin()
      for (start, value) in zip(starts, values) { ipv4.append(UInt32(start), value.index) }
      return Diagram(family: family, index: ipv4.finish())
    case .ipv6:
      ipv6.begin()
      for (start, value) in zip(starts, values) { ipv6.append(start, value.index) }
      return Diagram(family: family, index: ipv6.finish())
    }
  }

  /// The diagram whose traffic from `starts[i]` on is what `traffic` says of `values[i]`; it is asked once for each value.
  public func diagram(
    _ family: IPFamily, starts: [UInt128], values: [UInt32], _ traffic: (UInt32) -> TrafficID
  ) -> Diagram {
    precondition(starts.count == values.count && starts.first == 0, "a diagram covers all addresses")
    // Values are small numbers: a table of them is quicker than a dictionary.
    var names: [UInt32] = Array(repeating: .max, count: Int(values.max() ?? 0) + 1)
    for value in values where names[Int(value)] == .max { names[Int(value)] = traffic(value).index }
    let only = names[Int(values[0])]
    if only <= 1, names.allSatisfy({ $0 == only || $0 == .max }) {
      return Diagram(family: family, index: only)
    }
    let index =
      switch family {
      case .ipv4: ipv4.define(starts, values, names)
      case .ipv6: ipv6.define(starts, values, names)
      }
    return Diagram(family: family, index: index)
  }

  /// The diagram of IPv4 that has in each cell the traffic given for it.
  func diagram(_ cells: AddressCells<UInt32>, _ traffic: [TrafficID]) -> Diagram {
    Diagram(family: .ipv4, index: ipv4.define(cells, traffic.map(\.index)))
  }

  /// The diagram of IPv6 that has in each cell the traffic given for it.
  func diagram(_ cells: AddressCells<UInt128>, _ traffic: [TrafficID]) -> Diagram {
    Diagram(family: .ipv6, index: ipv6.define(cells, traffic.map(\.index)))
  }

  /// The union of terms, each once and ascending. Revisions of a cluster have most of theirs in common.
  func union(of terms: [TermKey]) -> (ipv4: Diagram, ipv6: Diagram) {
    if let known = unions[terms] { return known }
    let (four, six) = (addressSets.ipv4, addressSets.ipv6)
    let result = (
      union32(terms.map { Term(addresses: four[$0.addresses], traffic: $0.traffic) }),
      union128(terms.map { Term(addresses: six[$0.addresses], traffic: $0.traffic) })
    )
    unions[terms] = result
    return result
  }

  /// The union of terms, each a set of addresses with a set of traffic, in one sweep.
  func union32(_ terms: [Term<UInt32>]) -> Diagram {
    Diagram(family: .ipv4, index: sweep(terms, &ipv4) { self.traffics.apply(.union, $0, $1) })
  }

  /// The union of terms, each a set of addresses with a set of traffic, in one sweep.
  func union128(_ terms: [Term<UInt128>]) -> Diagram {
    Diagram(family: .ipv6, index: sweep(terms, &ipv6) { self.traffics.apply(.union, $0, $1) })
  }

  // MARK: Looking into a diagram

  /// The traffic of one address, whose family is the diagram's. O(log n).
  public func traffic(of set: Diagram, at address: UInt128) -> TrafficID {
    switch set.family {
    case .ipv4: TrafficID(index: ipv4.value(ipv4.position(of: UInt32(address), in: set.index)))
    case .ipv6: TrafficID(index: ipv6.value(ipv6.position(of: address, in: set.index)))
    }
  }

  /// The number of intervals of a diagram.
  public func intervalCount(_ set: Diagram) -> Int {
    set.family == .ipv4 ? ipv4.range(set.index).count : ipv6.range(set.index).count
  }

  /// Calls `body` for each interval of addresses and its traffic, ascending, those without traffic too, until it
  /// returns false.
  public func forEachInterval(
    of set: Diagram, from address: UInt128 = 0, _ body: (Interval<UInt128>, TrafficID) -> Bool
  ) {
    switch set.family {
    case .ipv4:
      for position in ipv4.position(of: UInt32(address), in: set.index)..<ipv4.range(set.index).upperBound {
        let interval = Interval(
          UInt128(ipv4.start(position)), UInt128(ipv4.last(position, in: set.index)))
        if !body(interval, TrafficID(index: ipv4.value(position))) { return }
      }
    case .ipv6:
      for position in ipv6.position(of: address, in: set.index)..<ipv6.range(set.index).upperBound {
        let interval = Interval(ipv6.start(position), ipv6.last(position, in: set.index))
        if !body(interval, TrafficID(index: ipv6.value(position))) { return }
      }
    }
  }

  /// Calls `body` for each interval of addresses for which two diagrams of one family have different traffic, with
  /// both, ascending. O(n + m), and nothing for equal diagrams.
  public func forEachDifference(
    _ left: Diagram, _ right: Diagram, _ body: (Interval<UInt128>, TrafficID, TrafficID) -> Void
  ) {
    precondition(left.family == right.family, "sets of two families are never compared")
    switch left.family {
    case .ipv4:
      ipv4.forEachDifference(left.index, right.index) {
        body(Interval(UInt128($0), UInt128($1)), TrafficID(index: $2), TrafficID(index: $3))
      }
    case .ipv6:
      ipv6.forEachDifference(left.index, right.index) {
        body(Interval($0, $1), TrafficID(index: $2), TrafficID(index: $3))
      }
    }
  }

  /// The intervals of addresses that have any traffic, with it, ascending.
  public func intervals(_ set: Diagram) -> [(addresses: Interval<UInt128>, traffic: TrafficID)] {
    var result: [(addresses: Interval<UInt128>, traffic: TrafficID)] = []
    forEachInterval(of: set) { interval, traffic in
      if traffic != .nothing { result.append((interval, traffic)) }
      return true
    }
    return result
  }

  /// The smallest packet of the set: smallest address, then protocol, then port; nil for the empty set.
  public func witness(_ set: Diagram) -> Witness? {
    var found: Witness?
    forEachInterval(of: set) { interval, traffic in
      guard let least = self.traffic(traffic).smallest else { return true }
      found = Witness(
        address: IPAddress(set.family, bits: interval.lower), transport: least.transport, port: least.port)
      return false
    }
    return found
  }

  /// The exact number of (address, protocol, port) triples.
  public func count(_ set: Diagram) -> Count {
    var sum = Count(high: 0, low: 0)
    forEachInterval(of: set) { interval, traffic in
      sum.add(interval.upper - interval.lower, plusOneTimes: UInt128(self.traffic(traffic).count))
      return true
    }
    return sum
  }

  /// The size of the store: the number of different traffic sets, and of entries of all diagrams together.
  public var size: (traffics: Int, entries: Int) {
    (traffics.sets.count, ipv4.entryCount + ipv6.entryCount)
  }
}

/// One member of a diagram's set.
public struct Witness: Sendable, Hashable {
  /// The peer's address.
  public let address: IPAddress
  /// The protocol's number.
  public let transport: UInt8
  /// The destination port; meaningless for a protocol without ports.
  public let port: UInt16
}

/// A number of packets, up to 2¹⁵²: `high` · 2¹²⁸ + `low`.
public struct Count: Sendable, Hashable, Comparable {
  /// The bits from 128 on.
  public private(set) var high: UInt128
  /// The lower 128 bits.
  public private(set) var low: UInt128

  init(high: UInt128, low: UInt128) {
    self.high = high
    self.low = low
  }

  fileprivate mutating func add(_ sizeLessOne: UInt128, plusOneTimes factor: UInt128) {
    let product = sizeLessOne.multipliedFullWidth(by: factor)
    for (upper, lower) in [(product.high, product.low), (0, factor)] {
      let (sum, carry) = low.addingReportingOverflow(lower)
      low = sum
      high += upper + (carry ? 1 : 0)
    }
  }

  /// Orders counts by size.
  public static func < (left: Count, right: Count) -> Bool {
    (left.high, left.low) < (right.high, right.low)
  }

  /// The number, rounded as floating point does.
  public var approximate: Double { Double(high) * 0x1p128 + Double(low) }
}
