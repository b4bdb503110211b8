import Addresses
import Ruleset

/// The elements of one set or map, found by the values of a packet without reading all of them.
///
/// Elements whose ranges stand in the same fields share a group. In a group the fields with single values are a
/// dictionary's key, and the elements behind one key are sorted by their first range. A lookup costs
/// O(groups × (log elements + matches)) where the first ranges of one key do not nest deeply.
struct ElementIndex {
  /// Elements that agree in every single-valued field, ascending by the lower bound of their first range.
  fileprivate struct Bucket {
    var numbers: [Int] = []
    var lower: [UInt128] = []
    /// The largest upper bound of all elements up to this one.
    var highest: [UInt128] = []
  }

  private struct Group {
    /// The places of the fields with single values.
    let singles: [Int]
    /// The place of the first field with a range; nil where there is none.
    let range: Int?
    var buckets: [[UInt128]: Bucket]
  }

  private let keys: [ElementKey]
  private var groups: [Group] = []

  /// Sorts elements by their keys. O(n log n).
  init(_ keys: [ElementKey]) {
    self.keys = keys
    let byShape = Dictionary(grouping: keys.indices) { keys[$0].fields.map(\.isSingle) }
    for (shape, numbers) in byShape {
      let singles = shape.indices.filter { shape[$0] }
      let range = shape.firstIndex(of: false)
      var group = Group(singles: singles, range: range, buckets: [:])
      let sorted =
        range.map { place in
          numbers.sorted { keys[$0].fields[place].lower < keys[$1].fields[place].lower }
        } ?? numbers
      for number in sorted {
        let fields = keys[number].fields
        group.buckets[singles.map { fields[$0].lower }, default: Bucket()].append(
          number, range.map { (fields[$0].lower, fields[$0].upper) })
      }
      groups.append(group)
    }
  }

  /// The places of all elements that contain the values, ascending.
  func matches(_ values: [UInt128]) -> [Int] {
    var found: [Int] = []
    for group in groups {
      guard group.singles.allSatisfy({ $0 < values.count }),
        let bucket = group.buckets[group.singles.map { values[$0] }]
      else { continue }
      let candidates: [Int]
      if let place = group.range {
        if place >= values.count { continue }
        candidates = bucket.candidates(values[place])
      } else {
        candidates = bucket.numbers
      }
      found += candidates.filter { number in
        let fields = keys[number].fields
        return fields.count == values.count && zip(fields, values).allSatisfy { $0.contains($1) }
      }
    }
    return found.sorted()
  }
}

extension ElementIndex.Bucket {
  fileprivate mutating func append(_ number: Int, _ range: (lower: UInt128, upper: UInt128)?) {
    numbers.append(number)
    guard let range else { return }
    lower.append(range.lower)
    highest.append(max(highest.last ?? 0, range.upper))
  }

  /// The elements whose first range may contain the value: those that begin at or before it, backwards until none of
  /// the earlier ones reaches it.
  fileprivate func candidates(_ value: UInt128) -> [Int] {
    var place = lower.partitioningIndex { $0 > value }
    var found: [Int] = []
    while place > 0, highest[place - 1] >= value {
      place -= 1
      found.append(numbers[place])
    }
    return found
  }
}
