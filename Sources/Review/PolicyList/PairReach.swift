import Addresses
import Connectivity
import PolicyModel
import Reachability

/// The traffic between classes, grouped by what is equal: no pair of pods, and no pair of classes, is kept by itself.
struct PairReach {
  /// Senders, receivers, and what each of the former may send to each of the latter.
  struct Line: Hashable {
    let senders: GroupSet
    let receivers: GroupSet
    let traffic: PairTraffic
  }

  private let matrix: ConnectivityMatrix
  private let table: ReachTable
  private let store: DiagramStore
  /// The families and placeholders of each class, as a small number.
  private let shape: [Int]
  private var shapes: [[ConnectivityMatrix.ClassAddress]] = []

  /// Prepares a matrix of one revision, whose cells are not needed.
  init(_ matrix: ConnectivityMatrix, _ table: ReachTable) {
    self.matrix = matrix
    self.table = table
    store = matrix.sides[0].store
    var known: [[Int]: Int] = [:]
    var shapes: [[ConnectivityMatrix.ClassAddress]] = []
    shape = matrix.classAddresses.map { addresses in
      let key = addresses.map { ($0.address.family == .ipv4 ? 0 : 1) + ($0.isPlaceholder ? 2 : 0) }.sorted()
      if let place = known[key] { return place }
      known[key] = shapes.count
      shapes.append(addresses)
      return shapes.count - 1
    }
    self.shapes = shapes
  }

  /// Every line, in no order. Linear in the classes that isolated classes allow anything with.
  func lines() -> [Line] {
    (betweenOpen() + ofIsolatedReceivers() + ofIsolatedSenders())
      .filter { line in
        // A pod and itself.
        guard line.senders == line.receivers, line.senders.groups.count == 1 else { return true }
        return !matrix.isOnePod(line.senders.groups[0])
      }
  }

  /// The families in which two classes can have a connection, with the addresses by which each knows the other.
  private func addressPairs(
    _ from: [ConnectivityMatrix.ClassAddress], _ to: [ConnectivityMatrix.ClassAddress],
    _ body: (ConnectivityMatrix.ClassAddress, ConnectivityMatrix.ClassAddress, IPFamily) -> Void
  ) {
    for source in from {
      for destination in to
      where source.address.family == destination.address.family {
        body(source, destination, source.address.family)
      }
    }
  }

  private func traffic(_ sender: Int, _ receiver: Int) -> PairTraffic {
    var result = PairTraffic()
    let (egress, ingress) = (table.egress[sender], table.ingress[receiver])
    addressPairs(matrix.classAddresses[sender], matrix.classAddresses[receiver]) {
      source, destination, family in
      let sent = table.traffic(
        egress.list(destination.address.family), at: table.rankOfPlace[destination.place])
      let received = table.traffic(
        ingress.list(source.address.family), at: table.rankOfPlace[source.place])
      result.add(meet(sent, received), family, store)
    }
    return result
  }

  private func meet(_ left: TrafficID, _ right: TrafficID) -> TrafficID {
    if left == right || right == .everything { return left }
    if left == .everything { return right }
    return left == .nothing || right == .nothing ? .nothing : store.intersection(left, right)
  }

  /// From senders that nothing keeps in to receivers that nothing keeps out.
  private func betweenOpen() -> [Line] {
    func byShape(_ profiles: [ReachTable.Profile]) -> [Int: [Int]] {
      Dictionary(grouping: profiles.indices.filter { profiles[$0].isOpen }) { shape[$0] }
    }
    let (senders, receivers) = (byShape(table.egress), byShape(table.ingress))
    var sendersOf: [GroupSet: [Int]] = [:]
    for (sender, members) in senders {
      let reached = receivers.filter { receiver, _ in
        var isReached = false
        addressPairs(shapes[sender], shapes[receiver]) { _, _, _ in isReached = true }
        return isReached
      }.flatMap(\.value).sorted()
      if !reached.isEmpty { sendersOf[GroupSet(ascending: reached), default: []] += members }
    }
    return sendersOf.map {
      Line(senders: GroupSet(ascending: $1.sorted()), receivers: $0, traffic: .everything)
    }
  }

  // MARK: Receivers that are isolated

  private struct ReceiverKind: Hashable {
    let profile: ReachTable.Profile
    let shape: Int
    /// The sum of weights of what each profile of a sender says of the receiver.
    let said: UInt128
  }

  private func ofIsolatedReceivers() -> [Line] {
    let said = said()
    var members: [ReceiverKind: [Int]] = [:]
    for receiver in table.ingress.indices where !table.ingress[receiver].isOpen {
      let kind = ReceiverKind(
        profile: table.ingress[receiver], shape: shape[receiver], said: said[receiver])
      members[kind, default: []].append(receiver)
    }
    var candidates: [ReachTable.Profile: [Int]] = [:]
    var receiversOf: [SideKey: [Int]] = [:]
    for (kind, receivers) in members {
      let senders = candidates[kind.profile] ?? table.groups(kind.profile)
      candidates[kind.profile] = senders
      for (traffic, senders) in byTraffic(senders, { self.traffic($0, receivers[0]) }) {
        receiversOf[SideKey(side: GroupSet(ascending: senders), traffic: traffic), default: []] += receivers
      }
    }
    return receiversOf.map {
      Line(senders: $0.side, receivers: GroupSet(ascending: $1.sorted()), traffic: $0.traffic)
    }
  }

  private struct SideKey: Hashable {
    let side: GroupSet
    let traffic: PairTraffic
  }

  private func byTraffic(_ classes: [Int], _ traffic: (Int) -> PairTraffic) -> [PairTraffic: [Int]] {
    var result: [PairTraffic: [Int]] = [:]
    for one in classes {
      let allowed = traffic(one)
      if !allowed.isNothing { result[allowed.uniform, default: []].append(one) }
    }
    return result
  }

  /// For each class a number that says what all isolated senders may send to it: equal numbers are equal answers, but for
  /// a chance of about 2⁻¹²⁸.
  private func said() -> [UInt128] {
    var result = Array(repeating: UInt128(0), count: table.ingress.count)
    var ordinals: [TrafficID: UInt64] = [:]
    for (number, profile) in Set(table.egress.filter { !$0.isOpen }).enumerated() {
      table.forEach(profile) { rank, traffic in
        let ordinal = ordinals[traffic] ?? UInt64(ordinals.count)
        ordinals[traffic] = ordinal
        let isIPv6 = table.ranks.ipv6.contains(rank)
        result[table.groupOfRank[rank]] &+= HashWeight.of(
          UInt64(number) << 32 | ordinal << 1 | (isIPv6 ? 1 : 0))
      }
    }
    return result
  }

  // MARK: Senders that are isolated, and receivers that are not

  private func ofIsolatedSenders() -> [Line] {
    struct Kind: Hashable {
      let profile: ReachTable.Profile
      let shape: Int
    }
    let senders = table.egress.indices.filter { !table.egress[$0].isOpen }
    var sendersOf: [SideKey: [Int]] = [:]
    for (kind, members) in Dictionary(
      grouping: senders, by: { Kind(profile: table.egress[$0], shape: shape[$0]) })
    {
      let receivers = table.groups(kind.profile).filter { table.ingress[$0].isOpen }
      for (traffic, receivers) in byTraffic(receivers, { self.traffic(members[0], $0) }) {
        sendersOf[SideKey(side: GroupSet(ascending: receivers), traffic: traffic), default: []] += members
      }
    }
    return sendersOf.map {
      Line(senders: GroupSet(ascending: $1.sorted()), receivers: $0.side, traffic: $0.traffic)
    }
  }
}
