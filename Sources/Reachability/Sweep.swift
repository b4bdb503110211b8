import Addresses

/// A set of addresses as the sorted addresses where membership flips: in, out, in, … An open end is in.
/// Half the size of intervals, and ready to be swept.
struct FlipSet<Bound: FixedWidthInteger & UnsignedInteger & Sendable>: Hashable {
  private(set) var flips: [Bound]

  /// Addresses in ascending order.
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

  static var everything: FlipSet { FlipSet(IntervalSet(Interval(0, UInt128(Bound.max)))) }

  /// The set as intervals.
  var intervals: [Interval<Bound>] {
    stride(from: 0, to: flips.count, by: 2).map { index in
      Interval(flips[index], index + 1 < flips.count ? flips[index + 1] - 1 : .max)
    }
  }
}

/// Addresses with traffic.
struct Term<Bound: FixedWidthInteger & UnsignedInteger & Sendable> {
  let addresses: FlipSet<Bound>
  let traffic: UInt32
}

/// A place where a term begins or ends to hold.
private struct Flip<Bound> {
  let at: Bound
  let bit: UInt64
}

/// The union of terms as one function from address to traffic: every flip of every term in one sorted list, and
/// one bit for each term that holds right now. O(n log terms).
func sweep<Bound>(
  _ terms: [Term<Bound>], _ layer: inout DiagramLayer<Bound>, _ union: (UInt32, UInt32) -> UInt32
) -> UInt32 {
  let width = 64
  if terms.count > width {
    var result: UInt32 = 0
    var rest = terms[...]
    while !rest.isEmpty {
      let part = sweep(Array(rest.prefix(width)), &layer, union)
      rest = rest.dropFirst(width)
      result = layer.apply(.union, result, part, union)
    }
    return result
  }
  var flips: [Flip<Bound>] = []
  flips.reserveCapacity(terms.reduce(0) { $0 + $1.addresses.flips.count })
  for (index, term) in terms.enumerated() {
    for at in term.addresses.flips { flips.append(Flip(at: at, bit: 1 << UInt64(index))) }
  }
  // The list is a row of sorted runs, which the library's sort merges rather than sorts.
  if terms.count > 1 { flips.sort { $0.at < $1.at } }

  layer.begin()
  layer.append(0, 0)
  var holding: UInt64 = 0
  var known: [UInt64: UInt32] = [0: 0]
  var index = 0
  while index < flips.count {
    let at = flips[index].at
    while index < flips.count, flips[index].at == at {
      holding ^= flips[index].bit
      index += 1
    }
    if let value = known[holding] {
      layer.append(at, value)
    } else {
      var value: UInt32 = 0
      for (term, bit) in zip(terms, 0...) where holding >> UInt64(bit) & 1 == 1 {
        value = union(value, term.traffic)
      }
      known[holding] = value
      layer.append(at, value)
    }
  }
  return layer.finish()
}
