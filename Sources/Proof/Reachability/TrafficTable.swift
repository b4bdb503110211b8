import Addresses

/// The name of a set of (protocol, port) in a `DiagramStore`. Equal names are equal sets.
public struct TrafficID: Sendable, Hashable {
  let index: UInt32
  /// The set of nothing, in every store.
  public static let nothing = TrafficID(index: 0)
  /// The set of everything, in every store.
  public static let everything = TrafficID(index: 1)
}

/// The operations on two sets.
enum SetOperation: UInt32 {
  case union, intersection, difference
}

/// A pair of names and what is done with them.
struct OperationKey: Hashable {
  let operation: SetOperation
  let left: UInt32
  let right: UInt32
}

/// Each set of traffic once, and the results of operations on them.
struct TrafficTable {
  private(set) var sets: [TrafficSet] = [.nothing, .everything]
  private var names: [TrafficSet: UInt32] = [.nothing: 0, .everything: 1]
  private var results: [OperationKey: UInt32] = [:]

  mutating func intern(_ set: TrafficSet) -> UInt32 {
    if let known = names[set] { return known }
    let name = UInt32(sets.count)
    sets.append(set)
    names[set] = name
    return name
  }

  mutating func apply(_ operation: SetOperation, _ left: UInt32, _ right: UInt32) -> UInt32 {
    switch operation {
    case .union:
      if left == right || right == 0 { return left }
      if left == 0 { return right }
      if left == 1 || right == 1 { return 1 }
    case .intersection:
      if left == right || right == 1 { return left }
      if left == 1 { return right }
      if left == 0 || right == 0 { return 0 }
    case .difference:
      if left == right || left == 0 || right == 1 { return 0 }
      if right == 0 { return left }
    }
    let key = OperationKey(operation: operation, left: left, right: right)
    if let known = results[key] { return known }
    let (a, b) = (sets[Int(left)], sets[Int(right)])
    let result =
      switch operation {
      case .union: a.union(b)
      case .intersection: a.intersection(b)
      case .difference: a.subtracting(b)
      }
    let name = intern(result)
    results[key] = name
    return name
  }
}
