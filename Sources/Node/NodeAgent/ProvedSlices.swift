import IncrementalLowering

/// The patterns of slices that were proved last, in the modes of one session.
struct ProvedSlices: Sendable {
  private static let most = 256
  /// When each pattern was asked for last.
  private var turns: [SlicePattern: UInt64] = [:]
  private var turn: UInt64 = 0

  /// True where a pattern was proved.
  mutating func contains(_ pattern: SlicePattern) -> Bool {
    guard let place = turns.index(forKey: pattern) else { return false }
    turn += 1
    turns.values[place] = turn
    return true
  }

  /// Notes a pattern as proved. Of many those that were asked for last are kept.
  mutating func insert(_ pattern: SlicePattern) {
    if turns.count >= Self.most {
      let oldest = turns.values.sorted()[Self.most / 2]
      turns = turns.filter { $0.value > oldest }
    }
    turn += 1
    turns[pattern] = turn
  }
}
