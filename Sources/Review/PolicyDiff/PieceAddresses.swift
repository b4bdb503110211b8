import Addresses
import Connectivity
import PolicyModel
import Reachability

/// The addresses of two pods between which a change holds, and whether it holds between all that they may get.
struct PieceAddresses {
  let finder: ChangeFinder
  let future: FutureAddresses
  let pod: (Int) -> Pod
  /// Up to so many pairs of pods are looked at.
  private static let mostPairs = 2_500

  /// The first pair of pods with addresses between which a change holds; nil for none.
  func witness(
    _ piece: PodPiece
  ) -> (source: Int, sourceAddress: IPAddress, destination: Int, destinationAddress: IPAddress)? {
    for source in piece.sources {
      for destination in piece.destinations where destination != source || pod(source).isSeveral {
        for family in piece.families.sorted() {
          let pairs = pairs(source, destination, family)
          // One address on either side is what the piece is about.
          let found =
            pairs.count == 1 ? pairs.first : pairs.first { holds(piece, source, $0.0, destination, $0.1) }
          if let found { return (source, found.0, destination, found.1) }
        }
      }
    }
    return nil
  }

  /// The part of a change that holds for every address that its pods may get, and the part that does so for some only:
  /// one pod without an address makes no other pod's change uncertain.
  func parts(_ piece: PodPiece) -> [(piece: PodPiece, dependsOnAddress: Bool)] {
    var left = Self.mostPairs
    var (senders, receivers): (Set<Int>, Set<Int>) = ([], [])
    for source in piece.sources {
      for destination in piece.destinations where destination != source || pod(source).isSeveral {
        guard pod(source).isPlaceholder || pod(destination).isPlaceholder else { continue }
        left -= 1
        // What was not looked at is not said to hold.
        if left < 0 { return [(piece, true)] }
        guard dependsOnAddress(piece, source, destination) else { continue }
        senders.insert(source)
        receivers.insert(destination)
      }
    }
    guard !senders.isEmpty else { return [(piece, false)] }
    func part(_ from: (Int) -> Bool, _ to: (Int) -> Bool) -> PodPiece {
      var result = piece
      result.sources = piece.sources.filter(from)
      result.destinations = piece.destinations.filter(to)
      return result
    }
    let all: [(piece: PodPiece, dependsOnAddress: Bool)] = [
      (part({ !senders.contains($0) }, { _ in true }), false),
      (part(senders.contains, { !receivers.contains($0) }), false),
      (part(senders.contains, receivers.contains), true),
    ]
    return all.filter { !$0.piece.sources.isEmpty && !$0.piece.destinations.isEmpty }
  }

  private func dependsOnAddress(_ piece: PodPiece, _ source: Int, _ destination: Int) -> Bool {
    for family in IPFamily.allCases {
      let pairs = pairs(source, destination, family)
      guard !pairs.isEmpty else { continue }
      // Where a pod has an address of each family, a change of one family's connections is a change.
      if !piece.families.contains(family) {
        if future.isOfEveryFamily { continue }
        return true
      }
      if pairs.count > 1, pairs.contains(where: { !holds(piece, source, $0.0, destination, $0.1) }) {
        return true
      }
    }
    return false
  }

  private func holds(
    _ piece: PodPiece, _ source: Int, _ sender: IPAddress, _ destination: Int, _ receiver: IPAddress
  ) -> Bool {
    finder.traffic(source, sender, destination, receiver) == (piece.before, piece.after)
  }

  private func pairs(_ source: Int, _ destination: Int, _ family: IPFamily) -> [(IPAddress, IPAddress)] {
    let receivers = pod(destination).addresses.filter { $0.family == family }
    return pod(source).addresses.filter { $0.family == family }.flatMap { sender in
      receivers.map { (sender, $0) }
    }
  }
}
