public import Addresses
public import PolicyModel

/// The addresses that a pod can write into its packets as their source although it does not have them, as far as
/// `--source-check` lets such packets pass.
///
/// Policies go by addresses: such a packet is judged as one of the pod that has the address, or of no pod.
public struct SourceClaims: Sendable, Hashable {
  /// The check on the nodes of sender and receiver.
  public let check: EnforcementModes.SourceCheck

  /// Sources under a check on every node.
  public init(_ check: EnforcementModes.SourceCheck) { self.check = check }

  /// True where a pod can use an address of nobody, or of a pod on a node that looks at neither end.
  public var areOpen: Bool { check != .pods }

  /// True where a packet with the address of a pod passes although another pod sent it.
  ///
  /// - Parameters:
  ///   - owner: the node of the pod that has the address; nil: not known.
  ///   - sender: the node of the pod that sends.
  ///   - receiver: the node of the pod that receives; nil: not known, or no pod.
  /// - Returns: whether it passes.
  public func mayBear(addressOn owner: String?, sender: String?, receiver: String?) -> Bool {
    switch check {
    case .off: true
    case .pods: false
    // Each node checks the addresses of its own pods.
    case .local: owner == nil || owner != sender && owner != receiver
    }
  }

  /// True where the egress policies of the pod that has an address hold for such a packet: on the nodes that it crosses, where
  /// the pod is one of theirs; without nodes on each.
  public func meetsEgress(ofPodOn owner: String?, sender: String?, receiver: String?) -> Bool {
    owner == nil || owner == sender || owner == receiver
  }

  /// The addresses that a single host can have: neither this network nor loopback, the link, multicast or reserved ones. The
  /// kernel drops the others, or hands them to nobody.
  public static func usable(_ family: IPFamily) -> IntervalSet<UInt128> {
    switch family {
    case .ipv4:
      IntervalSet([
        Interval(UInt128(0x0100_0000), UInt128(0x7eff_ffff)),
        Interval(UInt128(0x8000_0000), UInt128(0xa9fd_ffff)),
        Interval(UInt128(0xa9ff_0000), UInt128(0xdfff_ffff)),
      ])
    case .ipv6:
      IntervalSet([
        Interval(UInt128(0x2000) << 112, (UInt128(0x4000) << 112) - 1),
        Interval(UInt128(0xfc00) << 112, (UInt128(0xfe00) << 112) - 1),
      ])
    }
  }

  /// An address for examples, which documentation has for itself.
  public static func example(_ family: IPFamily) -> IPAddress {
    IPAddress(family, bits: family == .ipv4 ? 0xc000_0201 : UInt128(0x2001_0db8) << 96 | 1)
  }
}

/// A packet that a pod sends with a source that it does not have, and that policies let pass.
public struct ForgedPacket: Sendable, Hashable {
  /// The source that it bears.
  public let source: IPAddress
  /// The pod that has this address; nil: none.
  public let owner: Int?
  /// All that passes so and that was asked about.
  public let traffic: TrafficID
}

extension Specification {
  /// A packet of a pod that passes with a source that is not the pod's; nil where none does. One with the address of no pod
  /// comes first.
  ///
  /// - Parameters:
  ///   - sender: the pod that sends.
  ///   - receiver: the pod that receives; nil: no pod.
  ///   - destination: the receiver's address.
  ///   - wanted: the traffic that is looked for.
  ///   - claims: the sources that it can use.
  /// - Returns: the packet, and what passes so.
  /// - Complexity: O(intervals of the receiver's diagram + pods in those that allow what is looked for).
  public func forgedPacket(
    from sender: Int, to receiver: Int?, at destination: IPAddress, _ wanted: TrafficID,
    _ claims: SourceClaims
  ) -> ForgedPacket? {
    guard claims.areOpen, wanted != .nothing else { return nil }
    let family = destination.family
    let (own, node) = (cluster.pods[sender].node, receiver.flatMap { cluster.pods[$0].node })
    let received = receiver.map { profile(ofPod: $0, .ingress).allowed(family) } ?? .everything(family)
    var stretches: [(range: Interval<UInt128>, traffic: TrafficID)] = []
    store.forEachInterval(of: received) { interval, allowed in
      let passing = store.intersection(wanted, allowed)
      guard passing != .nothing else { return true }
      for part in SourceClaims.usable(family).intervals {
        if let range = part.intersection(interval) { stretches.append((range, passing)) }
      }
      return true
    }
    let example = SourceClaims.example(family)
    if pod(at: example) == nil, let place = stretches.first(where: { $0.range.contains(example.bits) }) {
      return ForgedPacket(source: example, owner: nil, traffic: place.traffic)
    }
    for (range, traffic) in stretches {
      var bits = range.lower
      while bits < range.upper, pod(at: IPAddress(family, bits: bits)) != nil { bits += 1 }
      let source = IPAddress(family, bits: bits)
      if pod(at: source) == nil { return ForgedPacket(source: source, owner: nil, traffic: traffic) }
    }
    for (range, traffic) in stretches {
      var rest = range
      while let bits = firstPodAddress(in: rest, family) {
        let source = IPAddress(family, bits: bits)
        if let owner = pod(at: source), owner != sender, owner != receiver,
          !cluster.pods[owner].isPlaceholder,
          claims.mayBear(addressOn: cluster.pods[owner].node, sender: own, receiver: node)
        {
          let isAsked = claims.meetsEgress(ofPodOn: cluster.pods[owner].node, sender: own, receiver: node)
          let sent =
            isAsked
            ? store.traffic(of: profile(ofPod: owner, .egress).allowed(family), at: destination.bits)
            : .everything
          let passing = store.intersection(traffic, sent)
          if passing != .nothing { return ForgedPacket(source: source, owner: owner, traffic: passing) }
        }
        guard bits < rest.upper else { break }
        rest = Interval(bits + 1, rest.upper)
      }
    }
    return nil
  }
}
