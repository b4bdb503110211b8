import Addresses
import PolicyModel
import Reachability

/// The pods of a cluster in classes that no policy can tell apart, as subjects or as peers.
struct EndpointPartition {
  /// The pods of each class, as ascending indices of `Cluster.pods`; by namespace and first pod.
  let classes: [[Int]]

  /// What parts pods: the namespace, what they are allowed as subjects, and what every diagram says of each of their
  /// addresses.
  private struct Key: Hashable {
    let namespace: String
    let subjectClass: Int
    let isStandIn: Bool
    let addresses: [Mark]
  }

  private struct Mark: Hashable {
    let family: IPFamily
    let sum: UInt128
  }

  /// Sorts the pods.
  ///
  /// What all diagrams together say of an address is one number, the sum of a random-looking 128-bit number for each
  /// pair of a diagram and its traffic there: kept as differences between neighbouring addresses, so that a diagram
  /// costs as much as it has intervals, however many pods lie in them. Two different answers have the same sum with a
  /// probability of about 2⁻¹²⁸.
  ///
  /// - Complexity: O(intervals of all diagrams · log pods + pods · log pods).
  init(_ specification: Specification, _ common: CommonPods) {
    var steps = Array(repeating: UInt128(0), count: common.endpoints.count + 1)
    var diagrams: Set<Diagram> = []
    var ordinals: [TrafficID: UInt64] = [:]
    for subjects in specification.classes {
      for profile in [subjects.ingress, subjects.egress] where profile.isIsolated {
        for family in IPFamily.allCases {
          let diagram = profile.allowed(family)
          guard diagrams.insert(diagram).inserted else { continue }
          let place = UInt64(diagrams.count)
          specification.store.forEachInterval(of: diagram) { addresses, traffic in
            if traffic == .nothing { return true }
            let range = common.range(of: addresses, family)
            if range.isEmpty { return true }
            let ordinal = ordinals[traffic] ?? UInt64(ordinals.count)
            ordinals[traffic] = ordinal
            let weight = Self.scattered(place << 32 ^ ordinal)
            steps[range.lowerBound] &+= weight
            steps[range.upperBound] &-= weight
            return true
          }
        }
      }
    }
    let pods = specification.cluster.pods
    var marks = Array(repeating: [Mark](), count: pods.count)
    var sum: UInt128 = 0
    for (index, endpoint) in common.endpoints.enumerated() {
      sum &+= steps[index]
      marks[endpoint.pod].append(Mark(family: endpoint.address.family, sum: sum))
    }
    var members: [Key: [Int]] = [:]
    for index in pods.indices {
      let key = Key(
        namespace: pods[index].namespace, subjectClass: specification.classIndex(ofPod: index) ?? -1,
        isStandIn: pods[index].isStandIn,
        addresses: marks[index])
      members[key, default: []].append(index)
    }
    // Pods are ascending by namespace and name, so the first pod of each class is enough.
    classes = members.values.sorted { ($0.first ?? 0) < ($1.first ?? 0) }
  }

  /// A number of 128 bits that looks random, the same for the same number always: two rounds of SplitMix64's
  /// finalizer (Steele, Lea, Flood 2014) over two different starts.
  private static func scattered(_ number: UInt64) -> UInt128 {
    func mixed(_ start: UInt64) -> UInt64 {
      var word = start
      word = (word ^ word >> 30) &* 0xbf58_476d_1ce4_e5b9
      word = (word ^ word >> 27) &* 0x94d0_49bb_1331_11eb
      return word ^ word >> 31
    }
    let high = mixed(number &+ 0x9e37_79b9_7f4a_7c15)
    let low = mixed(high ^ mixed(number &+ 0x3c6e_f372_fe94_f82a))
    return UInt128(high) << 64 | UInt128(low)
  }
}
