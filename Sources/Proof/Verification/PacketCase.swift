import Addresses
import Reachability
import Ruleset

/// The facts that are fixed while a table is executed symbolically. Addresses, protocol and destination port
/// stay open.
struct PacketCase: Hashable {
  let family: IPFamily
  let state: ConnectionState
  /// Bytes 0 and 1 behind the network header: one of the parts that nothing in the table can tell apart further.
  let firstBytes: FirstBytes
  /// The way the packets take.
  var path = PacketPath.forwarded
  /// True where packets of existing connections are held against the policies.
  var isRechecked = false
  /// True where these are replies with both ends exchanged.
  var isMirrored = false

  /// Values of the two bytes that every lookup of the table treats alike.
  struct FirstBytes: Hashable {
    let index: Int
    let values: IntervalSet<UInt16>

    /// One of the values: a source port that is commonly used, where there is one.
    var example: UInt16 {
      if values.contains(40_000) { return 40_000 }
      return values.intervals.first { $0.upper > 0 }?.upper ?? 0
    }
    /// True where the bytes are those of neighbour discovery, router or multicast listener messages of
    /// ICMPv6.
    var isNeverBlocked: Bool { neverBlockedFirstBytes.contains(example) }
  }

  /// The traffic of this case that is never blocked, whatever the policies say: ICMPv6 of `isNeverBlocked` types.
  var neverBlocked: TrafficSet {
    if family == .ipv4 { return .nothing }
    if isMirrored { return TrafficSet(58, neverBlockedFirstBytes) }
    return firstBytes.isNeverBlocked ? TrafficSet(58) : .nothing
  }
}

/// ICMPv6 types 130 to 132 and 143 (multicast listeners), 133 to 137 (routers, neighbours, redirects), any code.
let neverBlockedFirstBytes = IntervalSet([
  Interval(UInt16(130 << 8), UInt16(137 << 8 | 255)), Interval(UInt16(143 << 8), UInt16(143 << 8 | 255)),
])

extension PacketCase {
  /// The parts of the two bytes' values that a table, and the messages that are never blocked, can tell apart. Nil when
  /// there are too many to try each.
  static func firstBytes(of index: TableIndex, _ family: IPFamily, limit: Int) -> [FirstBytes]? {
    var conditions: [IntervalSet<UInt16>] = family == .ipv6 ? [neverBlockedFirstBytes] : []
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
}
