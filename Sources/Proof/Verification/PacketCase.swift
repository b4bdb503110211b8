import Addresses
import Reachability
import Ruleset

/// The facts that are fixed while a table is executed symbolically. Addresses, protocol and destination port
/// stay open.
struct PacketCase: Hashable {
  let family: IPFamily
  let state: ConnectionState
  /// Bytes 0 and 1 behind the network header: one of the parts that nothing in the table can distinguish further.
  let firstBytes: FirstBytes
  /// The way the packets take.
  var path = PacketPath.forwarded
  /// True where packets of existing connections are held against the policies.
  var isRechecked = false
  /// True where these are replies with both ends exchanged.
  var isMirrored = false
  /// The IPv6 hop limit: one of the parts that nothing in the table can distinguish further.
  var hopLimit = HopLimit.any
  /// True where the connection's destination was translated.
  var isTranslated = false
  /// The way in which they came to the node.
  var arrival = Arrival()

  /// Hop limits that every lookup of the table treats alike.
  struct HopLimit: Hashable {
    /// The hop limits.
    let values: IntervalSet<UInt8>

    /// All of them.
    static let any = HopLimit(values: IntervalSet(Interval(0, 255)))

    /// One of the values: that of a packet that was routed, where there is one.
    var example: UInt8 { values.contains(63) ? 63 : values.intervals.last?.upper ?? 0 }
  }

  /// True where the kernel has a connection for the packets.
  var hasConnection: Bool { state != .invalid && state != .untracked }

  /// The parts of the case that a lookup depends on, and nothing else: a key for what is worked out once.
  struct Dependency: Hashable {
    /// State, first bytes, hop limit, status and path, side by side; 0 stands for what does not matter.
    let bits: UInt64
    let arrival: Arrival?
  }

  /// The part of the case that matters to a lookup of `uses`.
  func dependency(_ uses: TableIndex.Uses) -> Dependency { Facts(self).dependency(uses) }

  /// The values of a case that lookups depend on, for many questions about one case.
  struct Facts {
    private let state: UInt64
    private let firstBytes: UInt64
    private let hopLimit: UInt64
    private let status: UInt64
    private let hasConnection: Bool
    private let isFromNode: Bool
    private let arrival: Arrival

    /// The values of a case.
    init(_ packets: PacketCase) {
      state = UInt64(packets.state.rawValue)
      firstBytes = UInt64(packets.firstBytes.index + 1) << 32
      // Lookups see the example alone.
      hopLimit = (UInt64(packets.hopLimit.example) + 1) << 16
      status = packets.isTranslated ? 1 << 29 : 1 << 28
      hasConnection = packets.hasConnection
      isFromNode = packets.path == .fromNode
      arrival = packets.arrival
    }

    /// The part of the case that matters to a lookup of `uses`.
    func dependency(_ uses: TableIndex.Uses) -> Dependency {
      var bits: UInt64 = 0
      if uses.contains(.state) || uses.contains(.status) && !hasConnection { bits |= state }
      if uses.contains(.firstBytes) { bits |= firstBytes }
      if uses.contains(.hopLimit) { bits |= hopLimit }
      if uses.contains(.status) { bits |= status }
      guard uses.contains(.arrival) else { return Dependency(bits: bits, arrival: nil) }
      if isFromNode { bits |= 1 << 30 }
      return Dependency(bits: bits, arrival: arrival)
    }
  }

  /// Values of the two bytes that every lookup of the table treats alike.
  struct FirstBytes: Hashable {
    let index: Int
    let values: IntervalSet<UInt16>

    /// One of the values: a source port that is commonly used, where there is one.
    var example: UInt16 {
      if values.contains(40_000) { return 40_000 }
      return values.intervals.first { $0.upper > 0 }?.upper ?? 0
    }
  }

  /// The traffic of this case that is never blocked, whatever the policies say: from any source, and from the link only.
  var neverBlocked: (anywhere: TrafficSet, onLink: TrafficSet) {
    func traffic(_ bytes: IntervalSet<UInt16>, _ hopLimit: UInt8) -> TrafficSet {
      guard family == .ipv6, path != .fromNode, self.hopLimit.example == hopLimit else { return .nothing }
      // Of exchanged packets the type stands where others have the port.
      if isMirrored { return TrafficSet(58, bytes) }
      return bytes.contains(firstBytes.example) ? TrafficSet(58) : .nothing
    }
    return (traffic(neighbourDiscovery, 255), traffic(listenerMessages, 1))
  }
}

