public import Addresses
public import Connectivity
import Reachability
import Wording

/// Connections between two groups of ends whose allowed traffic changes, alike for every pair.
///
/// A pod always reaches itself: where a pod is in both groups, the pair of it with itself is not meant. A workload stands for
/// several pods, so that there two of these are.
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
  /// True where it holds for some of the addresses that a pod without one may get, and not for all.
  public var dependsOnAddress = false
  /// The names of ports that numbers in it stand for: of future pods no number is known.
  public var portNames: [String] = []

  /// The direction of the change.
  public var kind: Kind {
    if after.subtracting(before).isEmpty { return .narrowed }
    return before.subtracting(after).isEmpty ? .widened : .changed
  }

  /// ` (IPv4)` for a change of one family's addresses; empty for one of both.
  public var familyWords: String {
    families.count == 1 ? (families == [.ipv4] ? " (IPv4)" : " (IPv6)") : ""
  }

  /// `SENDER → RECEIVER: before, now after`, as every format says it.
  public var words: String {
    "\(source.description) → \(destination.description)\(familyWords): \(before.words), now \(after.words)"
      + remarks
  }

  /// Remarks about ports and addresses, in brackets; empty where there are none.
  public var remarks: String {
    (portNames.isEmpty ? "" : " (\(portNames.joined(separator: ", ")))")
      + (dependsOnAddress ? " (depends on its address: name the block with --pod-cidr)" : "")
  }
}
