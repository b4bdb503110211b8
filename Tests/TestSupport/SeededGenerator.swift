/// Random numbers that a seed repeats (SplitMix64): a failure prints its seed, and the seed is the failure.
public struct SeededGenerator: RandomNumberGenerator, Sendable {
  private var state: UInt64

  /// The sequence of a seed. The first state is the mixed seed: draws add one constant to the state, so seeds that
  /// are a multiple of that constant apart would share one sequence, shifted.
  public init(seed: UInt64) { state = Self.mixed(seed &+ 0x1234_5678_9abc_def1) }

  /// The next number.
  public mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    return Self.mixed(state)
  }

  /// SplitMix64's finalizer (Steele, Lea, Flood 2014): a permutation of all 64-bit numbers.
  private static func mixed(_ number: UInt64) -> UInt64 {
    var bits = number
    bits = (bits ^ bits >> 30) &* 0xbf58_476d_1ce4_e5b9
    bits = (bits ^ bits >> 27) &* 0x94d0_49bb_1331_11eb
    return bits ^ bits >> 31
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
