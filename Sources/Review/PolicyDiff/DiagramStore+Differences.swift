import Addresses
import Reachability

/// A stretch of addresses of which two diagrams say different things.
struct DeltaInterval {
  let addresses: Interval<UInt128>
  let old: TrafficID
  let new: TrafficID
}

extension DiagramStore {
  /// Where two diagrams of one family differ, ascending. O(n + m).
  func differences(_ old: Diagram, _ new: Diagram) -> [DeltaInterval] {
    var result: [DeltaInterval] = []
    forEachDifference(old, new) { result.append(DeltaInterval(addresses: $0, old: $1, new: $2)) }
    return result
  }
}
