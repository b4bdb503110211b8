import Addresses
import Reachability

/// Packets of one family: those from one address to another as terms, and those from an address to itself as a diagram of
/// that address.
struct PacketSet {
  private(set) var terms = Terms()
  private(set) var same: Diagram

  /// No packets of a family.
  init(nothingOf family: IPFamily) { same = .nothing(family) }

  /// All packets of a table's family.
  init(everythingOf table: RelationTable) {
    same = .everything(table.family)
    terms.add(Term(bySource: table.everything, byDestination: table.everything), table)
  }

  var isEmpty: Bool { terms.list.isEmpty && same == .nothing(same.family) }

  /// Adds other packets of the same family.
  mutating func add(_ other: PacketSet, _ table: RelationTable) {
    terms.add(other.terms, table)
    same = table.store.union(same, other.same)
  }

  /// Those that a rule gives one verdict to: of the terms what lies in a relation, which narrows their source or their
  /// destination, of the others what lies in a diagram.
  func narrowed(
    to relation: Int, bySource: Bool, same diagram: Diagram, _ table: RelationTable
  ) -> PacketSet {
    var result = PacketSet(nothingOf: table.family)
    result.same = table.store.intersection(same, diagram)
    if relation == table.nothing { return result }
    for term in terms.list {
      var narrowed = term
      if bySource {
        narrowed.bySource = table.intersection(term.bySource, relation)
      } else {
        narrowed.byDestination = table.intersection(term.byDestination, relation)
      }
      result.terms.add(narrowed, table)
    }
    return result
  }
}
