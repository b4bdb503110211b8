/// The lines of a text that two revisions of it do not share.
struct LineChanges {
  /// The numbers, from 1, of the new text's lines that the old one has not.
  let inserted: Set<Int>
  /// The numbers of the new text's lines before which lines of the old one stood that are gone.
  let removals: Set<Int>
  /// For each line of the old text the number of that line in the new one, or of the line that stands there now.
  private let places: [Int]
  private let kept: [Bool]

  /// From so many different lines on all of them count as changed: finding the fewest is quadratic.
  private static let most = 2_000

  /// Compares two texts. O(lines) and the square of the lines between the first and the last difference, up to a limit.
  init(_ old: String, _ new: String) {
    let (before, after) = (Self.lines(old), Self.lines(new))
    let shortest = min(before.count, after.count)
    var head = 0
    while head < shortest, before[head] == after[head] { head += 1 }
    var tail = 0
    while tail < shortest - head, before[before.count - 1 - tail] == after[after.count - 1 - tail] {
      tail += 1
    }
    let (former, latter) = (before[head..<(before.count - tail)], after[head..<(after.count - tail)])
    var isKept = Array(repeating: true, count: before.count)
    var isInserted = Array(repeating: false, count: after.count)
    if former.count + latter.count > Self.most {
      for index in former.indices { isKept[index] = false }
      for index in latter.indices { isInserted[index] = true }
    } else {
      for change in Array(latter).difference(from: Array(former)) {
        switch change {
        case .remove(let offset, _, _): isKept[head + offset] = false
        case .insert(let offset, _, _): isInserted[head + offset] = true
        }
      }
    }
    kept = isKept
    inserted = Set(isInserted.indices.filter { isInserted[$0] }.map { $0 + 1 })
    var (places, removals): ([Int], Set<Int>) = ([], [])
    var next = 0
    for line in before.indices {
      if isKept[line] {
        while next < after.count, isInserted[next] { next += 1 }
        places.append(next + 1)
        next += 1
      } else {
        places.append(next + 1)
        removals.insert(next + 1)
      }
    }
    (self.places, self.removals) = (places, removals)
  }

  private static func lines(_ text: String) -> [Substring] {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    if lines.last?.isEmpty == true { lines.removeLast() }
    return lines
  }

  /// The number of a line of the old text in the new one, and true where the line is there still.
  func place(ofOld line: Int) -> (line: Int, isKept: Bool)? {
    places.indices.contains(line - 1) ? (places[line - 1], kept[line - 1]) : nil
  }
}
