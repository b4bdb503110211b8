import Addresses
import Reachability

/// Traffic that changes, alike for every pair of a sender and a receiver.
struct PodPiece {
  var sources: [Int]
  var destinations: [Int]
  var families: Set<IPFamily>
  let before: TrafficID
  let after: TrafficID
}

/// Traffic that changes between addresses outside the cluster and pods.
struct OutsidePiece {
  let family: IPFamily
  let addresses: [Interval<UInt128>]
  var pods: [Int]
  /// True where the pods are the senders.
  let outgoing: Bool
  let before: TrafficID
  let after: TrafficID
}

/// Puts pieces together that differ in one side only, so that a change of policy is one line and not one a class.
enum PieceMerger {
  private struct Key: Hashable {
    let first: [Int]
    let second: [Int]
    let families: Set<IPFamily>
    let before: TrafficID
    let after: TrafficID
  }

  /// Pieces of the same receivers put together, then of the same senders, then of both families; pairs of a pod
  /// with itself alone are dropped.
  ///
  /// - Parameters:
  ///   - pieces: the pieces, in any order.
  ///   - isSeveral: whether a member stands for several pods, so that a connection with itself is one between two of them.
  ///   - has: whether a pod can have connections of a family.
  /// - Returns: fewer pieces that say the same.
  static func merged(
    _ pieces: [PodPiece], isSeveral: (Int) -> Bool, has: (Int, IPFamily) -> Bool
  ) -> [PodPiece] {
    var current = pieces.filter {
      $0.sources != $0.destinations || $0.sources.count > 1 || isSeveral($0.sources[0])
    }
    current = merge(current, \.sources) {
      Key(first: [], second: $0.destinations, families: $0.families, before: $0.before, after: $0.after)
    }
    current = addingSelf(current, isSeveral)
    current = merge(current, \.destinations) {
      Key(first: $0.sources, second: [], families: $0.families, before: $0.before, after: $0.after)
    }
    return mergingFamilies(current, has: has)
  }

  /// The pair of a pod with itself is never meant, so a pod may be added to the senders of its own piece: done
  /// where that makes them the senders of another piece too.
  private static func addingSelf(_ pieces: [PodPiece], _ isSeveral: (Int) -> Bool) -> [PodPiece] {
    func key(_ piece: PodPiece, _ sources: [Int]) -> Key {
      Key(first: sources, second: [], families: piece.families, before: piece.before, after: piece.after)
    }
    func wider(_ piece: PodPiece) -> [Int] {
      piece.destinations.count == 1 && !isSeveral(piece.destinations[0])
        ? union(piece.sources, piece.destinations) : piece.sources
    }
    var counts: [Key: Int] = [:]
    for piece in pieces { counts[key(piece, wider(piece)), default: 0] += 1 }
    return pieces.map { piece in
      guard counts[key(piece, wider(piece)), default: 0] > 1 else { return piece }
      var result = piece
      result.sources = wider(piece)
      return result
    }
  }

  /// Two pieces of one family each are one of both where the pods that only one of them names lack the other's
  /// family: no connection is claimed that cannot be.
  private static func mergingFamilies(_ pieces: [PodPiece], has: (Int, IPFamily) -> Bool) -> [PodPiece] {
    func dual(_ pods: [Int]) -> [Int] { pods.filter { has($0, .ipv4) && has($0, .ipv6) } }
    func fits(_ all: [Int], _ four: [Int], _ six: [Int]) -> Bool {
      all.filter { has($0, .ipv4) } == four && all.filter { has($0, .ipv6) } == six
    }
    var places: [Key: [Int]] = [:]
    var result: [PodPiece] = []
    for piece in pieces {
      let key = Key(
        first: dual(piece.sources), second: dual(piece.destinations), families: [], before: piece.before,
        after: piece.after)
      let partner = (places[key] ?? []).first { place in
        let other = result[place]
        guard other.families.count == 1, piece.families.count == 1, other.families != piece.families else {
          return false
        }
        let (four, six) = piece.families == [.ipv4] ? (piece, other) : (other, piece)
        return fits(union(four.sources, six.sources), four.sources, six.sources)
          && fits(union(four.destinations, six.destinations), four.destinations, six.destinations)
      }
      if let partner {
        result[partner].sources = union(result[partner].sources, piece.sources)
        result[partner].destinations = union(result[partner].destinations, piece.destinations)
        result[partner].families.formUnion(piece.families)
      } else {
        places[key, default: []].append(result.count)
        result.append(piece)
      }
    }
    return result
  }

  private struct OutsideKey: Hashable {
    let family: IPFamily
    let addresses: [Interval<UInt128>]
    let pods: [Int]
    let outgoing: Bool
    let before: TrafficID
    let after: TrafficID
  }

  /// Pieces of outside addresses: first those of the same pods become one list of addresses, then those of the same
  /// addresses one list of pods.
  static func merged(_ pieces: [OutsidePiece]) -> [OutsidePiece] {
    var byPods: [OutsideKey: [Interval<UInt128>]] = [:]
    for piece in pieces {
      let key = OutsideKey(
        family: piece.family, addresses: [], pods: piece.pods, outgoing: piece.outgoing, before: piece.before,
        after: piece.after)
      byPods[key, default: []] += piece.addresses
    }
    var byAddresses: [OutsideKey: [Int]] = [:]
    for (key, addresses) in byPods {
      let all = IntervalSet(addresses).intervals
      let next = OutsideKey(
        family: key.family, addresses: all, pods: [], outgoing: key.outgoing, before: key.before,
        after: key.after)
      byAddresses[next, default: []] += key.pods
    }
    return byAddresses.map { key, pods in
      OutsidePiece(
        family: key.family, addresses: key.addresses, pods: Set(pods).sorted(), outgoing: key.outgoing,
        before: key.before, after: key.after)
    }
  }

  /// Pieces of equal keys as one, with the pods of all on one side. O(n log n) in the pods of that side.
  private static func merge(
    _ pieces: [PodPiece], _ side: WritableKeyPath<PodPiece, [Int]>, by key: (PodPiece) -> Key
  ) -> [PodPiece] {
    var places: [Key: Int] = [:]
    var members: [[[Int]]] = []
    var result: [PodPiece] = []
    for piece in pieces {
      let key = key(piece)
      if let place = places[key] {
        members[place].append(piece[keyPath: side])
      } else {
        places[key] = result.count
        members.append([piece[keyPath: side]])
        result.append(piece)
      }
    }
    for place in result.indices where members[place].count > 1 {
      result[place][keyPath: side] = members[place].joined().sorted().uniquedNeighbours()
    }
    return result
  }

  /// The numbers of two ascending lists, each once.
  private static func union(_ left: [Int], _ right: [Int]) -> [Int] {
    (left + right).sorted().uniquedNeighbours()
  }
}

extension [Int] {
  /// The numbers of an ascending list, each once.
  fileprivate func uniquedNeighbours() -> [Int] {
    var result: [Int] = []
    result.reserveCapacity(count)
    for number in self where result.last != number { result.append(number) }
    return result
  }
}
