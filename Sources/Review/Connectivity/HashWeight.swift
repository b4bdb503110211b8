/// Weights of 128 bits for sums that serve as hashes: uniformly mixed, and always the same for the same number.
public enum HashWeight {
  /// A weight for a number: two rounds of SplitMix64's finalizer (Steele, Lea, Flood 2014) over two different starts.
  public static func of(_ number: UInt64) -> UInt128 {
    func mixed(_ start: UInt64) -> UInt64 {
      var word = start
      word = (word ^ word >> 30) &* 0xbf58_476d_1ce4_e5b9
      word = (word ^ word >> 27) &* 0x94d0_49bb_1331_11eb
      return word ^ word >> 31
    }
    let high = mixed(number &+ 0x9e37_79b9_7f4a_7c15)
    let low = mixed(high ^ mixed(number &+ 0x3c6e_f372_fe94_f82a))
    return UInt128(high) << 64 | UInt128(low)
  }
}
