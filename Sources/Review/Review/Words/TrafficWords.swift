import Addresses
public import Reachability

extension TrafficSet {
  /// The set as a reviewer reads it: `TCP 80, 8080-8090, UDP 53`, `all traffic`, `nothing`.
  public var words: String {
    if self == .everything { return "all traffic" }
    if isEmpty { return "nothing" }
    var entries: [String] = []
    if whole.count > 128 {
      let missing = (UInt8.min...UInt8.max).filter { transport in
        !whole[transport] && !parts.contains { $0.transport == transport }
      }
      entries.append(
        missing.isEmpty
          ? "every other protocol"
          : "every protocol but \(missing.map(Self.name).joined(separator: ", "))")
    } else {
      entries = (UInt8.min...UInt8.max).filter { whole[$0] }.map { "\(Self.name($0)) (all)" }
    }
    for part in parts {
      let ranges = part.ports.intervals.map { $0.isSingle ? "\($0.lower)" : "\($0.lower)-\($0.upper)" }
      entries.append("\(Self.name(part.transport)) \(ranges.joined(separator: ", "))")
    }
    return entries.joined(separator: "; ")
  }

  /// A protocol's usual name, or `protocol 89`.
  public static func name(_ transport: UInt8) -> String {
    switch transport {
    case 1: "ICMP"
    case 6: "TCP"
    case 17: "UDP"
    case 58: "ICMPv6"
    case 132: "SCTP"
    default: "protocol \(transport)"
    }
  }

  /// Whether a destination port means anything to a protocol: TCP, UDP and SCTP.
  public static func hasPorts(_ transport: UInt8) -> Bool { [6, 17, 132].contains(transport) }
}
