import Addresses
import Reachability

/// A set of packets of one family as a function from the outer address to a diagram over the inner address. What it says
/// about a packet from an address to itself counts for nothing: those have a case of their own.
struct Relation: Hashable {
  var starts: [UInt128]
  var diagrams: [Diagram]

  init(constant diagram: Diagram) {
    starts = [0]
    diagrams = [diagram]
  }

  /// From `start` on, the diagram is `diagram`. Starts ascend; a second entry at one start replaces the first.
  mutating func append(_ start: UInt128, _ diagram: Diagram) {
    if starts.last == start {
      starts.removeLast()
      diagrams.removeLast()
    }
    if diagrams.last == diagram { return }
    starts.append(start)
    diagrams.append(diagram)
  }

  /// The last address of an entry.
  func last(_ place: Int, _ family: IPFamily) -> UInt128 {
    place + 1 < starts.count ? starts[place + 1] - 1 : family.maximum
  }

  /// The entry that an address lies in. O(log n).
  func place(of address: UInt128) -> Int { starts.place(of: address) }
}

/// Each relation of one family once, and the results of operations on them.
final class RelationTable {
  let family: IPFamily
  let store: DiagramStore
  private(set) var relations: [Relation] = []
  private var withHash: [Int: [Int]] = [:]
  private var results: [Key: Int] = [:]

  private enum Operation { case union, intersection, difference }
  private struct Key: Hashable {
    let operation: Operation
    let left: Int
    let right: Int
  }

  let nothing: Int
  let everything: Int

  init(_ family: IPFamily, _ store: DiagramStore) {
    self.family = family
    self.store = store
    relations = [Relation(constant: .nothing(family)), Relation(constant: .everything(family))]
    (nothing, everything) = (0, 1)
    for (name, relation) in relations.enumerated() { withHash[relation.hashValue, default: []].append(name) }
  }

  func intern(_ relation: Relation) -> Int {
    let hash = relation.hashValue
    for name in withHash[hash] ?? [] where relations[name] == relation { return name }
    relations.append(relation)
    withHash[hash, default: []].append(relations.count - 1)
    return relations.count - 1
  }

  func constant(_ traffic: TrafficID) -> Int {
    intern(Relation(constant: store.product(family, IntervalSet(family.everything), traffic)))
  }

  func union(_ left: Int, _ right: Int) -> Int {
    if left == right || right == nothing || left == everything { return left }
    if left == nothing || right == everything { return right }
    return apply(.union, left, right, store.union)
  }

  func intersection(_ left: Int, _ right: Int) -> Int {
    if left == right || right == everything || left == nothing { return left }
    if left == everything || right == nothing { return right }
    return apply(.intersection, left, right, store.intersection)
  }

  func difference(_ left: Int, _ right: Int) -> Int {
    if left == right || left == nothing || right == everything { return nothing }
    if right == nothing { return left }
    return apply(.difference, left, right, store.difference)
  }

  private func apply(
    _ operation: Operation, _ left: Int, _ right: Int, _ combine: (Diagram, Diagram) -> Diagram
  ) -> Int {
    let key = Key(operation: operation, left: left, right: right)
    if let known = results[key] { return known }
    let (a, b) = (relations[left], relations[right])
    var (i, j) = (0, 0)
    var result = Relation(constant: combine(a.diagrams[0], b.diagrams[0]))
    while i + 1 < a.starts.count || j + 1 < b.starts.count {
      let nextLeft = i + 1 < a.starts.count ? a.starts[i + 1] : .max
      let nextRight = j + 1 < b.starts.count ? b.starts[j + 1] : .max
      let start = min(nextLeft, nextRight)
      if i + 1 < a.starts.count, nextLeft == start { i += 1 }
      if j + 1 < b.starts.count, nextRight == start { j += 1 }
      result.append(start, combine(a.diagrams[i], b.diagrams[j]))
    }
    let name = intern(result)
    results[key] = name
    return name
  }
}

/// A set of packets as what two relations share: the one with the source outside, the other with the destination outside.
///
/// What egress policies mean is short when written source first, and what ingress policies mean when written destination
/// first. Their intersection written either way would have an entry for each pair of classes.
struct Term: Hashable {
  var bySource: Int
  var byDestination: Int
}

/// A union of terms; those that differ on one side only are one.
struct Terms {
  private(set) var list: [Term] = []

  mutating func add(_ term: Term, _ table: RelationTable) {
    if term.bySource == table.nothing || term.byDestination == table.nothing { return }
    for (place, other) in list.enumerated() {
      if other.byDestination == term.byDestination {
        list[place].bySource = table.union(other.bySource, term.bySource)
        return
      }
      if other.bySource == term.bySource {
        list[place].byDestination = table.union(other.byDestination, term.byDestination)
        return
      }
    }
    list.append(term)
  }

  mutating func add(_ terms: Terms, _ table: RelationTable) {
    for term in terms.list { add(term, table) }
  }
}
