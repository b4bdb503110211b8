public import Addresses
import PolicyModel
public import Reachability

extension ConnectivityMatrix {
  /// Blocks outside the cluster by what a diagram of the first side allows of them. Stretches that only pods part are one.
  ///
  /// - Parameters:
  ///   - blocks: the blocks that were found so far; those of this diagram are added.
  ///   - diagram: the traffic that is allowed with each address of the family.
  ///   - family: the diagram's family.
  /// - Complexity: O(intervals of the diagram · log pods).
  public func addOutside(
    to blocks: inout [TrafficID: [CIDR]], of diagram: Diagram, _ family: IPFamily
  ) {
    var runs: [(addresses: Interval<UInt128>, traffic: TrafficID)] = []
    var place = 0
    sides[0].store.forEachInterval(of: diagram) { addresses, traffic in
      guard traffic != .nothing || runs.last.map({ $0.traffic != .nothing }) == true,
        common.firstOutside(in: addresses, family, from: &place) != nil
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
}
