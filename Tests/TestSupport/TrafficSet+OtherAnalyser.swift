public import Addresses

extension TrafficSet {
  /// The traffic in the words of the other analyser whose expectations are in `Fixtures/peers/np-guard`: it knows TCP, UDP and
  /// SCTP only.
  public var otherAnalyserWords: String {
    let names: [(String, UInt8)] = [("SCTP", 132), ("TCP", 6), ("UDP", 17)]
    let ports = names.map { self.ports(of: $0.1) }
    if ports.allSatisfy({ $0 == .everything || $0 == PortSet(Interval(1, 65535)) }) {
      return "All Connections"
    }
    let parts = zip(names, ports).filter { !$0.1.isEmpty }.map { name, set in
      let ranges = set.intervals.map { range in
        let lower = max(1, range.lower)
        return lower == range.upper ? "\(lower)" : "\(lower)-\(range.upper)"
      }
      return "\(name.0) \(ranges.joined(separator: ","))"
    }
    return parts.isEmpty ? "No Connections" : parts.joined(separator: ",")
  }
}
