import Addresses
import Connectivity
import PolicyModel

/// The addresses of a cluster's pods, ascending.
struct AddressesOfToday {
  private let entries: [(address: IPAddress, pod: Int)]

  /// Sorts the addresses. O(n log n) in the pods.
  init(_ cluster: Cluster) {
    entries = cluster.pods.indices.flatMap { pod in
      cluster.pods[pod].isPlaceholder ? [] : cluster.pods[pod].addresses.map { (address: $0, pod: pod) }
    }.sorted { $0.address < $1.address }
  }

  /// The addresses in a block, with their pods as indices of `Cluster.pods`. O(log n) and their number, with what is excepted.
  func inside(_ block: IPBlock) -> [(address: IPAddress, pod: Int)] {
    let base = IPAddress(block.cidr.family, bits: block.cidr.interval.lower)
    let start = entries.partitioningIndex { $0.address >= base }
    return entries[start...].prefix { block.cidr.contains($0.address) }.filter { block.contains($0.address) }
  }
}

extension IPBlock {
  /// True where every address of the block is one of another.
  func isInside(_ other: IPBlock) -> Bool {
    guard cidr.family == other.cidr.family, other.cidr.interval.contains(cidr.interval) else { return false }
    let mine = IntervalSet(cidr.interval).subtracting(IntervalSet(except.map(\.interval)))
    return other.except.allSatisfy { mine.intersection(IntervalSet($0.interval)).isEmpty }
  }
}

extension [Peer] {
  /// True where the blocks among some entries have every address that pods to come may get.
  func cover(_ future: FutureAddresses) -> Bool {
    guard contains(where: { if case .ipBlock = $0.kind { true } else { false } }) else { return false }
    return IPFamily.allCases.allSatisfy { family in
      let wanted = IntervalSet(future.blocks.filter { $0.family == family }.map(\.interval))
      if wanted.isEmpty { return true }
      let named = compactMap { entry -> IntervalSet<UInt128>? in
        guard case .ipBlock(let block) = entry.kind, block.cidr.family == family else { return nil }
        return IntervalSet(block.cidr.interval).subtracting(IntervalSet(block.except.map(\.interval)))
      }
      return wanted.subtracting(IntervalSet(named.flatMap(\.intervals))).isEmpty
    }
  }
}
