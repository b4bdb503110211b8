/// Operations with a set of few intervals, each of which is looked up in a set of many.
extension IntervalSet {
  /// True where looking up each interval of another set is quicker than a walk through both.
  @inlinable func isLarge(beside few: IntervalSet) -> Bool { few.storage.count &* 32 < storage.count }

  /// The places of the intervals that share a number with one. O(log n).
  @inlinable func places(meeting interval: Interval<Bound>) -> Range<Int> {
    let first = storage.partitioningIndex { $0.upper >= interval.lower }
    let end = storage.partitioningIndex { $0.lower > interval.upper }
    return first..<max(first, end)
  }

  /// The union with few intervals. O(m log n), and copies of the intervals.
  @inlinable func adding(_ few: IntervalSet) -> IntervalSet {
    var result = self
    for interval in few.storage {
      // Those that end just before it, or begin just behind it, become one with it.
      let reached = Interval(
        interval.lower == .min ? interval.lower : interval.lower - 1,
        interval.upper == .max ? interval.upper : interval.upper + 1)
      let places = result.places(meeting: reached)
      var merged = interval
      if let first = places.first, let last = places.last {
        merged = Interval(
          Swift.min(interval.lower, result.storage[first].lower),
          Swift.max(interval.upper, result.storage[last].upper))
      }
      result.storage.replaceSubrange(places, with: CollectionOfOne(merged))
    }
    return result
  }

  /// The numbers that are in none of few intervals. O(m log n), and copies of the intervals.
  @inlinable func removing(_ few: IntervalSet) -> IntervalSet {
    var result = self
    for interval in few.storage {
      let places = result.places(meeting: interval)
      guard let first = places.first, let last = places.last else { continue }
      var rest: [Interval<Bound>] = []
      if result.storage[first].lower < interval.lower {
        rest.append(Interval(result.storage[first].lower, interval.lower - 1))
      }
      if result.storage[last].upper > interval.upper {
        rest.append(Interval(interval.upper + 1, result.storage[last].upper))
      }
      result.storage.replaceSubrange(places, with: rest)
    }
    return result
  }

  /// The numbers that are in few intervals too. O(m log n), and what is found.
  @inlinable func looking(for few: IntervalSet) -> IntervalSet {
    var result = IntervalSet()
    for interval in few.storage {
      for place in places(meeting: interval) {
        if let shared = storage[place].intersection(interval) { result.append(shared) }
      }
    }
    return result
  }
}
