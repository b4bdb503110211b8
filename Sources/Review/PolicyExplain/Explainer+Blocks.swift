import Addresses
import PolicyModel
import Reachability

extension Explainer {
  /// With more stretches than this a block is refused.
  private static let mostStretches = 2_000

  /// The ends that a block means: its pods, and for each set of addresses that no block of a policy distinguishes one that no pod
  /// has. O(stretches · blocks of the policies).
  func ends(_ block: CIDR) throws(Failure) -> [End] {
    let pods = cluster.pods.indices.compactMap { index -> End? in
      let own = cluster.pods[index].addresses.filter(block.contains).sorted()
      return own.isEmpty
        ? nil
        : End(
          pod: index, name: cluster.pods[index].endpointName, addresses: own,
          isPlaceholder: cluster.pods[index].isPlaceholder)
    }
    return pods + (try outside(block))
  }

  private func outside(_ block: CIDR) throws(Failure) -> [End] {
    let blocks = policyBlocks(block.family)
    let range = block.interval
    var starts: Set<UInt128> = [range.lower]
    for one in blocks {
      for cidr in [one.cidr] + one.except {
        starts.insert(cidr.interval.lower)
        if cidr.interval.upper < block.family.maximum { starts.insert(cidr.interval.upper + 1) }
      }
    }
    let ascending = starts.filter(range.contains).sorted()
    guard ascending.count <= Self.mostStretches else {
      throw Failure(
        description: "\(block): policies part this block into more than \(Self.mostStretches) stretches")
    }
    var stretches: [[Bool]: (address: IPAddress, blocks: [CIDR])] = [:]
    for (place, start) in ascending.enumerated() {
      let end = place + 1 < ascending.count ? ascending[place + 1] - 1 : range.upper
      guard let address = firstOutside(start, end, block.family) else { continue }
      let signature = blocks.map { one in
        one.cidr.contains(address) && !one.except.contains { $0.contains(address) }
      }
      stretches[signature, default: (address, [])].blocks += CIDR.covering(
        Interval(start, end), family: block.family)
    }
    return stretches.values.sorted { $0.address < $1.address }.map {
      End(pod: nil, name: "\($0.address)", addresses: [$0.address], isPlaceholder: false, blocks: $0.blocks)
    }
  }

  private func policyBlocks(_ family: IPFamily) -> [IPBlock] {
    var blocks: Set<IPBlock> = []
    for policy in cluster.policies {
      for rule in (policy.ingress ?? []) + (policy.egress ?? []) {
        for peer in rule.peers.entries {
          if case .ipBlock(let block) = peer.kind, block.cidr.family == family { blocks.insert(block) }
        }
      }
    }
    return blocks.sorted { "\($0)" < "\($1)" }
  }

  /// The first address of a stretch that no pod has; nil where pods have all of it.
  func firstOutside(_ start: UInt128, _ end: UInt128, _ family: IPFamily) -> IPAddress? {
    var bits = start
    while specification.pod(at: IPAddress(family, bits: bits)) != nil {
      if bits == end { return nil }
      bits += 1
    }
    return IPAddress(family, bits: bits)
  }
}
