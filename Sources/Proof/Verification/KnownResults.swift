/// The results of a function of numbers that was asked for some of them; it is asked once for each.
///
/// Most functions have two values by turns, and others' are small numbers, for which a table is quicker than a dictionary.
struct KnownResults {
  private let limit: Int
  private var first: [(input: UInt32, output: UInt32)] = []
  /// The results for numbers below the limit, `UInt32.max` where there is none.
  private var table: [UInt32] = []
  private var others: [UInt32: UInt32] = [:]

  /// No results; those of numbers below `limit` go into a table.
  init(tableBelow limit: Int) { self.limit = limit }

  /// The result for a number, which is never `UInt32.max`.
  mutating func result(of input: UInt32, _ function: (UInt32) -> UInt32) -> UInt32 {
    for known in first where known.input == input { return known.output }
    let place = Int(input)
    if place < table.count, table[place] != .max { return table[place] }
    if place >= limit, let known = others[input] { return known }
    let output = function(input)
    if first.count < 4 {
      first.append((input, output))
    } else if place < limit {
      if place >= table.count {
        let size = min(limit, max(place + 1, 2 * table.count))
        table += repeatElement(UInt32.max, count: size - table.count)
      }
      table[place] = output
    } else {
      others[input] = output
    }
    return output
  }
}