/// ICMPv6 types 133 to 137 (routers, neighbours, redirects), any code, as the first two bytes.
let neighbourDiscovery = IntervalSet(Interval(UInt16(133 << 8), UInt16(137 << 8 | 255)))
/// ICMPv6 types 130 to 132 and 143 (multicast listeners), any code, as the first two bytes.
let listenerMessages = IntervalSet([
  Interval(UInt16(130 << 8), UInt16(132 << 8 | 255)), Interval(UInt16(143 << 8), UInt16(143 << 8 | 255)),
])
/// The sources of listener messages: the unspecified address and fe80::/10.
let linkLocalSources = IntervalSet([
  Interval(UInt128(0)), Interval(UInt128(0xfe80) << 112, UInt128(0xfec0) << 112 - 1),
])

extension PacketCase {
  /// The parts of the two bytes' values that a table, and the messages that are never blocked, can distinguish. Nil when
  /// there are too many to try each.
  static func firstBytes(of index: TableIndex, _ family: IPFamily, limit: Int) -> [FirstBytes]? {
    var conditions: [IntervalSet<UInt16>] =
      family == .ipv6 ? [neighbourDiscovery, listenerMessages] : []
    var known = Set(conditions)
    for condition in index.firstBytesConditions {
      if let only = condition.impliedNFProto, only != (family == .ipv4 ? 2 : 10) { continue }
      if known.insert(condition.values).inserted { conditions.append(condition.values) }
      if conditions.count > limit { return nil }
    }
    var bounds: Set<UInt32> = [0]
    for condition in conditions {
      for interval in condition.intervals {
        bounds.insert(UInt32(interval.lower))
        bounds.insert(UInt32(interval.upper) + 1)
      }
    }
    let starts = bounds.filter { $0 <= 65_535 }.sorted()
    var parts: [[Bool]: [Interval<UInt16>]] = [:]
    var order: [[Bool]] = []
    for (place, start) in starts.enumerated() {
      let end = place + 1 < starts.count ? starts[place + 1] - 1 : 65_535
      let signature = conditions.map { $0.contains(UInt16(start)) }
      if parts[signature] == nil { order.append(signature) }
      parts[signature, default: []].append(Interval(UInt16(start), UInt16(end)))
    }
    return order.enumerated().map {
      FirstBytes(index: $0.offset, values: IntervalSet(parts[$0.element] ?? []))
    }
  }

  /// The parts of the hop limits that a table, and the messages that are never blocked, can distinguish for some first bytes.
  ///
  /// - Parameters:
  ///   - index: the table.
  ///   - family: the address family of the packets.
  ///   - bytes: the first bytes, a part of its own.
  ///   - isMirrored: whether the packets have both ends exchanged, so that an ICMP type is not among the first bytes.
  /// - Returns: disjoint parts that cover every hop limit.
  static func hopLimits(
    of index: TableIndex, _ family: IPFamily, _ bytes: FirstBytes, isMirrored: Bool
  ) -> [HopLimit] {
    guard family == .ipv6 else { return [.any] }
    var conditions: Set<IntervalSet<UInt8>> = []
    if isMirrored || neighbourDiscovery.contains(bytes.example) {
      conditions.insert(IntervalSet(Interval(255)))
    }
    if isMirrored || listenerMessages.contains(bytes.example) { conditions.insert(IntervalSet(Interval(1))) }
    for condition in index.hopLimitConditions
    where condition.firstBytes.map({ $0.contains(bytes.example) }) ?? true {
      conditions.insert(condition.values)
    }
    var bounds: Set<UInt16> = [0]
    for interval in conditions.flatMap(\.intervals) {
      bounds.formUnion([UInt16(interval.lower), UInt16(interval.upper) + 1])
    }
    let starts = bounds.filter { $0 <= 255 }.sorted()
    var parts: [[Bool]: [Interval<UInt8>]] = [:]
    let order = conditions.sorted { $0.intervals.lexicographicallyPrecedes($1.intervals) }
    for (place, start) in starts.enumerated() {
      let end = place + 1 < starts.count ? starts[place + 1] - 1 : 255
      parts[order.map { $0.contains(UInt8(start)) }, default: []].append(Interval(UInt8(start), UInt8(end)))
    }
    return parts.values.map { HopLimit(values: IntervalSet($0)) }
      .sorted { $0.values.intervals.lexicographicallyPrecedes($1.values.intervals) }
  }
}
