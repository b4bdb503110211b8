import Addresses
public import PolicyModel
import Ruleset
public import Verification

/// A reason why the packet of a counterexample cannot be sent through network namespaces made for it.
public enum ReplayObstacle: Sendable, Hashable {
  /// The packet belongs to a connection that exists, and only first packets can be sent.
  case notFirstPacket
  /// In audit mode both verdicts let the packet pass, so its arrival shows nothing.
  case audit
  /// The protocol's packet cannot be made: an ICMP message other than an echo request.
  case unsupportedMessage
  /// Neither end is a pod of the inventory.
  case noPod
  /// The packet has a hop limit that no router leaves it, or a source of the link: only a bridge brings it to the forward
  /// hook.
  case notRouted
  /// The packet comes by an interface that the namespaces made for it do not have.
  case arrival

  /// The obstacle of a counterexample; nil where its packet can be sent.
  ///
  /// - Parameters:
  ///   - counterexample: the counterexample.
  ///   - modes: the modes that the table was held against.
  public init?(_ counterexample: Counterexample, _ modes: EnforcementModes) {
    let packet = counterexample.packet
    let icmpType = packet.firstBytes >> 8
    if packet.state != .new {
      self = .notFirstPacket
    } else if modes.isAudit, counterexample.requirement != .audit {
      self = .audit
    } else if packet.transport == 1 && icmpType != 8
      || packet.transport == 58 && icmpType != 128 && !(130...143).contains(icmpType)
    {
      self = .unsupportedMessage
    } else if counterexample.sourcePod == nil, counterexample.destinationPod == nil {
      self = .noPod
    } else if packet.family == .ipv6, packet.path == .forwarded,
      packet.hopLimit == 0 || packet.hopLimit == 255 || packet.source.bits >> 118 == 0xfe80 >> 6
    {
      self = .notRouted
    } else if packet.arrival != Arrival() {
      self = .arrival
    } else {
      return nil
    }
  }
}
