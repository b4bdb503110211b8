public import Addresses
public import Connectivity
import Reachability

/// Connections between two groups of ends whose allowed traffic changes, alike for every pair.
///
/// A pod always reaches itself: where a pod is in both groups, the pair of it with itself is not meant.
public struct ConnectionChange: Sendable, Hashable {
  /// Which way the change goes.
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    /// More is allowed, and nothing less.
    case widened
    /// Less is allowed, and nothing more.
    case narrowed
    /// Some is allowed that was not, and some is not that was.
    case changed
  }

  /// Who sends.
  public let source: EndpointGroup
  /// Who receives.
  public let destination: EndpointGroup
  /// The families of the addresses between which it holds.
  public let families: [IPFamily]
  /// What was allowed.
  public let before: TrafficSet
  /// What is allowed now.
  public let after: TrafficSet
  /// A packet whose verdict changes.
  public var witness: PacketWitness

  /// Which way the change goes.
  public var kind: Kind {
    if after.subtracting(before).isEmpty { return .narrowed }
    return before.subtracting(after).isEmpty ? .widened : .changed
  }
}
