public import Addresses

/// Lists of address blocks as a policy would write them.
public enum BlockWords {
  /// The first blocks of each family, or one wider block with those it leaves out where that is shorter:
  /// `10.0.0.0/8 except 10.1.0.0/16`.
  public static func describe(_ blocks: [CIDR]) -> String {
    IPFamily.allCases.compactMap { family in
      let own = blocks.filter { $0.family == family }
      return own.isEmpty ? nil : describe(own, family)
    }.joined(separator: ", ")
  }

  private static func describe(_ blocks: [CIDR], _ family: IPFamily) -> String {
    let plain = Counting.first(4, of: blocks.map(\.description))
    let set = IntervalSet(blocks.map(\.interval))
    guard blocks.count > 2, let first = set.intervals.first, let last = set.intervals.last else {
      return plain
    }
    let different = first.lower ^ last.upper
    let length = family.bitWidth - (128 - different.leadingZeroBitCount)
    let hull = CIDR(IPAddress(family, bits: first.lower), prefixLength: length)
    let missing = set.complement(in: hull.interval).intervals.flatMap { CIDR.covering($0, family: family) }
    guard missing.count + 1 < blocks.count else { return plain }
    let left = Counting.first(4, of: missing.map(\.description))
    return missing.isEmpty ? hull.description : "\(hull) except \(left)"
  }
}
