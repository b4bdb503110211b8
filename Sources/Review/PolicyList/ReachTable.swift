import Addresses
import Connectivity
import PolicyModel
import Reachability

/// The class addresses that each different diagram of a cluster allows anything with, and the traffic: the diagrams
/// without their intervals that are no class's.
struct ReachTable {
  /// An address with traffic.
  struct Entry {
    /// The place of the address in the order of all class addresses.
    let rank: Int
    let traffic: TrafficID
  }

  /// The traffic of one direction of a class, by family.
  struct Profile: Hashable {
    /// Indices of `lists`; `everything` where all is allowed with every address.
    let ipv4: Int
    let ipv6: Int

    /// True where nothing is kept out.
    var isOpen: Bool { ipv4 == ReachTable.everything && ipv6 == ReachTable.everything }
    static let open = Profile(ipv4: ReachTable.everything, ipv6: ReachTable.everything)
    func list(_ family: IPFamily) -> Int { family == .ipv4 ? ipv4 : ipv6 }
  }

  /// The list of a diagram that allows everything.
  static let everything = -1

  /// The class of each address, by rank.
  let groupOfRank: [Int]
  /// The rank of each class address, by its place in the matrix.
  let rankOfPlace: [Int]
  /// The ranks of each family's addresses.
  let ranks: (ipv4: Range<Int>, ipv6: Range<Int>)
  /// By diagram, ascending by rank.
  private(set) var lists: [[Entry]] = []
  /// The profiles of each class.
  private(set) var ingress: [Profile] = []
  private(set) var egress: [Profile] = []
  private let addresses: [IPAddress]

  /// Looks into the diagrams of every class. O(intervals of all different diagrams · log classes).
  init(_ matrix: ConnectivityMatrix) {
    let slots = matrix.classAddresses.enumerated().flatMap { group, own in
      own.map { (address: $0.address, place: $0.place, group: group) }
    }.sorted { $0.address < $1.address }
    addresses = slots.map(\.address)
    groupOfRank = slots.map(\.group)
    var rankOfPlace = Array(repeating: 0, count: slots.count)
    for (rank, slot) in slots.enumerated() { rankOfPlace[slot.place] = rank }
    self.rankOfPlace = rankOfPlace
    let border = addresses.prefixCount { $0.family == .ipv4 }
    ranks = (0..<border, border..<addresses.count)
    var known: [Diagram: Int] = [:]
    for direction in [Direction.ingress, .egress] {
      let profiles = matrix.classes.indices.map { group -> Profile in
        let profile = matrix.profile(group, direction, side: 0)
        guard profile.isSelected else { return .open }
        return Profile(
          ipv4: place(of: profile.ipv4, matrix.sides[0].store, &known),
          ipv6: place(of: profile.ipv6, matrix.sides[0].store, &known))
      }
      if direction == .ingress { ingress = profiles } else { egress = profiles }
    }
  }

  private mutating func place(
    of diagram: Diagram, _ store: DiagramStore, _ known: inout [Diagram: Int]
  ) -> Int {
    if diagram == .everything(diagram.family) { return Self.everything }
    if let place = known[diagram] { return place }
    var entries: [Entry] = []
    let range = ranks(of: diagram.family)
    var next = range.lowerBound
    store.forEachInterval(of: diagram) { interval, traffic in
      guard traffic != .nothing else { return true }
      next = first(notBelow: interval.lower, next..<range.upperBound)
      while next < range.upperBound, addresses[next].bits <= interval.upper {
        entries.append(Entry(rank: next, traffic: traffic))
        next += 1
      }
      return next < range.upperBound
    }
    known[diagram] = lists.count
    lists.append(entries)
    return lists.count - 1
  }

  /// The first rank of a range whose address is not below one. O(log distance).
  private func first(notBelow bits: UInt128, _ range: Range<Int>) -> Int {
    var (low, step) = (range.lowerBound, 1)
    while low + step <= range.upperBound, addresses[low + step - 1].bits < bits {
      low += step
      step *= 2
    }
    var high = min(low + step, range.upperBound)
    while low < high {
      let middle = (low + high) / 2
      if addresses[middle].bits < bits { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// The ranks of a family's addresses.
  func ranks(of family: IPFamily) -> Range<Int> { family == .ipv4 ? ranks.ipv4 : ranks.ipv6 }

  /// The traffic of a list with an address. O(log n).
  func traffic(_ list: Int, at rank: Int) -> TrafficID {
    if list == Self.everything { return .everything }
    let entries = lists[list]
    var (low, high) = (0, entries.count)
    while low < high {
      let middle = (low + high) / 2
      if entries[middle].rank < rank { low = middle + 1 } else { high = middle }
    }
    return low < entries.count && entries[low].rank == rank ? entries[low].traffic : .nothing
  }

  /// Calls `body` for every address that a profile allows anything with.
  func forEach(_ profile: Profile, _ body: (_ rank: Int, TrafficID) -> Void) {
    for family in IPFamily.allCases {
      let list = profile.list(family)
      if list == Self.everything {
        for rank in ranks(of: family) { body(rank, .everything) }
      } else {
        for entry in lists[list] { body(entry.rank, entry.traffic) }
      }
    }
  }

  /// The classes that a profile allows anything with, each once, ascending.
  func groups(_ profile: Profile) -> [Int] {
    var result: [Int] = []
    forEach(profile) { rank, _ in result.append(groupOfRank[rank]) }
    result.sort()
    var unique: [Int] = []
    unique.reserveCapacity(result.count)
    for group in result where unique.last != group { unique.append(group) }
    return unique
  }
}
