import Addresses

/// A function from the addresses of one family to small numbers: a sorted list of the addresses where its value
/// changes. The creator of the function defines the meaning of its numbers.
struct Piecewise {
  private(set) var starts: [UInt128]
  private(set) var values: [UInt32]

  /// Nothing yet; `append` must begin with address 0.
  init() {
    starts = []
    values = []
  }

  /// The same value everywhere.
  init(constant value: UInt32) {
    starts = [0]
    values = [value]
  }

  var isConstant: Bool { values.count == 1 }

  /// The address behind a piece; nil behind the last.
  func end(of piece: Int) -> UInt128? { piece + 1 < starts.count ? starts[piece + 1] : nil }

  /// Calls `body` with the value at `start`, and with each change of it up to, not including, `end`. O(log n), and the
  /// number of changes.
  func forEachPiece(from start: UInt128, to end: UInt128?, _ body: (UInt128, UInt32) -> Void) {
    let first = starts.place(of: start)
    body(start, values[first])
    for place in starts.indices[(first + 1)...] {
      if let end, starts[place] >= end { return }
      body(starts[place], values[place])
    }
  }

  /// The same function, without room for more pieces where that is much.
  var trimmed: Piecewise {
    if starts.capacity < 1_024 || starts.capacity - starts.count < starts.count / 4 { return self }
    var trimmed = Piecewise()
    trimmed.reserve(starts.count)
    trimmed.starts += starts
    trimmed.values += values
    return trimmed
  }

  mutating func reserve(_ count: Int) {
    starts.reserveCapacity(count)
    values.reserveCapacity(count)
  }

  /// From `start` on, the value is `value`. Starts ascend; a second entry at one start replaces the first.
  mutating func append(_ start: UInt128, _ value: UInt32) {
    if starts.last == start {
      starts.removeLast()
      values.removeLast()
    }
    if values.last == value { return }
    starts.append(start)
    values.append(value)
  }
}

extension Piecewise {
  /// The same function with other values; `value` is asked for each of them once.
  func mapped(_ value: (UInt32) -> UInt32) -> Piecewise {
    var result = Piecewise()
    result.reserve(starts.count)
    let most = values.max() ?? 0
    if Int(most) < 4 * values.count + 64 {
      // Many values, and small ones: a table of them.
      var outputs: [UInt32] = Array(repeating: .max, count: Int(most) + 1)
      for piece in starts.indices {
        let place = Int(values[piece])
        if outputs[place] == .max { outputs[place] = value(values[piece]) }
        result.append(starts[piece], outputs[place])
      }
      return result
    }
    // Most functions have two values by turns.
    var (inputs, outputs): ([UInt32], [UInt32]) = ([], [])
    var many: [UInt32: UInt32] = [:]
    for piece in starts.indices {
      let input = values[piece]
      let output: UInt32
      if let place = inputs.firstIndex(of: input) {
        output = outputs[place]
      } else if let found = many[input] {
        output = found
      } else {
        output = value(input)
        if inputs.count < 4 {
          inputs.append(input)
          outputs.append(output)
        } else {
          many[input] = output
        }
      }
      result.append(starts[piece], output)
    }
    return result
  }
}

extension [UInt128] {
  /// Of ascending starts of pieces, the first of them 0, the one whose piece an address lies in. O(log n).
  func place(of address: UInt128) -> Int { partitioningIndex { $0 > address } - 1 }
}

/// One change of one of several functions.
struct Change {
  let start: UInt128
  let function: Int32
  let value: UInt32
}

/// The changes of several functions behind address 0, ascending by address.
func changes(of functions: [Piecewise]) -> [Change] {
  var result: [Change] = []
  result.reserveCapacity(functions.reduce(0) { $0 + $1.starts.count - 1 })
  for (number, function) in functions.enumerated() where !function.isConstant {
    for place in 1..<function.starts.count {
      result.append(
        Change(start: function.starts[place], function: Int32(number), value: function.values[place]))
    }
  }
  // A row of sorted runs: the library's sort merges them.
  if functions.lazy.filter({ !$0.isConstant }).count > 1 { result.sort { $0.start < $1.start } }
  return result
}

/// Several functions side by side as one: each combination of their values goes through `combine` once.
func combined(_ functions: [Piecewise], _ combine: ([UInt32]) -> UInt32) -> Piecewise {
  var now = functions.map { $0.values[0] }
  let moving = functions.indices.filter { !functions[$0].isConstant }
  if moving.isEmpty { return Piecewise(constant: combine(now)) }
  if moving.count == 1 {
    // One function that changes: its values are few, and a table of them is quicker than lists as keys.
    let (place, function) = (moving[0], functions[moving[0]])
    return function.mapped { input in
      now[place] = input
      return combine(now)
    }
  }
  if moving.count == 2 {
    return combined(functions[moving[0]], functions[moving[1]]) { one, other in
      (now[moving[0]], now[moving[1]]) = (one, other)
      return combine(now)
    }
  }
  var known: [[UInt32]: UInt32] = [:]
  func value() -> UInt32 {
    if let found = known[now] { return found }
    let made = combine(now)
    known[now] = made
    return made
  }
  var result = Piecewise(constant: value())
  let changes = changes(of: functions)
  result.reserve(changes.count + 1)
  var index = 0
  while index < changes.count {
    let start = changes[index].start
    while index < changes.count, changes[index].start == start {
      now[Int(changes[index].function)] = changes[index].value
      index += 1
    }
    result.append(start, value())
  }
  return result
}

/// Two functions side by side as one: each pair of their values goes through `combine` once. O(n + m).
private func combined(_ one: Piecewise, _ other: Piecewise, _ combine: (UInt32, UInt32) -> UInt32)
  -> Piecewise
{
  var result = Piecewise()
  result.reserve(one.starts.count + other.starts.count)
  // The common case, and a pair of numbers is a quicker key than a list.
  var known: [UInt64: UInt32] = [:]
  var (i, j) = (0, 0)
  var last: (pair: UInt64, made: UInt32)?
  var start: UInt128 = 0
  while true {
    let pair = UInt64(one.values[i]) << 32 | UInt64(other.values[j])
    if let last, last.pair == pair {
      result.append(start, last.made)
    } else {
      let made = known[pair] ?? combine(one.values[i], other.values[j])
      known[pair] = made
      last = (pair, made)
      result.append(start, made)
    }
    let (next, after) = (one.end(of: i), other.end(of: j))
    guard let least = next.map({ one in after.map { min(one, $0) } ?? one }) ?? after else { return result }
    if next == least { i += 1 }
    if after == least { j += 1 }
    start = least
  }
}
