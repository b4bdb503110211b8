import Addresses
import Reachability

/// A stretch of addresses with what two diagrams say of it.
struct DeltaInterval {
  let addresses: Interval<UInt128>
  let old: TrafficID
  let new: TrafficID
}

extension DiagramStore {
  /// Two diagrams of one family side by side, over all addresses, ascending. O(n + m).
  func sideBySide(_ old: Diagram, _ new: Diagram) -> [DeltaInterval] {
    var left: [(Interval<UInt128>, TrafficID)] = []
    var right: [(Interval<UInt128>, TrafficID)] = []
    forEachInterval(of: old) {
      left.append(($0, $1)); return true
    }
    forEachInterval(of: new) {
      right.append(($0, $1)); return true
    }
    var result: [DeltaInterval] = []
    var (i, j) = (0, 0)
    let last: UInt128 = old.family.maximum
    var lower: UInt128 = 0
    while i < left.count, j < right.count {
      let upper = min(left[i].0.upper, right[j].0.upper, last)
      result.append(DeltaInterval(addresses: Interval(lower, upper), old: left[i].1, new: right[j].1))
      if upper == last { break }
      if left[i].0.upper == upper { i += 1 }
      if right[j].0.upper == upper { j += 1 }
      lower = upper + 1
    }
    return result
  }
}
