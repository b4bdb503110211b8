import Addresses
import TestSupport
import Testing

/// Random sets of bytes, each held against a plain `Set<UInt8>`.
@Suite("interval sets obey the laws of sets", .bounded)
struct IntervalSetTests {
  private func random(_ generator: inout SystemRandomNumberGenerator) -> (IntervalSet<UInt8>, Set<UInt8>) {
    let intervals = (0..<Int.random(in: 0...6, using: &generator)).map { _ in
      let bounds = [UInt8.random(in: 0...255, using: &generator), .random(in: 0...255, using: &generator)]
      return Interval(bounds.min() ?? 0, bounds.max() ?? 0)
    }
    return (IntervalSet(intervals), Set(intervals.flatMap { $0.lower...$0.upper }))
  }

  private func numbers(_ set: IntervalSet<UInt8>) -> Set<UInt8> {
    Set(set.intervals.flatMap { $0.lower...$0.upper })
  }

  @Test("against a plain set, 2000 random pairs")
  func laws() {
    var generator = SystemRandomNumberGenerator()
    let all = Set(UInt8.min...UInt8.max)
    for _ in 0..<2_000 {
      let (left, leftNumbers) = random(&generator)
      let (right, rightNumbers) = random(&generator)
      #expect(numbers(left) == leftNumbers)
      #expect(numbers(left.union(right)) == leftNumbers.union(rightNumbers))
      #expect(numbers(left.intersection(right)) == leftNumbers.intersection(rightNumbers))
      #expect(numbers(left.subtracting(right)) == leftNumbers.subtracting(rightNumbers))
      #expect(numbers(left.complement()) == all.subtracting(leftNumbers))
      #expect(left.complement().complement() == left)
      #expect(left.union(right) == right.union(left))
      #expect(left.isSubset(of: right) == leftNumbers.isSubset(of: rightNumbers))
      let probe = UInt8.random(in: 0...255, using: &generator)
      #expect(left.contains(probe) == leftNumbers.contains(probe))
      let gaps = zip(left.intervals, left.intervals.dropFirst())
      #expect(gaps.allSatisfy { $0.upper + 1 < $1.lower }, "not canonical: \(left)")
    }
  }

  @Test("many intervals beside few, against a plain set")
  func unevenPairs() {
    var generator = SystemRandomNumberGenerator()
    for _ in 0..<500 {
      // About a hundred intervals of one or two numbers, with the ends of the range or without.
      let many = Set((UInt8.min...UInt8.max).filter { _ in UInt8.random(in: 0...2, using: &generator) > 0 })
      let set = IntervalSet(many.sorted().map { Interval($0) })
      let (few, fewNumbers) = random(&generator)
      #expect(numbers(set.union(few)) == many.union(fewNumbers))
      #expect(numbers(few.union(set)) == many.union(fewNumbers))
      #expect(numbers(set.intersection(few)) == many.intersection(fewNumbers))
      #expect(numbers(few.intersection(set)) == many.intersection(fewNumbers))
      #expect(numbers(set.subtracting(few)) == many.subtracting(fewNumbers))
      #expect(numbers(few.subtracting(set)) == fewNumbers.subtracting(many))
      for result in [set.union(few), set.intersection(few), set.subtracting(few)] {
        let gaps = zip(result.intervals, result.intervals.dropFirst())
        #expect(gaps.allSatisfy { $0.upper + 1 < $1.lower }, "not canonical: \(result)")
      }
    }
  }

  @Test("the union of many sets of traffic is that of one after the other")
  func unionOfTraffic() {
    var generator = SystemRandomNumberGenerator()
    for _ in 0..<300 {
      let sets = (0..<Int.random(in: 0...8, using: &generator)).map { _ in
        TrafficSet(
          [1, 6, 17].randomElement(using: &generator) ?? 6,
          Int.random(in: 0...5, using: &generator) == 0
            ? .everything
            : PortSet((0..<3).map { _ in Interval(UInt16.random(in: 0...20, using: &generator)) }))
      }
      let one = TrafficSet.union(of: sets)
      #expect(one == sets.reduce(TrafficSet.nothing) { $0.union($1) })
      #expect(one.hashValue == sets.reversed().reduce(TrafficSet.nothing) { $0.union($1) }.hashValue)
    }
  }
}
