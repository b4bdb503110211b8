import JSONText

/// Rows of small numbers as lists of differences, so that a large matrix is a small text.
///
/// A row is `[base, skip, run, value, skip, run, value, …]`: it is like row `base` (-1: zeros), but that behind `skip`
/// more places it has `value` in `run` places. The first row written is none of the matrix: it has what most rows
/// have in each place.
struct MatrixRows {
  private let rows: [[UInt32]]
  private let usual: [UInt32]

  /// Prepares rows of equal length. O(rows · length).
  init(_ rows: [[UInt32]]) {
    self.rows = rows
    usual = rows.first.map { Self.usual(rows, count: $0.count) } ?? []
  }

  /// The most frequent value of each column; of equally frequent ones the first.
  private static func usual(_ rows: [[UInt32]], count: Int) -> [UInt32] {
    var tally = Array(repeating: 0, count: Int(rows.lazy.flatMap { $0 }.max() ?? 0) + 1)
    return (0..<count).map { place in
      for row in rows { tally[Int(row[place])] += 1 }
      var best = rows[0][place]
      for row in rows {
        let value = row[place]
        if tally[Int(value)] > tally[Int(best)] { best = value }
      }
      for row in rows { tally[Int(row[place])] = 0 }
      return best
    }
  }

  /// Writes the rows, one a line.
  func write(_ json: inout JSONWriter) {
    json.array { json in
      var first: [[UInt32]: Int] = [:]
      for (index, row) in ([usual] + rows).enumerated() where !usual.isEmpty {
        let list: [Int]
        if let twin = first[row] {
          list = [twin]
        } else {
          first[row] = index
          var best = Self.differences(row, from: nil, base: -1)
          for base in Set([0, index - 1]) where base >= 0 && base < index {
            let other = Self.differences(row, from: base == 0 ? usual : rows[base - 1], base: base)
            if other.count < best.count || other.count == best.count && other[0] < best[0] { best = other }
          }
          list = best
        }
        json.lineBreak()
        json.array { json in for number in list { json.number(number) } }
      }
      json.lastLineBreak()
    }
  }

  /// A row as differences from another; nil is zeros.
  static func differences(_ row: [UInt32], from other: [UInt32]?, base: Int) -> [Int] {
    var list = [base]
    var (written, place) = (0, 0)
    while place < row.count {
      let value = row[place]
      if value == other?[place] ?? 0 {
        place += 1
        continue
      }
      var end = place + 1
      while end < row.count, row[end] == value, row[end] != other?[end] ?? 0 { end += 1 }
      list += [place - written, end - place, Int(value)]
      written = end
      place = end
    }
    return list
  }
}
