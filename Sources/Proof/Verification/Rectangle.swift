import Addresses
import Reachability

/// Packets from any of some addresses to any of others, with some traffic.
struct Rectangle {
  let sources: Interval<UInt128>
  let destinations: Interval<UInt128>
  let traffic: TrafficID

  /// True where it holds only packets from an address to itself.
  var isDiagonal: Bool { sources.isSingle && sources == destinations }
}

/// Looks for packets that a term holds.
struct RectangleSearch {
  let relations: RelationTable
  /// The limit of rectangles.
  let limit: Int
  /// The limit of comparisons.
  var budget = 50_000_000

  /// The search was given up: nothing can be said.
  struct OutOfBudget: Error {}

  /// Some packets of a term, from one address to another; none when there are none.
  mutating func find(_ term: Term) throws(OutOfBudget) -> [Rectangle] {
    if term.bySource == relations.nothing || term.byDestination == relations.nothing { return [] }
    let (store, family) = (relations.store, relations.family)
    let (left, right) = (relations.relations[term.bySource], relations.relations[term.byDestination])
    var found: [Rectangle] = []
    for place in left.starts.indices where !store.isEmpty(left.diagrams[place]) {
      let sources = Interval(left.starts[place], left.last(place, family))
      var spent = 0
      let allowance = budget
      store.forEachInterval(of: left.diagrams[place]) { destinations, sent in
        spent += 1
        if sent == .nothing { return true }
        var other = right.place(of: destinations.lower)
        while other < right.starts.count, right.starts[other] <= destinations.upper {
          spent += 1
          if spent > allowance { return false }
          let diagram = right.diagrams[other]
          if !store.isEmpty(diagram),
            let shared = destinations.intersection(Interval(right.starts[other], right.last(other, family)))
          {
            store.forEachInterval(of: diagram, from: sources.lower) { from, received in
              spent += 1
              guard let common = sources.intersection(from) else { return false }
              let rectangle = Rectangle(
                sources: common, destinations: shared, traffic: store.intersection(sent, received))
              if rectangle.traffic != .nothing, !rectangle.isDiagonal { found.append(rectangle) }
              return found.count < limit && spent <= allowance
            }
          }
          if found.count >= limit { return false }
          other += 1
        }
        return true
      }
      if found.count >= limit { return found }
      budget -= spent
      if budget <= 0 { throw OutOfBudget() }
    }
    return found
  }
}
