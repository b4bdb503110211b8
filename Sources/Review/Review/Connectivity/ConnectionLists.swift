import Addresses
import PolicyModel
import Reachability
import Wording

/// Rows for the tables: who may send to each class, and what is exposed to addresses outside the cluster.
struct ConnectionLists {
  /// Classes that may send the same to one class, where a policy has to do with it.
  struct Link {
    let senders: [Int]
    let receiver: Int
    /// A place in `CellTable.cells`.
    let cell: Int
  }

  /// By receiver, then by the words of the traffic. Pairs that nothing isolates are left to the table of isolation.
  let links: [Link]
  private let matrix: ConnectivityMatrix
  private let describer: PodDescriber

  /// Reads a matrix of one revision.
  init(_ matrix: ConnectivityMatrix, _ describer: PodDescriber) {
    self.matrix = matrix
    self.describer = describer
    let isolated = matrix.classes.indices.map { index in
      [Direction.ingress, .egress].map { matrix.profile(index, $0, side: 0).isSelected }
    }
    var links: [Link] = []
    for receiver in matrix.rows.indices {
      var senders: [Int: [Int]] = [:]
      for sender in matrix.rows.indices where isolated[sender][1] || isolated[receiver][0] {
        let cell = Int(matrix.rows[sender][receiver])
        if [CellTable.nothing, CellTable.itself, CellTable.apart].contains(cell) { continue }
        senders[cell, default: []].append(sender)
      }
      let words = matrix.cells.words
      let codes = matrix.cells.cells
      links += senders.sorted { words[codes[$0.key][0]] < words[codes[$1.key][0]] }
        .map { Link(senders: $0.value, receiver: receiver, cell: $0.key) }
    }
    self.links = links
  }

  /// Writes `links` (receiver, cell, number of the senders' words), `groups` (those words) and `outside` (class,
  /// direction, addresses, number of the traffic's words).
  func write(_ page: inout PageData) {
    var groups: [String] = []
    var known: [[Int]: Int] = [:]
    page.list("links", links) { link, page in
      let group = known[link.senders] ?? groups.count
      if group == groups.count {
        known[link.senders] = group
        groups.append(words(of: link.senders))
      }
      page.array { page in for number in [link.receiver, link.cell, group] { page.number(number) } }
    }
    page.list("groups", groups) { $1.label($0) }
    let open = matrix.classes.indices.flatMap { index in
      [Direction.ingress, .egress].map { (index, $0) }
    }
    page.list("outside", open.flatMap { index, direction in exposures(index, direction) }) { exposure, page in
      page.array { page in
        page.number(exposure.index)
        page.label(exposure.direction.rawValue.lowercased())
        page.label(exposure.blocks)
        page.number(page.cells.code(exposure.traffic))
      }
    }
  }

  private func words(of classes: [Int]) -> String {
    describer.describe(
      classes.flatMap { matrix.classes[$0].map { matrix.common.pod($0, side: 0) } }.sorted())
  }

  private typealias Exposure = (index: Int, direction: Direction, blocks: String, traffic: TrafficID)

  private func exposures(_ index: Int, _ direction: Direction) -> [Exposure] {
    let profile = matrix.profile(index, direction, side: 0)
    guard profile.isSelected else { return [(index, direction, "every address", .everything)] }
    return outside(index, profile).map { (index, direction, $0.blocks, $0.traffic) }
  }

  /// Blocks outside the cluster by traffic. Stretches that only pods part are one.
  private func outside(_ index: Int, _ profile: Profile) -> [(blocks: String, traffic: TrafficID)] {
    let store = matrix.sides[0].store
    var blocks: [TrafficID: [CIDR]] = [:]
    for family in IPFamily.allCases
    where matrix.seats[index].contains(where: { $0.isStandIn || $0.address.family == family }) {
      var runs: [(addresses: Interval<UInt128>, traffic: TrafficID)] = []
      store.forEachInterval(of: profile.allowed(family)) { addresses, traffic in
        guard traffic != .nothing || runs.last?.traffic != .nothing,
          matrix.common.firstOutside(in: addresses, family) != nil
        else { return true }
        if let last = runs.last, last.traffic == traffic {
          runs[runs.count - 1].addresses = Interval(last.addresses.lower, addresses.upper)
        } else {
          runs.append((addresses, traffic))
        }
        return true
      }
      for run in runs where run.traffic != .nothing {
        blocks[run.traffic, default: []] += CIDR.covering(run.addresses, family: family)
      }
    }
    return blocks.map { (BlockWords.describe($0.value), $0.key) }
      .sorted { store.traffic($0.traffic).words < store.traffic($1.traffic).words }
  }
}
