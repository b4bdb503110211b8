import Reachability

/// The effect of a rule or chain on each kind of traffic of one pair of addresses. Traffic in none of the
/// four sets is dropped; none is in two.
struct Outcome: Hashable {
  /// The accepted traffic.
  var accept: TrafficID
  /// Goes back behind the jump that led here.
  var back: TrafficID
  /// Goes on to the next rule.
  var next: TrafficID
  /// Goes on to the tail of the chain: see `SharedBodies`.
  var onward: TrafficID = .nothing

  /// A rule without effect.
  static let nothingDone = Outcome(accept: .nothing, back: .nothing, next: .everything)
}

/// Each outcome once, and what two of them make one after the other.
final class OutcomeTable {
  private let store: DiagramStore
  private var names: [Outcome: UInt32] = [:]
  private(set) var outcomes: [Outcome] = []
  private var sequences: [UInt64: UInt32] = [:]
  private var continuations: [UInt64: UInt32] = [:]
  /// The results of `ended` for each outcome, by its number.
  private var ends: [UInt32?] = []

  /// The name of `Outcome.nothingDone`.
  static let nothingDone: UInt32 = 0

  init(_ store: DiagramStore) {
    self.store = store
    _ = intern(.nothingDone)
  }

  func intern(_ outcome: Outcome) -> UInt32 {
    if let known = names[outcome] { return known }
    let name = UInt32(outcomes.count)
    outcomes.append(outcome)
    names[outcome] = name
    return name
  }

  subscript(name: UInt32) -> Outcome { outcomes[Int(name)] }

  /// First the one, then, with what goes on, the other.
  func sequence(_ first: UInt32, _ second: UInt32) -> UInt32 {
    if first == Self.nothingDone { return second }
    if second == Self.nothingDone || outcomes[Int(first)].next == .nothing { return first }
    let key = UInt64(first) << 32 | UInt64(second)
    if let known = sequences[key] { return known }
    let (a, b) = (outcomes[Int(first)], outcomes[Int(second)])
    let result = intern(
      Outcome(
        accept: store.union(a.accept, store.intersection(a.next, b.accept)),
        back: store.union(a.back, store.intersection(a.next, b.back)),
        next: store.intersection(a.next, b.next),
        onward: store.union(a.onward, store.intersection(a.next, b.onward))))
    sequences[key] = result
    return result
  }

  /// A whole chain with its tail behind it.
  func continued(_ body: UInt32, in tail: UInt32) -> UInt32 {
    let (a, b) = (outcomes[Int(body)], outcomes[Int(tail)])
    if a.onward == .nothing { return body }
    let key = UInt64(body) << 32 | UInt64(tail)
    if let known = continuations[key] { return known }
    let result = intern(
      Outcome(
        accept: store.union(a.accept, store.intersection(a.onward, b.accept)),
        back: store.union(a.back, store.intersection(a.onward, b.back)), next: .nothing))
    continuations[key] = result
    return result
  }

  /// The end of a chain: what would go on goes back.
  func ended(_ name: UInt32) -> UInt32 {
    if Int(name) < ends.count, let known = ends[Int(name)] { return known }
    let outcome = outcomes[Int(name)]
    let end = intern(
      Outcome(
        accept: outcome.accept, back: store.union(outcome.back, outcome.next), next: .nothing,
        onward: outcome.onward))
    while ends.count <= Int(name) { ends.append(nil) }
    ends[Int(name)] = end
    return end
  }
}

/// The rules of a chain as a tree of sequences: when one rule's outcome changes, only the way up to the root is done
/// again, so a chain of n rules with m changes costs m · log n.
struct SequenceTree {
  private let table: OutcomeTable
  private let leaves: Int
  private var nodes: [UInt32]

  init(_ outcomes: [UInt32], _ table: OutcomeTable) {
    self.table = table
    var size = 1
    while size < max(outcomes.count, 1) { size *= 2 }
    leaves = size
    nodes = Array(repeating: OutcomeTable.nothingDone, count: 2 * size)
    for (index, outcome) in outcomes.enumerated() { nodes[size + index] = outcome }
    for index in stride(from: size - 1, to: 0, by: -1) {
      nodes[index] = table.sequence(nodes[2 * index], nodes[2 * index + 1])
    }
  }

  var root: UInt32 { nodes[1] }

  mutating func set(_ rule: Int, _ outcome: UInt32) {
    var index = leaves + rule
    if nodes[index] == outcome { return }
    nodes[index] = outcome
    index /= 2
    while index > 0 {
      let made = table.sequence(nodes[2 * index], nodes[2 * index + 1])
      if made == nodes[index] { return }
      nodes[index] = made
      index /= 2
    }
  }
}

/// The outcome functions of a chain's rules, one after the other.
func sequence(_ rules: [Piecewise], _ table: OutcomeTable) -> Piecewise {
  let effective = rules.filter { !($0.isConstant && $0.values[0] == OutcomeTable.nothingDone) }
  var tree = SequenceTree(effective.map { $0.values[0] }, table)
  var result = Piecewise(constant: table.ended(tree.root))
  let changes = changes(of: effective)
  var index = 0
  while index < changes.count {
    let start = changes[index].start
    while index < changes.count, changes[index].start == start {
      tree.set(Int(changes[index].function), changes[index].value)
      index += 1
    }
    result.append(start, table.ended(tree.root))
  }
  return result
}
