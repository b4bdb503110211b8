public import Addresses
public import PolicyModel

/// The addresses that `from`, `to` entries of one cluster stand for.
struct PeerSets {
  typealias Name = AddressSets.Name

  private let sets: AddressSets
  private var ofGroups: [[Int32]: Name] = [:]
  private var ofBlocks: [IPBlock: Name] = [:]
  private var ofBlocksWithPort: [BlockWithPort: [(number: UInt16, addresses: Name)]] = [:]
  private typealias Numbered = (number: UInt16, ipv4: [UInt32], ipv6: [UInt128])
  private var addressesByNumber: [PortName: [Numbered]]?

  private struct BlockWithPort: Hashable {
    let block: IPBlock?
    let port: PortName
  }

  /// The sets go into `sets`, which revisions of a cluster share.
  init(_ sets: AddressSets) { self.sets = sets }

  /// Every address of the pods of some groups, each family for itself.
  mutating func addresses(
    of members: [Int32], in groups: inout PodGroups, of cluster: Cluster
  ) -> Name {
    if let known = ofGroups[members] { return known }
    var four: [UInt32] = []
    var six: [UInt128] = []
    for member in members {
      let addresses = groups.addresses(of: member, cluster)
      four += addresses.ipv4
      six += addresses.ipv6
    }
    four.sort()
    six.sort()
    let name = sets.name(BoundarySet(ascending: four), BoundarySet(ascending: six))
    ofGroups[members] = name
    return name
  }

  /// `ipBlock`: the addresses of `cidr` without those of its own `except`; the other family has none.
  mutating func addresses(of block: IPBlock) -> Name {
    if let known = ofBlocks[block] { return known }
    let name = named(block.addresses, family: block.cidr.family)
    ofBlocks[block] = name
    return name
  }

  private func named(_ set: IntervalSet<UInt128>, family: IPFamily) -> Name {
    family == .ipv4
      ? sets.name(BoundarySet(set), BoundarySet(ascending: []))
      : sets.name(BoundarySet(ascending: []), BoundarySet(set))
  }

  /// Of the pods in a block, or of all pods when it is nil: those with a port of the given name, by its number.
  mutating func pods(
    in block: IPBlock?, with port: PortName, of cluster: Cluster
  ) -> [(number: UInt16, addresses: Name)] {
    let key = BlockWithPort(block: block, port: port)
    if let known = ofBlocksWithPort[key] { return known }
    let result = numbers(of: port, cluster).map { number, ipv4, ipv6 in
      guard let block else {
        return (number, sets.name(BoundarySet(ascending: ipv4), BoundarySet(ascending: ipv6)))
      }
      let intervals = block.addresses.intervals
      let inside = block.cidr.family == .ipv4
      let four = inside ? Self.members(of: ipv4, in: intervals) : []
      let six = inside ? [] : Self.members(of: ipv6, in: intervals)
      return (number, sets.name(BoundarySet(ascending: four), BoundarySet(ascending: six)))
    }
    ofBlocksWithPort[key] = result
    return result
  }

  /// The numbers of an ascending list that lie in ascending intervals. O(intervals · log n), and the numbers found.
  private static func members<Bound: FixedWidthInteger & UnsignedInteger>(
    of list: [Bound], in intervals: [Interval<UInt128>]
  ) -> [Bound] {
    func firstPlace(notBelow bound: Bound) -> Int { list.partitioningIndex { $0 >= bound } }
    return intervals.flatMap { interval in
      let first = firstPlace(notBelow: Bound(interval.lower))
      let end =
        interval.upper >= UInt128(Bound.max) ? list.count : firstPlace(notBelow: Bound(interval.upper + 1))
      return list[first..<end]
    }
  }

  /// The numbers that a port name has among the pods, and the addresses of those pods, ascending.
  private mutating func numbers(of port: PortName, _ cluster: Cluster) -> [Numbered] {
    if let known = addressesByNumber { return known[port] ?? [] }
    var table: [PortName: [UInt16: (ipv4: [UInt32], ipv6: [UInt128])]] = [:]
    for pod in cluster.pods {
      for entry in pod.namedPorts
      where pod.number(ofPort: entry.name, entry.transport) == entry.number {
        let name = PortName(name: entry.name, transport: entry.transport)
        for address in pod.addresses {
          switch address.family {
          case .ipv4:
            table[name, default: [:]][entry.number, default: ([], [])].ipv4.append(UInt32(address.bits))
          case .ipv6: table[name, default: [:]][entry.number, default: ([], [])].ipv6.append(address.bits)
          }
        }
      }
    }
    let sorted = table.mapValues { numbers in
      numbers.sorted { $0.key < $1.key }.map { ($0.key, $0.value.ipv4.sorted(), $0.value.ipv6.sorted()) }
    }
    addressesByNumber = sorted
    return sorted[port] ?? []
  }
}

extension IPBlock {
  /// `cidr` without `except`: an except takes from its own block only.
  public var addresses: IntervalSet<UInt128> {
    IntervalSet(cidr.interval).subtracting(
      IntervalSet(except.filter { $0.family == cidr.family }.map(\.interval)))
  }
}
