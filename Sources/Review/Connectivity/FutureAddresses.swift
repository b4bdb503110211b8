public import Addresses
public import PolicyModel

/// The addresses that pods without one may get: of the blocks that were named for them, or of the nodes' pod CIDRs; where
/// neither is known, any unicast address of the families that the pods have which do have addresses.
public struct FutureAddresses: Sendable {
  /// The blocks; of one family or of both.
  public let blocks: [CIDR]
  /// True where a pod gets an address of each family of `blocks`; false where it may have either.
  public let isOfEveryFamily: Bool
  /// True where the blocks were named, or are those of nodes.
  public let isKnown: Bool

  /// The addresses of blocks that an option names.
  public init(blocks: [CIDR]) { self.init(blocks, isOfEveryFamily: true, isKnown: true) }

  private init(_ blocks: [CIDR], isOfEveryFamily: Bool, isKnown: Bool) {
    (self.blocks, self.isOfEveryFamily, self.isKnown) = (blocks, isOfEveryFamily, isKnown)
  }

  /// The addresses of pods that may be added to clusters, revisions of one. O(pods).
  public init(_ clusters: [Cluster]) {
    let named = Set(clusters.flatMap(\.podCIDRs))
    let blocks = named.isEmpty ? Set(clusters.flatMap(\.nodes).flatMap(\.podCIDRs)) : named
    if !blocks.isEmpty {
      self.init(blocks: blocks.sorted())
      return
    }
    var kinds: Set<Set<IPFamily>> = []
    for cluster in clusters {
      for index in cluster.pods.indices where !cluster.pods[index].isPlaceholder {
        let addresses = cluster.pods[index].addresses
        if addresses.isEmpty { continue }
        kinds.insert(addresses.count == 1 ? [addresses[0].family] : Set(addresses.map(\.family)))
      }
    }
    let families = kinds.reduce(into: Set<IPFamily>()) { $0.formUnion($1) }
    self.init(
      IPFamily.allCases.filter { families.isEmpty || families.contains($0) }.flatMap(Self.unicast),
      isOfEveryFamily: kinds.count == 1, isKnown: false)
  }

  /// The addresses of a family that a pod can have: RFC 6890 keeps the others for other uses.
  private static func unicast(_ family: IPFamily) -> [CIDR] {
    switch family {
    // 1.0.0.0 up to 223.255.255.255 without 127.0.0.0/8 and the link-local 169.254.0.0/16, where clouds have their metadata.
    case .ipv4:
      [(1 << 24, 127 << 24), (128 << 24, 0xa9fe_0000), (0xa9ff_0000, 224 << 24)].flatMap { first, end in
        CIDR.covering(Interval(first, end - 1), family: family)
      }
    case .ipv6:
      [
        CIDR(IPAddress(.ipv6, bits: 0x2000 << 112), prefixLength: 3),
        CIDR(IPAddress(.ipv6, bits: 0xfc00 << 112), prefixLength: 7),
      ]
    }
  }

  /// Addresses that the same blocks of policies contain.
  public struct Stretch: Sendable {
    /// The family of all of them.
    public let family: IPFamily
    /// Disjoint intervals, the largest first.
    public fileprivate(set) var intervals: [Interval<UInt128>]
    /// The number of blocks that contain them.
    public let containing: Int

    /// The same as blocks.
    public var blocks: [CIDR] { intervals.flatMap { CIDR.covering($0, family: family) }.sorted() }

    /// Up to so many addresses that are not taken, ascending within each interval.
    public func addresses(_ count: Int, taken: Set<IPAddress>) -> [IPAddress] {
      var result: [IPAddress] = []
      for interval in intervals {
        var bits = interval.lower
        while result.count < count {
          let address = IPAddress(family, bits: bits)
          if !taken.contains(address) { result.append(address) }
          if bits == interval.upper { break }
          bits += 1
        }
        if result.count == count { break }
      }
      return result
    }

    fileprivate func contains(_ address: IPAddress) -> Bool {
      address.family == family && intervals.contains { $0.contains(address.bits) }
    }
  }

  private struct Key: Hashable {
    let family: IPFamily
    let sum: UInt128
  }

  /// The weight of the blocks that begin or end at an address.
  private struct Step {
    let at: UInt128
    let weight: UInt128
    let count: Int
  }

  /// The stretches that some blocks distinguish, in the order of their first addresses.
  ///
  /// - Parameter policyBlocks: blocks with their excepts.
  /// - Returns: the stretches, each of one family.
  /// - Complexity: O(n log n) in the number of blocks.
  public func stretches(_ policyBlocks: some Sequence<IPBlock>) -> [Stretch] {
    var steps: [IPFamily: [Step]] = [:]
    for (ordinal, block) in Set(policyBlocks).enumerated() {
      let weight = HashWeight.of(UInt64(ordinal))
      let addresses = IntervalSet(block.cidr.interval).subtracting(IntervalSet(block.except.map(\.interval)))
      for interval in addresses.intervals {
        steps[block.cidr.family, default: []].append(Step(at: interval.lower, weight: weight, count: 1))
        if interval.upper < block.cidr.family.maximum {
          steps[block.cidr.family, default: []].append(
            Step(at: interval.upper + 1, weight: 0 &- weight, count: -1))
        }
      }
    }
    var order: [Key] = []
    var found: [Key: Stretch] = [:]
    for family in IPFamily.allCases {
      let ascending = (steps[family] ?? []).sorted { $0.at < $1.at }
      for range in IntervalSet(blocks.filter { $0.family == family }.map(\.interval)).intervals {
        var (sum, count, start) = (UInt128(0), 0, range.lower)
        func close(_ upper: UInt128) {
          let key = Key(family: family, sum: sum)
          if found[key] == nil {
            order.append(key)
            found[key] = Stretch(family: family, intervals: [], containing: count)
          }
          found[key]?.intervals.append(Interval(start, upper))
        }
        for step in ascending {
          if step.at > range.upper { break }
          if step.at > start {
            close(step.at - 1)
            start = step.at
          }
          sum &+= step.weight
          count += step.count
        }
        close(range.upper)
      }
    }
    return order.compactMap { key in
      guard var stretch = found[key] else { return nil }
      stretch.intervals.sort { ($1.upper - $1.lower, $0.lower) < ($0.upper - $0.lower, $1.lower) }
      return stretch
    }
  }

  /// The blocks of the addresses that the same blocks of policies contain as an address; itself where none is known.
  public func blocks(like address: IPAddress, _ policyBlocks: some Sequence<IPBlock>) -> [CIDR] {
    stretches(policyBlocks).first { $0.contains(address) }?.blocks
      ?? [CIDR(address, prefixLength: address.family.bitWidth)]
  }
}

extension Cluster {
  /// Every block of addresses that policies name, each once.
  public var policyBlocks: Set<IPBlock> {
    var blocks: Set<IPBlock> = []
    for policy in policies {
      for peer in ((policy.ingress ?? []) + (policy.egress ?? [])).lazy.flatMap(\.peers.entries) {
        if case .ipBlock(let block) = peer.kind { blocks.insert(block) }
      }
    }
    return blocks
  }
}
