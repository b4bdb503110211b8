/// A set of unsigned numbers as disjoint, sorted, never adjacent intervals: the canonical form, so that two
/// sets are equal exactly when their values are.
public struct IntervalSet<Bound: FixedWidthInteger & UnsignedInteger & Sendable>: Sendable, Hashable {
  /// The intervals, ascending; between two of them at least one number is missing.
  @inlinable public var intervals: [Interval<Bound>] { storage }
  /// Other modules get code of their own for each type of numbers: without that, every step looks its types up.
  @usableFromInline var storage: [Interval<Bound>]

  /// The empty set.
  @inlinable public init() { storage = [] }

  /// The numbers of one interval.
  @inlinable public init(_ interval: Interval<Bound>) { storage = [interval] }

  /// The union of intervals in any order, overlapping or not. O(n log n); O(n) when already sorted.
  @inlinable public init(_ unordered: some Sequence<Interval<Bound>>) {
    var sorted = Array(unordered)
    if !zip(sorted, sorted.dropFirst()).allSatisfy({ $0 <= $1 }) { sorted.sort() }
    storage = []
    storage.reserveCapacity(sorted.count)
    for interval in sorted { append(interval) }
  }

  /// Every number of the type.
  @inlinable public static var everything: IntervalSet { IntervalSet(Interval(.min, .max)) }

  /// True where the set holds nothing.
  @inlinable public var isEmpty: Bool { intervals.isEmpty }

  /// Adds an interval that starts no earlier than any before it, and merges where the two touch.
  @inlinable mutating func append(_ next: Interval<Bound>) {
    if let last = intervals.last, last.upper == .max || next.lower <= last.upper + 1 {
      if next.upper > last.upper { storage[storage.count - 1] = Interval(last.lower, next.upper) }
    } else {
      storage.append(next)
    }
  }

  /// True where `value` is in the set. O(log n).
  @inlinable public func contains(_ value: Bound) -> Bool {
    let place = storage.partitioningIndex { $0.upper >= value }
    return place < storage.count && storage[place].lower <= value
  }

  /// The numbers in either set. O(n + m), and less where one has few intervals.
  @inlinable public func union(_ other: IntervalSet) -> IntervalSet {
    if isEmpty { return other }
    if other.isEmpty { return self }
    if isLarge(beside: other) { return adding(other) }
    if other.isLarge(beside: self) { return other.adding(self) }
    var result = IntervalSet()
    var left = 0
    var right = 0
    while left < intervals.count || right < other.intervals.count {
      if right == other.intervals.count
        || (left < intervals.count && intervals[left].lower <= other.intervals[right].lower)
      {
        result.append(intervals[left])
        left += 1
      } else {
        result.append(other.intervals[right])
        right += 1
      }
    }
    return result
  }

  /// The numbers in both sets. O(n + m), and less where one has few intervals.
  @inlinable public func intersection(_ other: IntervalSet) -> IntervalSet {
    if isLarge(beside: other) { return looking(for: other) }
    if other.isLarge(beside: self) { return other.looking(for: self) }
    var result = IntervalSet()
    var left = 0
    var right = 0
    while left < intervals.count, right < other.intervals.count {
      if let shared = intervals[left].intersection(other.intervals[right]) { result.append(shared) }
      if intervals[left].upper < other.intervals[right].upper { left += 1 } else { right += 1 }
    }
    return result
  }

  /// The numbers of `self` that are not in `other`. O(n + m), and less where one has few intervals.
  @inlinable public func subtracting(_ other: IntervalSet) -> IntervalSet {
    if isLarge(beside: other) { return removing(other) }
    if other.isLarge(beside: self) { return removing(other.looking(for: self)) }
    return intersection(other.complement())
  }

  /// The numbers of the type, or of `whole`, that are not in the set. O(n).
  @inlinable public func complement(in whole: Interval<Bound> = Interval(.min, .max)) -> IntervalSet {
    var result = IntervalSet()
    var next = whole.lower
    for interval in intervals where interval.overlaps(whole) {
      if interval.lower > next { result.append(Interval(next, interval.lower - 1)) }
      if interval.upper >= whole.upper { return result }
      next = interval.upper + 1
    }
    result.append(Interval(next, whole.upper))
    return result
  }

  /// True where the two sets share a number. O(n + m).
  @inlinable public func isDisjoint(with other: IntervalSet) -> Bool { intersection(other).isEmpty }

  /// True where every number of `self` is in `other`. O(n + m).
  @inlinable public func isSubset(of other: IntervalSet) -> Bool { subtracting(other).isEmpty }
}

/// A set of transport ports, 0 to 65535.
public typealias PortSet = IntervalSet<UInt16>
