/// A set of (protocol number, destination port): what a rule's `ports` stand for.
///
/// Canonical, so that equal values are equal sets: a protocol is all in, all out, or in with some of its ports.
/// A protocol without ports (ICMP and the rest) is only ever all in or all out in what policies mean; the ruleset
/// side may part it by the two bytes that would be its port, as the kernel would.
public struct TrafficSet: Sendable, Hashable {
  /// A protocol that is in with some of its ports.
  public struct Part: Sendable, Hashable {
    /// The protocol's number.
    public let transport: UInt8
    /// The ports: neither none nor all.
    public let ports: PortSet
  }

  /// The protocols that are in with every port.
  public private(set) var whole: ProtocolSet
  /// The protocols that are in with some ports, ascending by number.
  public private(set) var parts: [Part]

  /// The set of nothing.
  public static let nothing = TrafficSet(whole: .nothing, parts: [])
  /// Every protocol with every port.
  public static let everything = TrafficSet(whole: .everything, parts: [])

  private init(whole: ProtocolSet, parts: [Part]) {
    self.whole = whole
    self.parts = parts
  }

  /// One protocol with the given ports.
  public init(_ transport: UInt8, _ ports: PortSet = .everything) {
    self = .nothing
    put(transport, ports)
  }

  /// Some protocols, each with every port.
  public init(protocols: ProtocolSet) { self.init(whole: protocols, parts: []) }

  /// Every protocol with the given destination ports.
  public init(everyProtocolWith ports: PortSet) {
    self = .nothing
    for transport in UInt8.min...UInt8.max { put(transport, ports) }
  }

  /// Adds a protocol that is greater than any part so far.
  private mutating func put(_ transport: UInt8, _ ports: PortSet) {
    whole[transport] = ports == .everything
    if !ports.isEmpty, ports != .everything { parts.append(Part(transport: transport, ports: ports)) }
  }

  /// True where the set holds nothing.
  public var isEmpty: Bool { self == .nothing }

  /// The ports with which a protocol is in.
  public func ports(of transport: UInt8) -> PortSet {
    if whole[transport] { return .everything }
    return parts.first { $0.transport == transport }?.ports ?? PortSet()
  }

  /// True where a protocol and port are in the set.
  public func contains(_ transport: UInt8, _ port: UInt16) -> Bool {
    whole[transport] || (parts.first { $0.transport == transport }?.ports.contains(port) ?? false)
  }

  private func combined(
    _ other: TrafficSet, words: (UInt128, UInt128) -> UInt128, ports operation: (PortSet, PortSet) -> PortSet
  ) -> TrafficSet {
    var result = TrafficSet(whole: whole.combined(other.whole, words), parts: [])
    var left = parts[...]
    var right = other.parts[...]
    while let transport = [left.first?.transport, right.first?.transport].compactMap({ $0 }).min() {
      if left.first?.transport == transport { left.removeFirst() }
      if right.first?.transport == transport { right.removeFirst() }
      result.put(transport, operation(ports(of: transport), other.ports(of: transport)))
    }
    return result
  }

  /// The union of two sets.
  public func union(_ other: TrafficSet) -> TrafficSet {
    combined(other, words: { $0 | $1 }, ports: { $0.union($1) })
  }

  /// The union of many sets, without the sets in between. O(n log n) in the number of all their intervals.
  public static func union(of sets: some Sequence<TrafficSet>) -> TrafficSet {
    var result = TrafficSet.nothing
    var ports: [UInt8: [Interval<UInt16>]] = [:]
    for set in sets {
      result.whole = result.whole.combined(set.whole) { $0 | $1 }
      for part in set.parts { ports[part.transport, default: []] += part.ports.intervals }
    }
    for (transport, intervals) in ports.sorted(by: { $0.key < $1.key }) where !result.whole[transport] {
      result.put(transport, PortSet(intervals))
    }
    return result
  }

  /// The intersection of two sets.
  public func intersection(_ other: TrafficSet) -> TrafficSet {
    combined(other, words: { $0 & $1 }, ports: { $0.intersection($1) })
  }

  /// This set without the other.
  public func subtracting(_ other: TrafficSet) -> TrafficSet {
    combined(other, words: { $0 & ~$1 }, ports: { $0.subtracting($1) })
  }

  /// The number of (protocol, port) pairs, 0 to 2²⁴; a protocol without ports counts as 65,536 of them.
  public var count: Int {
    whole.count << 16
      + parts.reduce(0) { sum, part in
        sum + part.ports.intervals.reduce(0) { $0 + Int($1.upper - $1.lower) + 1 }
      }
  }

  /// The smallest protocol and its smallest port, or nil for the empty set.
  public var smallest: (transport: UInt8, port: UInt16)? {
    for transport in UInt8.min...UInt8.max {
      if let port = ports(of: transport).intervals.first?.lower { return (transport, port) }
    }
    return nil
  }

  /// A protocol and port that a person would pick: TCP, UDP or SCTP if there is one, and no port 0 if there is
  /// another.
  public var examplePacket: (transport: UInt8, port: UInt16)? {
    for transport in IPProtocol.withPorts.map(\.rawValue) {
      guard let first = ports(of: transport).intervals.first else { continue }
      if first.lower == 0, first.upper > 0 { return (transport, 1) }
      let port = first.lower == 0 ? ports(of: transport).intervals.dropFirst().first?.lower ?? 0 : first.lower
      return (transport, port)
    }
    return smallest
  }
}

extension TrafficSet {
  /// Mixes each range of ports into one word: sets of thousands of ranges are looked up often.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(whole)
    for part in parts {
      var mixed = UInt64(part.transport)
      for interval in part.ports.intervals {
        mixed = (mixed ^ UInt64(interval.lower) << 16 ^ UInt64(interval.upper)) &* 0xbf58_476d_1ce4_e5b9
        mixed ^= mixed >> 29
      }
      hasher.combine(mixed)
    }
  }
}

extension TrafficSet: CustomStringConvertible {
  /// `all`, `none`, or as in `tcp 80,443, udp all, sctp all but 7, 1 all`.
  public var description: String {
    if self == .everything { return "all" }
    if isEmpty { return "none" }
    func name(_ transport: UInt8) -> String { IPProtocol(transport).keyword }
    var entries: [String] = []
    if whole.count > 128 {
      let missing = (UInt8.min...UInt8.max).filter { !whole[$0] }.map { name($0) }
      entries.append("all protocols but \(missing.joined(separator: ", "))")
    } else {
      entries = (UInt8.min...UInt8.max).filter { whole[$0] }.map { name($0) }
    }
    for part in parts {
      let ranges = part.ports.intervals.map { $0.isSingle ? "\($0.lower)" : "\($0.lower)-\($0.upper)" }
      entries.append("\(name(part.transport)) \(ranges.joined(separator: ","))")
    }
    return entries.joined(separator: ", ")
  }
}
