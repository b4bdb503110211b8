import Addresses
public import PolicyModel

/// The pods of a cluster in cells: no peer of a policy, and no port name, distinguishes the pods of one cell, but for their
/// addresses in blocks.
///
/// Policies by the thousand name the same few peers, so a cluster has far fewer cells than pods. Cells that large peers hold
/// together are neighbours.
public struct PodCells {
  /// The cell of each of `Cluster.pods`.
  public let cellOfPod: [Int32]
  /// The blocks of addresses that rules name, each once.
  public let blocks: [IPBlock]

  /// The cells of a cluster by the policies that can concern some of its pods: `subjects` says of each of `Cluster.pods`
  /// whether it is one of these. Nil where addresses belong to several pods.
  ///
  /// - Complexity: O(n log n) in the pods and in the groups of the peers together.
  public init?(_ cluster: Cluster, subjects: [Bool]) {
    let policies = SelectedGroups.relevant(cluster, subjects).map { cluster.policies[$0] }
    var groups = PodGroups(cluster, askingFor: policies)
    if !groups.ofSeveral.isEmpty { return nil }
    var selections: Set<PodGroups.Selection> = []
    var blocks: Set<IPBlock> = []
    for policy in policies {
      for rule in Direction.allCases.flatMap({ policy.rules($0) ?? [] }) {
        for peer in rule.peers.entries {
          switch peer.kind {
          case .ipBlock(let block): blocks.insert(block)
          case .pods(let scope, let selector):
            selections.insert(.init(scope, selector, own: policy.id.namespace))
          }
        }
      }
    }
    self.blocks = Array(blocks)
    let sizes = groups.groups.map { $0.runs.reduce(0) { $0 + $1.count } }
    let peers = selections.map { selection in
      let matching = groups.matching(selection)
      return (groups: matching, pods: matching.reduce(0) { $0 + sizes[Int($1)] })
    }
    let cells = Self.cells(of: groups, peers.sorted { $0.pods > $1.pods }.map(\.groups))
    cellOfPod = groups.groupOfPod.map { cells[Int($0)] }
  }

  /// The cell of each group: those with the same port numbers that the same peers hold. Cells ascend so that the first
  /// peers, which are the largest, are stretches of them.
  private static func cells(of groups: PodGroups, _ peers: [[Int32]]) -> [Int32] {
    var byNumbers: [[PortName: UInt16]: Int32] = [:]
    // For each cell the peers that hold it, ascending.
    var holding: [[Int32]] = []
    var cells = groups.groups.map { group in
      if let known = byNumbers[group.numbers] { return known }
      let made = Int32(holding.count)
      byNumbers[group.numbers] = made
      holding.append([])
      return made
    }
    for (peer, matching) in peers.enumerated() {
      var inside: [Int32: Int32] = [:]
      for group in matching {
        let before = cells[Int(group)]
        if let known = inside[before] {
          cells[Int(group)] = known
          continue
        }
        let made = Int32(holding.count)
        inside[before] = made
        holding.append(holding[Int(before)] + [Int32(peer)])
        cells[Int(group)] = made
      }
    }
    let order = Set(cells).sorted { left, right in
      let (one, other) = (holding[Int(left)], holding[Int(right)])
      return one == other ? left < right : one.lexicographicallyPrecedes(other)
    }
    var place = Array(repeating: Int32(0), count: holding.count)
    for (number, cell) in order.enumerated() { place[Int(cell)] = Int32(number) }
    return cells.map { place[Int($0)] }
  }
}
