import Addresses
public import PolicyModel
public import Reachability
import Wording

/// Rows for the tables: who may send to each class, and what is exposed to addresses outside the cluster.
public struct ConnectionLists {
  /// Classes that may send the same to one class, where a policy has to do with it.
  public struct Link {
    /// Indices of `ConnectivityMatrix.classes`, ascending.
    public let senders: [Int]
    /// An index of `ConnectivityMatrix.classes`.
    public let receiver: Int
    /// A place in `CellTable.cells`.
    public let cell: Int
  }

  /// By receiver, then by the words of the traffic. Pairs that nothing isolates are left to the table of isolation.
  public let links: [Link]
  private let matrix: ConnectivityMatrix
  private let describer: PodDescriber

  /// Reads a matrix of one revision.
  public init(_ matrix: ConnectivityMatrix, _ describer: PodDescriber) {
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

  /// The words for the pods of some classes, as indices of `ConnectivityMatrix.classes`.
  public func words(of classes: [Int]) -> String {
    describer.describe(
      classes.flatMap { matrix.classes[$0].map { matrix.common.pod($0, side: 0) } }.sorted())
  }

  /// Traffic between a class and addresses outside the cluster.
  public struct Exposure {
    /// An index of `ConnectivityMatrix.classes`.
    public let index: Int
    /// Seen from the class.
    public let direction: Direction
    /// The blocks in words.
    public let blocks: String
    /// Protocols and ports.
    public let traffic: TrafficID
  }

  /// The traffic of every class with addresses outside the cluster, ingress before egress.
  public var exposures: [Exposure] {
    matrix.classes.indices.flatMap { index in
      [Direction.ingress, .egress].flatMap { exposures(index, $0) }
    }
  }

  private func exposures(_ index: Int, _ direction: Direction) -> [Exposure] {
    let profile = matrix.profile(index, direction, side: 0)
    guard profile.isSelected else {
      return [Exposure(index: index, direction: direction, blocks: "every address", traffic: .everything)]
    }
    return outside(index, profile).map {
      Exposure(index: index, direction: direction, blocks: $0.blocks, traffic: $0.traffic)
    }
  }

  /// Blocks outside the cluster by traffic. Stretches that only pods part are one.
  private func outside(_ index: Int, _ profile: Profile) -> [(blocks: String, traffic: TrafficID)] {
    let store = matrix.sides[0].store
    var blocks: [TrafficID: [CIDR]] = [:]
    for family in IPFamily.allCases
    where matrix.classAddresses[index].contains(where: { $0.address.family == family }) {
      matrix.addOutside(to: &blocks, of: profile.allowed(family), family)
    }
    return blocks.map { (BlockWords.describe($0.value), $0.key) }
      .sorted { store.traffic($0.traffic).words < store.traffic($1.traffic).words }
  }
}
