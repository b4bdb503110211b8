import Addresses

/// A set of addresses as the sorted addresses where membership flips: in, out, in, … An open end is in.
/// Half the size of intervals, and ready to be swept.
struct BoundarySet<Bound: FixedWidthInteger & UnsignedInteger & Sendable>: Hashable {
  private(set) var flips: [Bound]

  /// Addresses in ascending order.
  @_specialize(where Bound == UInt32)
  @_specialize(where Bound == UInt128)
  init(ascending addresses: [Bound]) {
    flips = []
    var previous: Bound?
    for address in addresses where address != previous {
      previous = address
      if flips.last == address { flips.removeLast() } else { flips.append(address) }
      if address < .max { flips.append(address + 1) }
    }
  }

  /// The set that an interval set stands for. `maximum` is the family's last address.
  init(_ set: IntervalSet<UInt128>) {
    flips = []
    for interval in set.intervals {
      flips.append(Bound(interval.lower))
      if interval.upper < UInt128(Bound.max) { flips.append(Bound(interval.upper + 1)) }
    }
  }

  /// The union of sets. O(n log n) in their flips.
  @_specialize(where Bound == UInt32)
  @_specialize(where Bound == UInt128)
  init(unionOf sets: [BoundarySet]) {
    var ends: [(at: Bound, begins: Bool)] = []
    ends.reserveCapacity(sets.reduce(0) { $0 + $1.flips.count })
    for set in sets {
      for (place, flip) in set.flips.enumerated() { ends.append((flip, place % 2 == 0)) }
    }
    ends.sort { $0.at < $1.at }
    flips = []
    var depth = 0
    var place = 0
    while place < ends.count {
      let (at, before) = (ends[place].at, depth)
      while place < ends.count, ends[place].at == at {
        depth += ends[place].begins ? 1 : -1
        place += 1
      }
      if (before == 0) != (depth == 0) { flips.append(at) }
    }
  }

  static var everything: BoundarySet { BoundarySet(IntervalSet(Interval(0, UInt128(Bound.max)))) }

  /// All flips in one number: there are millions, and handing each to the hasher costs more than making the set.
  @_specialize(where Bound == UInt32)
  @_specialize(where Bound == UInt128)
  func hash(into hasher: inout Hasher) {
    var sum: UInt64 = 0
    for flip in flips {
      let high = Bound.bitWidth > 64 ? UInt64(truncatingIfNeeded: UInt128(flip) >> 64) : 0
      sum = (sum ^ UInt64(truncatingIfNeeded: flip) ^ high &* 0xbf58_476d_1ce4_e5b9) &* 0x9e37_79b9_7f4a_7c15
      sum ^= sum >> 32
    }
    hasher.combine(sum)
  }

  /// True where an address is in the set. O(log n).
  func contains(_ address: Bound) -> Bool {
    // In between an odd number of flips and the next the set holds.
    flips.partitioningIndex { $0 > address } % 2 == 1
  }

  /// The addresses of this set that are not in the other. O(n + m).
  func subtracting(_ other: BoundarySet) -> BoundarySet {
    var result = BoundarySet(ascending: [])
    var (i, j) = (0, 0)
    var (inside, outside) = (false, true)
    while i < flips.count {
      let at = j < other.flips.count ? Swift.min(flips[i], other.flips[j]) : flips[i]
      let held = inside && outside
      if flips[i] == at {
        i += 1
        inside.toggle()
      }
      if j < other.flips.count, other.flips[j] == at {
        j += 1
        outside.toggle()
      }
      if (inside && outside) != held { result.flips.append(at) }
    }
    // Behind the last flip the set either ends or goes on without end.
    guard inside else { return result }
    while j < other.flips.count {
      result.flips.append(other.flips[j])
      j += 1
    }
    return result
  }

  /// The set as intervals.
  var intervals: [Interval<Bound>] {
    stride(from: 0, to: flips.count, by: 2).map { index in
      Interval(flips[index], index + 1 < flips.count ? flips[index + 1] - 1 : .max)
    }
  }
}

/// Addresses with traffic.
struct Term<Bound: FixedWidthInteger & UnsignedInteger & Sendable> {
  let addresses: BoundarySet<Bound>
  let traffic: UInt32
}

/// Terms of one traffic as one term, in the order of their first. O(n log n) in their flips.
private func joined<Bound>(_ terms: [Term<Bound>]) -> [Term<Bound>] {
  var places: [UInt32: Int] = [:]
  var groups: [[Term<Bound>]] = []
  for term in terms {
    let place = places[term.traffic] ?? groups.count
    if place == groups.count {
      places[term.traffic] = place
      groups.append([])
    }
    groups[place].append(term)
  }
  return groups.map { group in
    group.count == 1
      ? group[0] : Term(addresses: BoundarySet(unionOf: group.map(\.addresses)), traffic: group[0].traffic)
  }
}

/// The union of terms as one function from address to traffic: the flips of all terms are merged in ascending order, with
/// one bit for each term that holds right now. O(flips · log terms), and each flip looks at up to 16 terms.
@_specialize(where Bound == UInt32)
@_specialize(where Bound == UInt128)
func sweep<Bound>(
  _ terms: [Term<Bound>], _ layer: inout DiagramLayer<Bound>, _ union: (UInt32, UInt32) -> UInt32
) -> UInt32 {
  let width = 16
  if terms.count > width {
    let terms = joined(terms)
    var parts = stride(from: 0, to: terms.count, by: width).map { start in
      sweep(Array(terms[start..<min(start + width, terms.count)]), &layer, union)
    }
    // Two by two: a sum that takes one after the other is walked through for each of them.
    while parts.count > 1 {
      parts = stride(from: 0, to: parts.count, by: 2).map { place in
        place + 1 < parts.count ? layer.apply(.union, parts[place], parts[place + 1], union) : parts[place]
      }
    }
    return parts[0]
  }
  // What the terms that hold amount to, by their bits; filled in when first met.
  var known: [UInt32] = Array(repeating: .max, count: 1 << terms.count)
  known[0] = 0
  var next = Array(repeating: 0, count: terms.count)
  var heads = terms.map { $0.addresses.flips.first ?? 0 }
  var waiting = terms.indices.filter { !terms[$0].addresses.flips.isEmpty }
  var holding = 0
  layer.begin()
  layer.append(0, 0)
  while !waiting.isEmpty {
    var at = Bound.max
    for term in waiting where heads[term] < at { at = heads[term] }
    var ended = false
    for term in waiting where heads[term] == at {
      holding ^= 1 << term
      next[term] += 1
      if next[term] < terms[term].addresses.flips.count {
        heads[term] = terms[term].addresses.flips[next[term]]
      } else {
        ended = true
      }
    }
    if ended { waiting.removeAll { next[$0] == terms[$0].addresses.flips.count } }
    if known[holding] == .max {
      known[holding] = terms.indices.reduce(0) { sum, term in
        holding >> term & 1 == 1 ? union(sum, terms[term].traffic) : sum
      }
    }
    layer.append(at, known[holding])
  }
  return layer.finish()
}
