/// Random numbers that a seed repeats (SplitMix64): a failure prints its seed, and the seed is the failure.
public struct SeededGenerator: RandomNumberGenerator, Sendable {
  private var state: UInt64

  /// The sequence of a seed.
  public init(seed: UInt64) { state = seed &* 0x9e37_79b9_7f4a_7c15 &+ 0x1234_5678_9abc_def1 }

  /// The next number.
  public mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
    return mixed ^ mixed >> 31
  }

  /// True once in `n` times on average.
  public mutating func chance(oneIn n: Int) -> Bool { Int.random(in: 0..<n, using: &self) == 0 }

  /// One of the elements; the list must not be empty.
  public mutating func pick<Element>(_ elements: [Element]) -> Element {
    elements[Int.random(in: 0..<elements.count, using: &self)]
  }

  /// Between `0` and `most` of the elements, each at most once, in their order.
  public mutating func some<Element>(_ elements: [Element], most: Int) -> [Element] {
    let wanted = Int.random(in: 0...min(most, elements.count), using: &self)
    let chosen = Set(elements.indices.shuffled(using: &self).prefix(wanted))
    return elements.indices.filter(chosen.contains).map { elements[$0] }
  }
}
