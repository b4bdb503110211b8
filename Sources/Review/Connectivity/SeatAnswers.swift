import Addresses
import PolicyModel
import Reachability

/// The traffic that each class may send to and receive from each class address: every diagram is walked once,
/// along the addresses.
struct SeatAnswers {
  /// For each class the place in `lists` of a direction and family, or -1 for everything.
  private let ingress: (four: [Int], six: [Int])
  private let egress: (four: [Int], six: [Int])
  /// For each diagram what it says of each seat of its family.
  private let lists: [[TrafficID]]

  /// Collects the data of a matrix.
  /// - Parameters:
  ///   - specification: the revision.
  ///   - pods: the pod that stands for each class, as an index of `Cluster.pods`.
  ///   - seats: the seats of all classes.
  /// - Complexity: O(diagrams · seats + intervals of all diagrams).
  init(_ specification: Specification, _ pods: [Int], _ seats: [ConnectivityMatrix.Seat]) {
    var known: [Diagram: Int] = [:]
    var lists: [[TrafficID]] = []
    let sorted = IPFamily.allCases.map { family in
      seats.filter { $0.address.family == family }.sorted { $0.address < $1.address }
    }
    func places(_ direction: Direction, _ family: IPFamily) -> [Int] {
      pods.map { pod in
        let profile = specification.profile(ofPod: pod, direction)
        guard profile.isSelected else { return -1 }
        let diagram = profile.allowed(family)
        if let place = known[diagram] { return place }
        known[diagram] = lists.count
        let own = sorted[family == .ipv4 ? 0 : 1]
        lists.append(Self.answers(specification.store, diagram, own, count: seats.count))
        return lists.count - 1
      }
    }
    ingress = (places(.ingress, .ipv4), places(.ingress, .ipv6))
    egress = (places(.egress, .ipv4), places(.egress, .ipv6))
    self.lists = lists
  }

  /// The diagram's traffic at each of some ascending seats, by the seats' places.
  private static func answers(
    _ store: DiagramStore, _ diagram: Diagram, _ seats: [ConnectivityMatrix.Seat], count: Int
  ) -> [TrafficID] {
    var result = Array(repeating: TrafficID.nothing, count: count)
    var next = 0
    store.forEachInterval(of: diagram) { addresses, traffic in
      while next < seats.count, seats[next].address.bits <= addresses.upper {
        result[seats[next].place] = traffic
        next += 1
      }
      return next < seats.count
    }
    return result
  }

  /// The traffic that a class may send to a class address.
  func sent(_ sender: Int, _ seat: ConnectivityMatrix.Seat) -> TrafficID {
    answer(seat.address.family == .ipv4 ? egress.four[sender] : egress.six[sender], seat)
  }

  /// The traffic that a class may receive from a class address.
  func received(_ receiver: Int, _ seat: ConnectivityMatrix.Seat) -> TrafficID {
    answer(seat.address.family == .ipv4 ? ingress.four[receiver] : ingress.six[receiver], seat)
  }

  private func answer(_ list: Int, _ seat: ConnectivityMatrix.Seat) -> TrafficID {
    list < 0 ? .everything : lists[list][seat.place]
  }
}
