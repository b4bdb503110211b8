import Addresses
import Connectivity
import PolicyModel
import Reachability

/// The traffic of classes with addresses outside the cluster, by what is equal.
struct OutsideReach {
  /// Classes, blocks of addresses that are no pod's, and the traffic with them.
  struct Line: Hashable {
    let groups: GroupSet
    let direction: Direction
    let blocks: [CIDR]
    let traffic: TrafficID
  }

  private struct Kind: Hashable {
    let ipv4: Diagram
    let ipv6: Diagram
    let families: [IPFamily]
  }

  private struct Reach: Hashable {
    let direction: Direction
    let blocks: [CIDR]
    let traffic: TrafficID
  }

  private let matrix: ConnectivityMatrix

  init(_ matrix: ConnectivityMatrix) { self.matrix = matrix }

  /// Every line, in no order. O(intervals of all different diagrams · log pods).
  func lines() -> [Line] {
    var known: [Kind: [(blocks: [CIDR], traffic: TrafficID)]] = [:]
    var groups: [Reach: [Int]] = [:]
    for group in matrix.classes.indices {
      let addresses = matrix.classAddresses[group]
      let families = IPFamily.allCases.filter { family in
        addresses.contains { $0.isPlaceholder || $0.address.family == family }
      }
      for direction in [Direction.ingress, .egress] {
        let profile = matrix.profile(group, direction, side: 0)
        let kind =
          profile.isSelected
          ? Kind(ipv4: profile.ipv4, ipv6: profile.ipv6, families: families)
          : Kind(ipv4: .everything(.ipv4), ipv6: .everything(.ipv6), families: families)
        let reaches = known[kind] ?? outside(kind)
        known[kind] = reaches
        for reach in reaches {
          groups[Reach(direction: direction, blocks: reach.blocks, traffic: reach.traffic), default: []]
            .append(group)
        }
      }
    }
    return groups.map { reach, members in
      Line(
        groups: GroupSet(ascending: members), direction: reach.direction, blocks: reach.blocks,
        traffic: reach.traffic)
    }
  }

  /// Blocks outside the cluster by traffic. Stretches that only pods part are one.
  private func outside(_ kind: Kind) -> [(blocks: [CIDR], traffic: TrafficID)] {
    var blocks: [TrafficID: [CIDR]] = [:]
    for family in kind.families {
      matrix.addOutside(to: &blocks, of: family == .ipv4 ? kind.ipv4 : kind.ipv6, family)
    }
    // Pods of one family and of both are alike where every address of their families is meant.
    let whole = IPFamily.allCases.map { CIDR(IPAddress($0, bits: 0), prefixLength: 0) }
    return blocks.map { traffic, blocks in
      Set(blocks) == Set(whole.filter { kind.families.contains($0.family) })
        ? (whole, traffic) : (blocks, traffic)
    }
  }
}
