public import Addresses
public import PolicyModel
public import Ruleset

/// The parts of a table that depend on policies and pods. Chains and maps are those of the plain modes: the layout makes
/// of them what its modes ask for.
public struct TableContents: Sendable, Equatable {
  /// The pairs of addresses that belong to one isolated pod, source before destination, ascending.
  public var ownAddresses: [IPFamily: [ElementKey]] = [:]
  /// The chain of each isolated address, ascending by address.
  public var verdicts: [Direction: [IPFamily: [VerdictElement]]] = [:]
  /// The chain of each address by the tiers of ClusterNetworkPolicy alone, ascending by address; nil where there is no such
  /// tier. They decide about what pods send to their own node and to themselves.
  public var clusterTierVerdicts: [Direction: [IPFamily: [VerdictElement]]]?
  /// The addresses of all pods of the inventory that are in the blocks of unknown pods, ascending; empty in modes that
  /// leave unknown pods open.
  public var knownPods: [IPFamily: [ElementKey]] = [:]
  /// The addresses of this node's pods whose packets are checked for the interface that they come by, ascending; empty in
  /// modes that check none.
  public var localPods: [IPFamily: [ElementKey]] = [:]
  /// The sets of peers and ports, ascending by name.
  public var sets: [NamedSet] = []
  /// The maps of classes with many rules, ascending by name.
  public var maps: [VerdictMap] = []
  /// The chains of classes, ascending by name.
  public var chains: [Chain] = []

  /// The directions in the order in which a packet meets them.
  static let directions = [Direction.egress, .ingress]

  /// Contents of no policy.
  public init() {}

  /// Notes each pod's addresses as its own, unsorted.
  public mutating func addOwnAddresses(of addresses: [IPAddress]) {
    for source in addresses {
      for destination in addresses where destination.family == source.family {
        ownAddresses[source.family, default: []].append(
          .concatenation([Interval(source.bits), Interval(destination.bits)]))
      }
    }
  }

  /// Sends addresses of isolated pods to a chain in a direction, unsorted.
  public mutating func send(_ addresses: [IPAddress], _ direction: Direction, to chain: String) {
    for address in addresses {
      verdicts[direction, default: [:]][address.family, default: []].append(
        VerdictElement(ElementKey(address.bits), .jump(chain)))
    }
  }

  /// Sends addresses to a chain of ClusterNetworkPolicy's tiers in a direction, unsorted.
  public mutating func sendByClusterTiers(
    _ addresses: [IPAddress], _ direction: Direction, to chain: String
  ) {
    for address in addresses {
      clusterTierVerdicts?[direction, default: [:]][address.family, default: []].append(
        VerdictElement(ElementKey(address.bits), .jump(chain)))
    }
  }

  /// True where the tiers of ClusterNetworkPolicy say anything about what pods send.
  var asksClusterTiersForEgress: Bool { clusterTierVerdicts?[.egress]?.isEmpty == false }

  /// Puts own addresses and verdicts in order. O(n log n).
  public mutating func sortElements() {
    ownAddresses = ownAddresses.mapValues { $0.sorted() }
    verdicts = verdicts.mapValues { $0.mapValues { $0.sorted { $0.key < $1.key } } }
    clusterTierVerdicts = clusterTierVerdicts?.mapValues {
      $0.mapValues { $0.sorted { $0.key < $1.key } }
    }
  }
}
