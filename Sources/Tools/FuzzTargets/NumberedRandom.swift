/// Random numbers that depend on a seed and the number of an input only (SplitMix64).
struct NumberedRandom: Sendable {
  private var state: UInt64

  /// The sequence of an input. Both numbers are mixed: draws add one constant to the state, so that sums of multiples
  /// would give neighbouring seeds one sequence, shifted.
  init(seed: UInt64, number: UInt64) { state = Self.mixed(Self.mixed(seed) ^ number) }

  /// The next 64 bits.
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    return Self.mixed(state)
  }

  /// A number from 0 up to, and without, the limit, which is at least 1.
  mutating func below(_ limit: Int) -> Int { Int(truncatingIfNeeded: next() >> 1) % limit }

  /// SplitMix64's finalizer (Steele, Lea, Flood 2014): a permutation of all 64-bit numbers.
  private static func mixed(_ number: UInt64) -> UInt64 {
    var bits = number
    bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
    bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
    return bits ^ (bits >> 31)
  }
}
