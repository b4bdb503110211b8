import Addresses

/// Functions from addresses of one family to names, each stored once: a sorted list of the addresses where the
/// value changes. Neighbouring values differ and the first start is 0, so equal lists are equal functions.
///
/// All lists lie in two arrays, one behind the other; a whole cluster has millions of entries.
struct DiagramLayer<Bound: FixedWidthInteger & UnsignedInteger & Sendable> {
  private var starts: [Bound] = []
  private var values: [UInt32] = []
  private var ends: [Int] = []
  private var firstWithHash: [UInt64: UInt32] = [:]
  private var nextWithHash: [UInt32] = []
  private var results: [OperationKey: UInt32] = [:]
  private var newStarts: [Bound] = []
  private var newValues: [UInt32] = []

  /// Name 0 is the empty set, name 1 everything.
  init() {
    for value: UInt32 in [0, 1] {
      begin()
      append(0, value)
      _ = finish()
    }
  }

  func range(_ name: UInt32) -> Range<Int> {
    let index = Int(name)
    return (index == 0 ? 0 : ends[index - 1])..<ends[index]
  }

  func start(_ position: Int) -> Bound { starts[position] }
  func value(_ position: Int) -> UInt32 { values[position] }

  // MARK: Building

  @inline(__always)
  mutating func begin() {
    newStarts.removeAll(keepingCapacity: true)
    newValues.removeAll(keepingCapacity: true)
  }

  /// From `start` on, the value is `value`. Starts ascend; an entry at the same start replaces the former.
  @inline(__always)
  mutating func append(_ start: Bound, _ value: UInt32) {
    if let last = newStarts.last, last == start {
      newStarts.removeLast()
      newValues.removeLast()
    }
    if newValues.last == value { return }
    newStarts.append(start)
    newValues.append(value)
  }

  /// The name of the function that from `starts[i]` on is what `names` has for `values[i]`.
  @_specialize(where Bound == UInt32)
  @_specialize(where Bound == UInt128)
  mutating func define(_ starts: [UInt128], _ values: [UInt32], _ names: [UInt32]) -> UInt32 {
    begin()
    for place in starts.indices {
      append(Bound(truncatingIfNeeded: starts[place]), names[Int(values[place])])
    }
    return finish()
  }

  /// The name of the function that in each cell is what `names` has for it.
  @_specialize(where Bound == UInt32)
  @_specialize(where Bound == UInt128)
  mutating func define(_ cells: AddressCells<Bound>, _ names: [UInt32]) -> UInt32 {
    begin()
    let (starts, numbers) = (cells.starts, cells.cells)
    for place in starts.indices { append(starts[place], names[Int(numbers[place])]) }
    return finish()
  }

  /// The name of what was built.
  @_specialize(where Bound == UInt32)
  @_specialize(where Bound == UInt128)
  mutating func finish() -> UInt32 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for index in newStarts.indices {
      let word = UInt64(truncatingIfNeeded: newStarts[index])
      let wide = Bound.bitWidth > 64 ? UInt64(truncatingIfNeeded: UInt128(newStarts[index]) >> 64) : 0
      hash = (hash ^ word ^ wide &* 0x9e37_79b9_7f4a_7c15) &* 0x0000_0100_0000_01b3
      hash = (hash ^ UInt64(newValues[index]) ^ hash >> 29) &* 0xbf58_476d_1ce4_e5b9
    }
    var candidate = firstWithHash[hash]
    while let name = candidate {
      if isNew(sameAs: name) { return name }
      candidate = nextWithHash[Int(name)] == .max ? nil : nextWithHash[Int(name)]
    }
    let name = UInt32(ends.count)
    starts.append(contentsOf: newStarts)
    values.append(contentsOf: newValues)
    ends.append(starts.count)
    nextWithHash.append(firstWithHash[hash] ?? .max)
    firstWithHash[hash] = name
    return name
  }

  private func isNew(sameAs name: UInt32) -> Bool {
    let range = range(name)
    guard range.count == newStarts.count else { return false }
    return values[range].elementsEqual(newValues) && starts[range].elementsEqual(newStarts)
  }

  // MARK: Operations

  /// The two functions side by side, their values combined. O(n + m), once for each pair.
  @_specialize(where Bound == UInt32)
  @_specialize(where Bound == UInt128)
  mutating func apply(
    _ operation: SetOperation, _ left: UInt32, _ right: UInt32, _ combine: (UInt32, UInt32) -> UInt32
  ) -> UInt32 {
    // Names 0 and 1 are the empty set and everything.
    switch operation {
    case .union:
      if left == right || right == 0 || left == 1 { return left }
      if left == 0 || right == 1 { return right }
    case .intersection:
      if left == right || right == 1 || left == 0 { return left }
      if left == 1 || right == 0 { return right }
    case .difference:
      if left == right || left == 0 || right == 1 { return 0 }
      if right == 0 { return left }
    }
    let key = OperationKey(operation: operation, left: left, right: right)
    if let known = results[key] { return known }
    begin()
    let (leftRange, rightRange) = (range(left), range(right))
    var (i, j) = (leftRange.lowerBound, rightRange.lowerBound)
    var start: Bound = 0
    while true {
      append(start, combine(values[i], values[j]))
      let nextLeft = i + 1 < leftRange.upperBound ? starts[i + 1] : nil
      let nextRight = j + 1 < rightRange.upperBound ? starts[j + 1] : nil
      guard let next = nextLeft.map({ min($0, nextRight ?? $0) }) ?? nextRight else { break }
      if nextLeft == next { i += 1 }
      if nextRight == next { j += 1 }
      start = next
    }
    let name = finish()
    results[key] = name
    return name
  }

  /// Calls `body` for each stretch of addresses where two functions have different values: its first and last address,
  /// and both values. Ascending; neighbouring stretches may have the same values. O(n + m).
  @_specialize(where Bound == UInt32)
  @_specialize(where Bound == UInt128)
  func forEachDifference(
    _ left: UInt32, _ right: UInt32, _ body: (_ first: Bound, _ last: Bound, UInt32, UInt32) -> Void
  ) {
    if left == right { return }
    let (leftEnd, rightEnd) = (range(left).upperBound, range(right).upperBound)
    var (i, j) = (range(left).lowerBound, range(right).lowerBound)
    var start: Bound = 0
    while true {
      let nextLeft = i + 1 < leftEnd ? starts[i + 1] : nil
      let nextRight = j + 1 < rightEnd ? starts[j + 1] : nil
      let next = nextLeft.map { min($0, nextRight ?? $0) } ?? nextRight
      if values[i] != values[j] { body(start, next.map { $0 - 1 } ?? .max, values[i], values[j]) }
      guard let next else { return }
      if nextLeft == next { i += 1 }
      if nextRight == next { j += 1 }
      start = next
    }
  }

  /// Where in the list an address lies. O(log n).
  func position(of address: Bound, in name: UInt32) -> Int {
    // The first entry of a list begins at 0.
    starts[range(name)].partitioningIndex { $0 > address } - 1
  }

  /// The last address of an entry.
  func last(_ position: Int, in name: UInt32) -> Bound {
    position + 1 < range(name).upperBound ? starts[position + 1] - 1 : .max
  }

  /// The number of entries of all functions together.
  var entryCount: Int { starts.count }
}
