import Addresses
import Reachability

/// The traffic allowed between two classes, by the families that both have.
struct PairTraffic: Hashable {
  /// Nil where the two have no address of the family in common.
  private(set) var ipv4: TrafficID?
  private(set) var ipv6: TrafficID?
  /// True where a pod without an address may get one with which less is allowed.
  private(set) var dependsOnAddress = false

  /// Everything, in whatever families there are.
  static let everything = PairTraffic(ipv4: .everything, ipv6: .everything)

  /// Adds traffic of a family.
  mutating func add(_ traffic: TrafficID, _ family: IPFamily, _ store: DiagramStore) {
    if let known = family == .ipv4 ? ipv4 : ipv6, known != traffic { dependsOnAddress = true }
    if family == .ipv4 {
      ipv4 = ipv4.map { store.union($0, traffic) } ?? traffic
    } else {
      ipv6 = ipv6.map { store.union($0, traffic) } ?? traffic
    }
  }

  /// The same with what is said of one family said of both, where only one is there: pairs of different families are
  /// alike where their traffic is.
  var uniform: PairTraffic {
    PairTraffic(ipv4: ipv4 ?? ipv6, ipv6: ipv6 ?? ipv4, dependsOnAddress: dependsOnAddress)
  }

  /// True where nothing is allowed.
  var isNothing: Bool { (ipv4 ?? .nothing) == .nothing && (ipv6 ?? .nothing) == .nothing }

  /// The traffic with the family that it is limited to; nil for every family.
  var parts: [(traffic: TrafficID, family: IPFamily?)] {
    if ipv4 == ipv6 || ipv6 == nil { return ipv4.map { [($0, nil)] } ?? [] }
    guard let ipv4 else { return ipv6.map { [($0, nil)] } ?? [] }
    return [(ipv4, .ipv4), (ipv6 ?? .nothing, .ipv6)].filter { $0.0 != .nothing }
  }
}
