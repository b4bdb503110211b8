import Addresses
import Connectivity
import PolicyModel

/// The classAddresses that entries match, as lists of differences, each different one once.
struct ClassAddressSets {
  private(set) var lists: [[Int]] = []
  private var placeOfEntry: [PeerMatches.Entry: Int] = [:]
  private var placeOfList: [[Int]: Int] = [:]
  private let matches: PeerMatches
  private let classAddresses: [ConnectivityMatrix.ClassAddress]
  private let classAddressesOfKind: [Int: [Int]]

  /// The classAddresses of the kept classes, in their order.
  init(_ matrix: ConnectivityMatrix, _ kept: [Int], side: Int) {
    matches = matrix.matches[side]
    classAddresses = kept.flatMap { matrix.classAddresses[$0] }
    var ofKind: [Int: [Int]] = [:]
    var place = 0
    for index in kept {
      let kind = matches.kindOfPod[matrix.common.pod(matrix.classes[index][0], side: side)]
      for _ in matrix.classAddresses[index] {
        ofKind[kind, default: []].append(place)
        place += 1
      }
    }
    classAddressesOfKind = ofKind
  }

  /// The place of the list of the classAddresses that an entry matches.
  mutating func place(of entry: PeerMatches.Entry) -> Int {
    if let known = placeOfEntry[entry] { return known }
    var row = Array(repeating: UInt32(0), count: classAddresses.count)
    if case .block(let block) = entry {
      for place in classAddresses.indices
      where block.contains(classAddresses[place].address) { row[place] = 1 }
    } else {
      for kind in matches.matching(entry) { for place in classAddressesOfKind[kind] ?? [] { row[place] = 1 } }
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
