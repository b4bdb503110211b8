import Addresses

/// The rules of a class, turned round: from each address of the other end to the ports it may use. Every address
/// stands in one entry only, so that one lookup decides.
struct DecisionTable {
  /// Addresses with the same ports.
  struct Entry {
    /// The addresses.
    let interval: Interval<UInt128>
    /// What they may use.
    let ports: PortMatch
  }

  /// Addresses of pods, one an entry, ascending. What blocks allow them is in it already.
  private(set) var pods: [Entry] = []
  /// Ranges from blocks, ascending and disjoint.
  private(set) var blocks: [Entry] = []

  /// The table of terms that all accept and all have a peer.
  init(_ terms: [Term], _ family: IPFamily, _ book: inout some PeerBook) {
    // Terms with the same ports are one here: policies by the thousand have few different ones.
    var ports: [PortMatch] = []
    var numbers: [PortMatch: Int] = [:]
    var intervals: [[Interval<UInt128>]] = []
    var termsOfPod: [UInt128: [Int]] = [:]
    for term in terms {
      let match = book.match(term.peer, family)
      if case .nothing = match { continue }
      let number = numbers[term.ports] ?? ports.count
      if number == ports.count {
        numbers[term.ports] = number
        ports.append(term.ports)
        intervals.append([])
      }
      switch match {
      case .nothing: continue
      case .everything: intervals[number].append(family.everything)
      case .ranges(let set): intervals[number] += set.intervals
      case .pods(let addresses): for address in addresses { termsOfPod[address, default: []].append(number) }
      }
    }
    var union = UnionCache(ports: ports)
    // Each list of ports has one set of addresses: where two of its blocks overlap, the end of one is no end.
    let pieces = Self.pieces(intervals.enumerated().map { (IntervalSet($0.element), $0.offset) })
    for piece in pieces {
      let allowed = union[piece.terms]
      if let last = blocks.last, last.interval.upper &+ 1 == piece.interval.lower, last.ports == allowed {
        blocks[blocks.count - 1] = Entry(
          interval: Interval(last.interval.lower, piece.interval.upper), ports: allowed)
      } else {
        blocks.append(Entry(interval: piece.interval, ports: allowed))
      }
    }
    var piece = 0
    for (address, own) in termsOfPod.sorted(by: { $0.key < $1.key }) {
      while piece < pieces.count, pieces[piece].interval.upper < address { piece += 1 }
      let covering =
        piece < pieces.count && pieces[piece].interval.lower <= address ? pieces[piece].terms : []
      pods.append(Entry(interval: Interval(address), ports: union[own + covering]))
    }
  }

  /// Unions of the ports of several terms, each worked out once.
  private struct UnionCache {
    let ports: [PortMatch]
    private var known: [[Int]: PortMatch] = [:]

    init(ports: [PortMatch]) { self.ports = ports }

    subscript(terms: [Int]) -> PortMatch {
      mutating get {
        let numbers = Set(terms).sorted()
        if let union = known[numbers] { return union }
        let union = PortMatch.union(numbers.map { ports[$0] })
        known[numbers] = union
        return union
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
