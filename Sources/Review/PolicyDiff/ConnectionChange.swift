public import Addresses
public import Connectivity
import Reachability

/// Connections between two groups of ends whose allowed traffic changes, alike for every pair.
///
/// A pod always reaches itself: where a pod is in both groups, the pair of it with itself is not meant.
public struct ConnectionChange: Sendable, Hashable {
  /// The direction of the change.
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    /// More is allowed, and nothing less.
    case widened
    /// Less is allowed, and nothing more.
    case narrowed
    /// Some is allowed that was not, and some is not that was.
    case changed
  }

  /// The senders of the connections.
  public let source: EndpointGroup
  /// The receivers of the connections.
  public let destination: EndpointGroup
  /// The families of the addresses between which it holds.
  public let families: [IPFamily]
  /// The traffic allowed before.
  public let before: TrafficSet
  /// The traffic allowed after.
  public let after: TrafficSet
  /// A packet whose verdict changes.
  public var witness: PacketWitness

  /// The direction of the change.
  public var kind: Kind {
    if after.subtracting(before).isEmpty { return .narrowed }
    return before.subtracting(after).isEmpty ? .widened : .changed
  }
}
