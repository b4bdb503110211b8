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
  /// The names of ports behind numbers in `before` and `after` that stand for them: of pods to come no number is known.
  public var portNames: [UInt16: String] = [:]

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
    "\(source.description) → \(destination.description)\(familyWords): \(beforeWords), now \(afterWords)"
      + remarks
  }

  /// The traffic allowed before: `TCP 80`, `TCP "http"` for a port that pods to come have under a name.
  public var beforeWords: String { words(before) }

  /// The traffic allowed after.
  public var afterWords: String { words(after) }

  private func words(_ traffic: TrafficSet) -> String {
    var rest = traffic
    var named: [String] = []
    for transport in traffic.parts.map(\.transport) {
      for (number, name) in portNames.sorted(by: { $0.value < $1.value })
      where traffic.ports(of: transport).intervals.contains(Interval(number)) {
        named.append("\(IPProtocol(transport)) \"\(name)\"")
        rest = rest.subtracting(TrafficSet(transport, PortSet(Interval(number))))
      }
    }
    if named.isEmpty { return traffic.words }
    return ((rest.isEmpty ? [] : [rest.words]) + named).joined(separator: "; ")
  }

  /// A remark about addresses, in brackets; empty where there is none.
  public var remarks: String {
    dependsOnAddress ? " (depends on its address: name the block with --pod-cidr)" : ""
  }
}
