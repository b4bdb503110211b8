public import Addresses

extension TrafficSet {
  /// The set as a reviewer reads it: `TCP 80, 8080-8090; UDP 53`, `all traffic`, `nothing`.
  public var words: String {
    if self == .everything { return "all traffic" }
    if isEmpty { return "nothing" }
    let protocols = (UInt8.min...UInt8.max).map { IPProtocol($0) }
    var entries: [String] = []
    if whole.count > 128 {
      let missing = protocols.filter { one in
        !whole[one.rawValue] && !parts.contains { $0.transport == one.rawValue }
      }
      entries.append(
        missing.isEmpty
          ? "every other protocol"
          : "every protocol but \(missing.map(\.description).joined(separator: ", "))")
    } else {
      entries = protocols.filter { whole[$0.rawValue] }.map { "\($0) (all)" }
    }
    for part in parts {
      let ranges = part.ports.intervals.map { $0.isSingle ? "\($0.lower)" : "\($0.lower)-\($0.upper)" }
      entries.append("\(IPProtocol(part.transport)) \(ranges.joined(separator: ", "))")
    }
    return entries.joined(separator: "; ")
  }
}
