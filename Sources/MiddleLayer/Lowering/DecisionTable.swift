import Addresses
import PolicyModel

/// The rules of a class, inverted: from each address of the other end to the decision about its traffic. Every address
/// stands in one entry only, so that one lookup decides.
struct DecisionTable {
  /// Addresses with the same decision.
  struct Entry {
    /// The addresses of the entry.
    let interval: Interval<UInt128>
    /// The decision about their traffic.
    let decision: PortDecision
    /// A number of the decision: of two entries with one number the decisions are equal.
    let number: Int
  }

  /// Addresses of pods, one an entry, ascending. What blocks say of them is in it already.
  private(set) var pods: [Entry] = []
  /// Ranges from blocks, ascending and disjoint.
  private(set) var blocks: [Entry] = []

  /// The table of terms in order: of those that match a packet the first decides, and `otherwise` where none does.
  init(
    _ terms: [Term], otherwise: PortDecision.Outcome, _ family: IPFamily, _ book: inout some PeerBook
  ) {
    // Among neighbours with one outcome the order is of no matter, so those with the same ports are one here: policies by
    // the thousand have few different ones.
    var groups: [DecisionCache.Group] = []
    var numbers: [PortMatch: Int] = [:]
    var run = 0
    var intervals: [[Interval<UInt128>]] = []
    var termsOfPod: [UInt128: [Int]] = [:]
    for term in terms {
      let outcome = PortDecision.Outcome(term)
      if let last = groups.last, last.outcome != outcome {
        run += 1
        numbers = [:]
      }
      let match = book.match(term.peer, family)
      if case .nothing = match { continue }
      let number = numbers[term.ports] ?? groups.count
      if number == groups.count {
        numbers[term.ports] = number
        groups.append(.init(run: run, outcome: outcome, ports: term.ports))
        intervals.append([])
      }
      switch match {
      case .nothing: continue
      case .everything: intervals[number].append(family.everything)
      case .ranges(let set): intervals[number] += set.intervals
      case .pods(let addresses): for address in addresses { termsOfPod[address, default: []].append(number) }
      }
    }
    var decisions = DecisionCache(groups: groups, otherwise: otherwise)
    // Each group has one set of addresses: where two of its blocks overlap, the end of one is no end.
    let pieces = Self.pieces(intervals.enumerated().map { (IntervalSet($0.element), $0.offset) })
    for piece in pieces {
      let (decision, number) = decisions[piece.terms]
      if let last = blocks.last, last.interval.upper &+ 1 == piece.interval.lower, last.decision == decision {
        blocks[blocks.count - 1] = Entry(
          interval: Interval(last.interval.lower, piece.interval.upper), decision: decision,
          number: last.number)
      } else {
        blocks.append(Entry(interval: piece.interval, decision: decision, number: number))
      }
    }
    var piece = 0
    for (address, own) in termsOfPod.sorted(by: { $0.key < $1.key }) {
      while piece < pieces.count, pieces[piece].interval.upper < address { piece += 1 }
      let covering =
        piece < pieces.count && pieces[piece].interval.lower <= address ? pieces[piece].terms : []
      let (decision, number) = decisions[own + covering]
      pods.append(Entry(interval: Interval(address), decision: decision, number: number))
    }
  }

  /// A cache of the decisions of several groups of terms: each combination is computed once.
  private struct DecisionCache {
    /// Terms of one run with the same ports.
    struct Group {
      /// The number of the run of terms with one outcome, from 0.
      let run: Int
      let outcome: PortDecision.Outcome
      let ports: PortMatch
    }

    let groups: [Group]
    let otherwise: PortDecision.Outcome
    private var known: [[Int]: (decision: PortDecision, number: Int)] = [:]

    init(groups: [Group], otherwise: PortDecision.Outcome) {
      self.groups = groups
      self.otherwise = otherwise
    }

    /// The decision of terms, and its place among those that were made.
    subscript(terms: [Int]) -> (decision: PortDecision, number: Int) {
      mutating get {
        let numbers = terms.count == 1 ? terms : Set(terms).sorted()
        if let decision = known[numbers] { return decision }
        var steps: [(outcome: PortDecision.Outcome, ports: PortMatch)] = []
        var rest = numbers[...]
        while let first = rest.first {
          let run = rest.prefix { groups[$0].run == groups[first].run }
          steps.append((groups[first].outcome, .union(run.map { groups[$0].ports })))
          rest = rest.dropFirst(run.count)
        }
        let made = (PortDecision(firstOf: steps, otherwise: otherwise), known.count)
        known[numbers] = made
        return made
      }
    }
  }

  /// Cuts overlapping ranges at each other's ends: disjoint pieces, ascending, each with the terms that cover it.
  private static func pieces(
    _ ranges: [(set: IntervalSet<UInt128>, term: Int)]
  ) -> [(interval: Interval<UInt128>, terms: [Int])] {
    var starts: [(at: UInt128, term: Int)] = []
    var ends: [(at: UInt128, term: Int)] = []
    for (set, term) in ranges {
      for interval in set.intervals {
        starts.append((interval.lower, term))
        ends.append((interval.upper, term))
      }
    }
    starts.sort { ($0.at, $0.term) < ($1.at, $1.term) }
    ends.sort { ($0.at, $0.term) < ($1.at, $1.term) }
    var pieces: [(interval: Interval<UInt128>, terms: [Int])] = []
    var active: Set<Int> = []
    var from: UInt128 = 0
    var start = 0
    var end = 0
    while end < ends.count {
      if start < starts.count, starts[start].at <= ends[end].at {
        let at = starts[start].at
        if !active.isEmpty, at > from { pieces.append((Interval(from, at - 1), active.sorted())) }
        while start < starts.count, starts[start].at == at {
          active.insert(starts[start].term)
          start += 1
        }
        from = at
      } else {
        let at = ends[end].at
        pieces.append((Interval(from, at), active.sorted()))
        while end < ends.count, ends[end].at == at {
          active.remove(ends[end].term)
          end += 1
        }
        from = at &+ 1
      }
    }
    return pieces
  }
}
