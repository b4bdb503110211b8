import Addresses
public import PolicyModel
import PolicyTrace
import Reachability

/// The nodes that pods run on, and the sources that pods write into their packets.
extension Explainer {
  /// Ends in which an address of a node, whose own pods are at the other end, stands for itself: between a node and its pods
  /// other rules hold than for the addresses beside it.
  func parted(_ ends: [End], towards others: [End]) -> [End] {
    guard ends.contains(where: { !$0.blocks.isEmpty }) else { return ends }
    let own = others.compactMap(\.pod).reduce(into: Set<IPAddress>()) {
      $0.formUnion(nodes.ofNode(of: cluster.pods[$1]))
    }
    return ends.flatMap { end -> [End] in
      let inside = own.filter { address in end.blocks.contains { $0.contains(address) } }.sorted()
      guard let family = inside.first?.family else { return [end] }
      let taken = IntervalSet(inside.map { Interval($0.bits) })
      let rest = IntervalSet(end.blocks.map(\.interval)).subtracting(taken).intervals
      let blocks = rest.flatMap { CIDR.covering($0, family: family) }
      let other = rest.lazy.compactMap { firstOutside($0.lower, $0.upper, family) }.first
      let beside = other.map {
        End(pod: nil, name: "\($0)", addresses: [$0], isPlaceholder: false, blocks: blocks)
      }
      return [beside].compactMap { $0 }
        + inside.map {
          End(
            pod: nil, name: "\($0)", addresses: [$0], isPlaceholder: false,
            blocks: [CIDR($0, prefixLength: family.bitWidth)])
        }
    }
  }

  /// The addresses of nodes among ends outside.
  func outsideNodes(_ ends: [End]) -> Set<IPAddress> {
    Set(ends.filter { $0.pod == nil }.flatMap(\.addresses).filter { nodes.node(at: $0) != nil })
  }

  /// The traffic that a pod reaches besides where it writes another source into its packets than its address.
  ///
  /// - Parameters:
  ///   - answer: an explanation of this cluster.
  ///   - check: the check of sources on every node.
  /// - Returns: the answer; nil where the sender is no pod, or everything that was asked about is allowed anyway.
  /// - Complexity: O(intervals of the receiver's diagram + pods).
  public func forgery(_ answer: Explanation, _ check: EnforcementModes.SourceCheck) -> ForgedSource? {
    guard let sender = answer.sourcePod else { return nil }
    let store = specification.store
    let asked =
      answer.traffic.map { traffic in
        store.intern(
          TrafficSet(
            traffic.transport,
            IPProtocol(traffic.transport).hasPorts ? PortSet(Interval(traffic.port)) : .everything))
      } ?? .everything
    let denied = store.difference(asked, store.intern(answer.allowed))
    guard !store.traffic(denied).isEmpty else { return nil }
    // Where only the tiers of ClusterNetworkPolicy hold towards the node, sources are not looked at there.
    let isUnchecked = if case .toNodeByClusterTiers = answer.nodeTraffic { true } else { false }
    let packet = specification.forgedPacket(
      from: sender, to: answer.destinationPod, at: answer.destinationExample, denied,
      SourceClaims(isUnchecked ? .off : check))
    return ForgedSource(
      check: check,
      passing: packet.map { packet in
        ForgedSource.Passing(
          address: packet.source, owner: packet.owner.map { cluster.pods[$0].endpointName },
          traffic: store.traffic(packet.traffic))
      })
  }
}
