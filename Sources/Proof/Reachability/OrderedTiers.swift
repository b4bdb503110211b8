import Addresses
import PolicyModel

/// The meaning of lists of ordered rules by themselves: of the rules that match a packet the first decides.
///
/// All lists are worked out over the same cells of addresses, and each list once: pods by the hundred are under few
/// different ones.
struct OrderedTiers {
  /// The decided traffic of a list.
  struct Decided {
    /// The traffic that it accepts.
    let accepted: TrafficByFamily
    /// The traffic that it leaves to what is asked behind it: passed on, or matched by no rule.
    let passed: TrafficByFamily
  }

  /// A rule's addresses with its traffic, and what it does with them.
  struct OrderedTerm: Hashable {
    let action: RuleAction
    let key: TermKey
  }

  /// The traffic that is accepted and that is passed on, at one address.
  private struct Outcome {
    var accepted = TrafficID.nothing
    var passed = TrafficID.nothing
  }

  private struct Cells {
    let ipv4: AddressCells<UInt32>
    let ipv6: AddressCells<UInt128>
  }

  private struct Key: Hashable {
    let policies: [Int]
    let direction: Direction
    let numbers: [PortName: UInt16]
  }

  private var cells: [Direction: Cells] = [:]
  private var known: [Key: Decided] = [:]

  /// The meaning of a list that was worked out before.
  func known(_ policies: [Int], _ direction: Direction, _ numbers: [PortName: UInt16]) -> Decided? {
    known[Key(policies: policies, direction: direction, numbers: numbers)]
  }

  /// True where the cells of a direction are there.
  func isPrepared(_ direction: Direction) -> Bool { cells[direction] != nil }

  /// Makes the cells of a direction from the addresses that any list speaks of.
  mutating func prepare(_ direction: Direction, _ addresses: Set<AddressSets.Name>, _ sets: AddressSets) {
    let names = addresses.sorted()
    let (four, six) = (sets.ipv4, sets.ipv6)
    cells[direction] = Cells(
      ipv4: AddressCells(names.map { (UInt32($0), four[$0]) }),
      ipv6: AddressCells(names.map { (UInt32($0), six[$0]) }))
  }

  /// The meaning of a list whose terms, in order, are these; their addresses are among the prepared ones. What no rule
  /// matches is left to what is asked behind it, or denied.
  mutating func decide(
    _ policies: [Int], _ direction: Direction, _ numbers: [PortName: UInt16], _ terms: [OrderedTerm],
    otherwise: SelectedDefault, _ store: DiagramStore
  ) -> Decided {
    guard let cells = cells[direction] else { preconditionFailure("cells are prepared before lists") }
    var places: [[UInt32]] = []
    for (place, term) in terms.enumerated() {
      let name = term.key.addresses
      if name >= places.count { places += Array(repeating: [], count: name + 1 - places.count) }
      places[name].append(UInt32(place))
    }
    var outcomes: [[UInt32]: Outcome] = [:]
    func outcome(_ members: [UInt32]) -> Outcome {
      var matching: [UInt32] = []
      for name in members where Int(name) < places.count { matching += places[Int(name)] }
      matching.sort()
      if let made = outcomes[matching] { return made }
      let made = Self.firstMatch(matching.lazy.map { terms[Int($0)] }, otherwise, store)
      outcomes[matching] = made
      return made
    }
    let four = cells.ipv4.members.map(outcome)
    let six = cells.ipv6.members.map(outcome)
    func traffic(_ part: KeyPath<Outcome, TrafficID>) -> TrafficByFamily {
      TrafficByFamily(
        (
          store.diagram(cells.ipv4, four.map { $0[keyPath: part] }),
          store.diagram(cells.ipv6, six.map { $0[keyPath: part] })
        ))
    }
    let decided = Decided(accepted: traffic(\.accepted), passed: traffic(\.passed))
    known[Key(policies: policies, direction: direction, numbers: numbers)] = decided
    return decided
  }

  private static func firstMatch(
    _ terms: some Sequence<OrderedTerm>, _ otherwise: SelectedDefault, _ store: DiagramStore
  ) -> Outcome {
    var outcome = Outcome()
    var undecided = TrafficID.everything
    for term in terms {
      let traffic = TrafficID(index: term.key.traffic)
      let matched = store.intersection(undecided, traffic)
      switch term.action {
      case .accept: outcome.accepted = store.union(outcome.accepted, matched)
      case .deny: break
      case .pass: outcome.passed = store.union(outcome.passed, matched)
      }
      undecided = store.difference(undecided, traffic)
      if undecided == .nothing { break }
    }
    if otherwise == .pass { outcome.passed = store.union(outcome.passed, undecided) }
    return outcome
  }
}
