import Addresses
import PolicyModel
import Reachability

/// The traffic that each class may send to and receive from each class address: every diagram is walked once,
/// along the addresses.
struct ClassAddressAnswers {
  /// For each class the place in `lists` of a direction and family, or -1 for everything.
  private let ingress: (four: [Int], six: [Int])
  private let egress: (four: [Int], six: [Int])
  /// For each diagram what it says of each classAddress of its family.
  private let lists: [[TrafficID]]

  /// Collects the data of a matrix.
  /// - Parameters:
  ///   - specification: the revision.
  ///   - pods: the pod that stands for each class, as an index of `Cluster.pods`.
  ///   - classAddresses: the classAddresses of all classes.
  /// - Complexity: O(diagrams · classAddresses + intervals of all diagrams).
  init(_ specification: Specification, _ pods: [Int], _ classAddresses: [ConnectivityMatrix.ClassAddress]) {
    var known: [Diagram: Int] = [:]
    var lists: [[TrafficID]] = []
    let sorted = IPFamily.allCases.map { family in
      classAddresses.filter { $0.address.family == family }.sorted { $0.address < $1.address }
    }
    func places(_ direction: Direction, _ family: IPFamily) -> [Int] {
      pods.map { pod in
        let profile = specification.profile(ofPod: pod, direction)
        guard profile.isSelected else { return -1 }
        let diagram = profile.allowed(family)
        if let place = known[diagram] { return place }
        known[diagram] = lists.count
        let own = sorted[family == .ipv4 ? 0 : 1]
        lists.append(Self.answers(specification.store, diagram, own, count: classAddresses.count))
        return lists.count - 1
      }
    }
    ingress = (places(.ingress, .ipv4), places(.ingress, .ipv6))
    egress = (places(.egress, .ipv4), places(.egress, .ipv6))
    self.lists = lists
  }

  /// The diagram's traffic at each of some ascending classAddresses, by the classAddresses' places.
  private static func answers(
    _ store: DiagramStore, _ diagram: Diagram, _ classAddresses: [ConnectivityMatrix.ClassAddress], count: Int
  ) -> [TrafficID] {
    var result = Array(repeating: TrafficID.nothing, count: count)
    var next = 0
    store.forEachInterval(of: diagram) { addresses, traffic in
      while next < classAddresses.count, classAddresses[next].address.bits <= addresses.upper {
        result[classAddresses[next].place] = traffic
        next += 1
      }
      return next < classAddresses.count
    }
    return result
  }

  /// The traffic that a class may send to a class address.
  func sent(_ sender: Int, _ classAddress: ConnectivityMatrix.ClassAddress) -> TrafficID {
    answer(classAddress.address.family == .ipv4 ? egress.four[sender] : egress.six[sender], classAddress)
  }

  /// The traffic that a class may receive from a class address.
  func received(_ receiver: Int, _ classAddress: ConnectivityMatrix.ClassAddress) -> TrafficID {
    answer(
      classAddress.address.family == .ipv4 ? ingress.four[receiver] : ingress.six[receiver], classAddress)
  }

  private func answer(_ list: Int, _ classAddress: ConnectivityMatrix.ClassAddress) -> TrafficID {
    list < 0 ? .everything : lists[list][classAddress.place]
  }
}
