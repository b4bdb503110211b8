import Connectivity
import PolicyDiff
import PolicyModel
import Reachability

/// For each change towards or from addresses outside the classes that take part, as places in `matrix.classes`.
struct OutsideChanges {
  /// A change: its number in the page's list, its direction seen from the pods, and the classes.
  struct Entry {
    let number: Int
    let isOutgoing: Bool
    let classes: [Int]
  }

  /// In the order of the page's list.
  let entries: [Entry]

  /// Finds the classes of the pods of changes. O(pods + changes).
  init(_ changes: [ConnectionChange], _ matrix: ConnectivityMatrix) {
    let last = matrix.sides.count - 1
    let pods = matrix.sides[last].cluster.pods
    var classOf: [String: Int] = [:]
    for (index, members) in matrix.classes.enumerated() {
      for member in members { classOf[pods[matrix.common.pod(member, side: last)].endpointName] = index }
    }
    entries = changes.enumerated().compactMap { number, change in
      let isOutgoing = change.destination.isOutside
      guard isOutgoing || change.source.isOutside,
        case .pods(_, let names) = isOutgoing ? change.source : change.destination
      else { return nil }
      let classes = Set(names.compactMap { classOf[$0] }).sorted()
      return classes.isEmpty ? nil : Entry(number: number, isOutgoing: isOutgoing, classes: classes)
    }
  }
}

extension PageData {
  /// The changes towards addresses outside: number, 1 for those that pods send to, then the kept classes.
  mutating func writeOutside(_ changes: OutsideChanges) {
    let places = Dictionary(uniqueKeysWithValues: kept.enumerated().map { ($0.element, $0.offset) })
    list("outsideChanges", changes.entries) { entry, page in
      page.array { page in
        page.number(entry.number)
        page.number(entry.isOutgoing ? 1 : 0)
        for index in entry.classes { if let place = places[index] { page.number(place) } }
      }
    }
  }
}
