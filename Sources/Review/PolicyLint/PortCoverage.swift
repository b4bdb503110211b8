import Addresses

/// Ranges of ports, each different from the others, and those of them that the others cover together.
struct PortCoverage {
  private let intervals: [Interval<UInt16>]

  /// Takes ranges in any order, none twice.
  init(_ intervals: [Interval<UInt16>]) { self.intervals = intervals }

  /// The ranges each port of which is in another range too. O(n log n).
  var covered: [Interval<UInt16>] {
    // Between two neighbouring bounds every port is in the same ranges.
    let bounds = Set(intervals.flatMap { [UInt32($0.lower), UInt32($0.upper) + 1] }).sorted()
    let places = Dictionary(uniqueKeysWithValues: zip(bounds, bounds.indices))
    func place(_ bound: UInt32) -> Int { places[bound] ?? 0 }
    var changes = Array(repeating: 0, count: bounds.count)
    for interval in intervals {
      changes[place(UInt32(interval.lower))] += 1
      changes[place(UInt32(interval.upper) + 1)] -= 1
    }
    // The number of stretches before each bound that only one range has.
    var alone: [Int] = []
    var (depth, count) = (0, 0)
    for change in changes {
      alone.append(count)
      depth += change
      if depth == 1 { count += 1 }
    }
    return intervals.filter { alone[place(UInt32($0.lower))] == alone[place(UInt32($0.upper) + 1)] }
  }
}
