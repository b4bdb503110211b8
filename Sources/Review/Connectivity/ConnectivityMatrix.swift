public import Addresses
public import PolicyModel
public import Reachability

/// The traffic that may pass from each class of pods to each other, in one revision of policies or in two.
public struct ConnectivityMatrix {
  /// One address of the pod that stands for a class.
  public struct ClassAddress {
    /// The index in `ConnectivityMatrix.allClassAddresses`.
    public let place: Int
    /// The class's address.
    public let address: IPAddress
    /// True for a placeholder of a pod that has no address yet.
    public let isPlaceholder: Bool
  }

  /// One revision or two, over one store.
  public let sides: [Specification]
  /// The matches of each revision's entries.
  public let matches: [PeerMatches]
  /// The pods of both revisions.
  public let common: CommonPods
  /// The pods of each class, as ascending indices of `common.pairs`. The first stands for all.
  public let classes: [[Int]]
  /// The addresses of each class's first pod.
  public let classAddresses: [[ClassAddress]]
  /// The classAddresses of all classes, in their order.
  public let allClassAddresses: [ClassAddress]
  /// The contents of the cells.
  public private(set) var cells: CellTable
  /// Senders by receivers: places in `cells`.
  public private(set) var rows: [[UInt32]] = []

  /// Works out every cell.
  ///
  /// - Parameters:
  ///   - clusters: one revision, or the one before and the one after; with placeholders for pods without an address.
  ///   - node: only this node's pods are isolated; nil: all pods are.
  ///   - limit: with more classes than this, no cell is worked out.
  /// - Complexity: O(classes²) and memory alike, beside reading the policies.
  public init(_ clusters: [Cluster], node: String?, limit: Int) {
    let store = DiagramStore()
    self.init(clusters.map { Specification($0, node: node, in: store) }, limit: limit)
  }

  /// Works out every cell of revisions whose meaning is known, over one store. O(classes²) and memory alike.
  public init(_ sides: [Specification], limit: Int) {
    let (store, clusters) = (sides[0].store, sides.map(\.cluster))
    let common = CommonPods(clusters[0], clusters[clusters.count - 1])
    self.sides = sides
    matches = sides.map(PeerMatches.init)
    classes = EndpointPartition(sides, matches, common).classes
    var ofPod: [Int: [IPAddress]] = [:]
    let firsts = Set(classes.compactMap(\.first))
    for endpoint in common.endpoints where firsts.contains(endpoint.pod) {
      ofPod[endpoint.pod, default: []].append(endpoint.address)
    }
    var classAddresses: [[ClassAddress]] = []
    var count = 0
    for members in classes {
      let isPlaceholder = clusters[0].pods[common.pod(members[0], side: 0)].isPlaceholder
      classAddresses.append(
        (ofPod[members[0]] ?? []).enumerated().map {
          ClassAddress(place: count + $0.offset, address: $0.element, isPlaceholder: isPlaceholder)
        })
      count += classAddresses[classAddresses.count - 1].count
    }
    self.common = common
    self.classAddresses = classAddresses
    allClassAddresses = classAddresses.flatMap { $0 }
    cells = CellTable(store, sides: sides.count)
    guard classes.count <= limit else { return }
    let answers = sides.indices.map { side in
      ClassAddressAnswers(sides[side], classes.map { common.pod($0[0], side: side) }, allClassAddresses)
    }
    rows = classes.indices.map { row($0, answers) }
  }

  /// True where a pod of a class is a subject in a revision.
  public func isSubject(_ index: Int, side: Int) -> Bool {
    sides[side].classIndex(ofPod: common.pod(classes[index][0], side: side)) != nil
  }

  /// The profile of a class in one direction of a revision.
  public func profile(_ index: Int, _ direction: Direction, side: Int) -> Profile {
    sides[side].profile(ofPod: common.pod(classes[index][0], side: side), direction)
  }

  /// True where a class is one pod, which no other is like: a workload stands for several.
  public func isOnePod(_ index: Int) -> Bool {
    let last = sides.count - 1
    return classes[index].count == 1
      && !sides[last].cluster.pods[common.pod(classes[index][0], side: last)].isSeveral
  }

  /// True where a policy has to do with what passes between two classes.
  public func isDecided(_ sender: Int, _ receiver: Int) -> Bool {
    sides.indices.contains {
      profile(sender, .egress, side: $0).isSelected || profile(receiver, .ingress, side: $0).isSelected
    }
  }

  private mutating func row(_ sender: Int, _ answers: [ClassAddressAnswers]) -> [UInt32] {
    var row = Array(repeating: UInt32(0), count: classes.count)
    var codes = Array(repeating: CellTable.itself, count: sides.count)
    for receiver in classes.indices {
      if sender == receiver, isOnePod(sender) {
        row[receiver] = UInt32(CellTable.itself)
        continue
      }
      for side in sides.indices { codes[side] = code(sender, receiver, answers[side]) }
      row[receiver] = cells.cell(codes)
    }
    return row
  }

  private mutating func code(_ sender: Int, _ receiver: Int, _ answers: ClassAddressAnswers) -> Int {
    let (from, to) = (classAddresses[sender], classAddresses[receiver])
    if from.count == 1, to.count == 1, from[0].address.family == to[0].address.family {
      return cells.code(cells.meet(answers.sent(sender, to[0]), answers.received(receiver, from[0])))
    }
    var parts: [CellTable.Part] = []
    for source in from {
      for destination in to
      where source.address.family == destination.address.family {
        let part = CellTable.Part(
          family: source.address.family,
          traffic: cells.meet(answers.sent(sender, destination), answers.received(receiver, source)))
        // A pod without an address has an example of each stretch that policies distinguish: what is alike is said once.
        let isExample = source.isPlaceholder || destination.isPlaceholder
        if !isExample || !parts.contains(part) { parts.append(part) }
      }
    }
    return cells.code(parts)
  }
}
