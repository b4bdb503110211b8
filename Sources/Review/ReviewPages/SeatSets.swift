import Addresses
import Connectivity
import PolicyModel

/// The seats that entries match, as lists of differences, each different one once.
struct SeatSets {
  private(set) var lists: [[Int]] = []
  private var placeOfEntry: [PeerMatches.Entry: Int] = [:]
  private var placeOfList: [[Int]: Int] = [:]
  private let matches: PeerMatches
  private let seats: [ConnectivityMatrix.Seat]
  private let seatsOfKind: [Int: [Int]]

  /// The seats of the kept classes, in their order.
  init(_ matrix: ConnectivityMatrix, _ kept: [Int], side: Int) {
    matches = matrix.matches[side]
    seats = kept.flatMap { matrix.seats[$0] }
    var ofKind: [Int: [Int]] = [:]
    var place = 0
    for index in kept {
      let kind = matches.kindOfPod[matrix.common.pod(matrix.classes[index][0], side: side)]
      for _ in matrix.seats[index] {
        ofKind[kind, default: []].append(place)
        place += 1
      }
    }
    seatsOfKind = ofKind
  }

  /// The place of the list of the seats that an entry matches.
  mutating func place(of entry: PeerMatches.Entry) -> Int {
    if let known = placeOfEntry[entry] { return known }
    var row = Array(repeating: UInt32(0), count: seats.count)
    if case .block(let block) = entry {
      for place in seats.indices
      where block.cidr.contains(seats[place].address)
        && !block.except.contains(where: { $0.contains(seats[place].address) })
      {
        row[place] = 1
      }
    } else {
      for kind in matches.matching(entry) { for place in seatsOfKind[kind] ?? [] { row[place] = 1 } }
    }
    let list = MatrixRows.differences(row, from: nil, base: -1)
    let place = placeOfList[list] ?? lists.count
    if place == lists.count {
      placeOfList[list] = place
      lists.append(list)
    }
    placeOfEntry[entry] = place
    return place
  }
}
