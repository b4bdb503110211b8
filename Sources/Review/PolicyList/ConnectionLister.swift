import Addresses
import Connectivity
public import PolicyModel
import Reachability
import Wording

/// Works out the list of a cluster's connections.
public struct ConnectionLister {
  /// The cluster that is looked at, with placeholders, to which indices of pods refer.
  public let cluster: Cluster

  /// Prepares a cluster. Workloads and pods without an address get placeholder addresses.
  public init(_ cluster: Cluster) { self.cluster = PlacedClusters([cluster]).clusters[0] }

  /// The list of what is allowed, grouped by equal reach.
  ///
  /// - Parameters:
  ///   - from: the senders that are meant; nil: all, addresses outside too.
  ///   - to: the receivers that are meant; nil: all, addresses outside too.
  ///   - exposure: true to add the traffic with pods to come.
  /// - Returns: every connection from one of `from` to one of `to`, grouped.
  /// - Complexity: linear in the classes of pods that isolated classes allow anything with, and in the intervals of all
  ///   diagrams.
  public func list(
    from: EndpointFilter? = nil, to: EndpointFilter? = nil, exposure: Bool = false
  ) -> ConnectionList {
    let matrix = ConnectivityMatrix([cluster], node: nil, limit: 0)
    let table = ReachTable(matrix)
    var builder = ListBuilder(cluster, matrix, from: from, to: to)
    for line in PairReach(matrix, table).lines() {
      for part in line.traffic.parts {
        builder.add(
          line.senders.groups, line.receivers.groups, part.traffic, part.family,
          dependsOnAddress: line.traffic.dependsOnAddress)
      }
    }
    for line in OutsideReach(matrix).lines() { builder.add(line) }
    if exposure { builder.add(ExposureFinder(matrix).lines()) }
    return builder.finished()
  }
}

/// Collects lines of classes as endpoints and connections, limited to what is asked for.
private struct ListBuilder {
  private let matrix: ConnectivityMatrix
  private var list: ConnectionList
  private let filters: (from: EndpointFilter?, to: EndpointFilter?)
  /// For each class its parts: the pods that no filter parts.
  private var partsOfClass: [[Int]] = []
  /// For each part whether the filters have it.
  private var isSender: [Bool] = []
  private var isReceiver: [Bool] = []
  private var places: [ConnectionList.Members: Int] = [:]
  private let words: EndpointWords

  init(
    _ cluster: Cluster, _ matrix: ConnectivityMatrix, from: EndpointFilter?, to: EndpointFilter?
  ) {
    self.matrix = matrix
    list = ConnectionList(cluster)
    filters = (from, to)
    words = EndpointWords(cluster)
    for members in matrix.classes {
      var parts: [Int: [Int]] = [:]
      for member in members {
        let pod = matrix.common.pod(member, side: 0)
        let key =
          (from.map { $0.pods.contains(pod) } ?? true ? 1 : 0)
          + (to.map { $0.pods.contains(pod) } ?? true ? 2 : 0)
        parts[key, default: []].append(pod)
      }
      var own: [Int] = []
      for (key, pods) in parts.sorted(by: { $0.value[0] < $1.value[0] }) {
        own.append(list.groups.count)
        list.groups.append(ConnectionList.Group(pods: pods))
        isSender.append(key & 1 != 0)
        isReceiver.append(key & 2 != 0)
      }
      partsOfClass.append(own)
    }
  }

  mutating func add(
    _ senders: [Int], _ receivers: [Int], _ traffic: TrafficID, _ family: IPFamily?, dependsOnAddress: Bool
  ) {
    let from = senders.flatMap { partsOfClass[$0] }.filter { isSender[$0] }
    let to = receivers.flatMap { partsOfClass[$0] }.filter { isReceiver[$0] }
    if from.isEmpty || to.isEmpty { return }
    // A pod and itself, of a class that was parted.
    if from == to, from.count == 1, case let pods = list.groups[from[0]].pods, pods.count == 1,
      !list.cluster.pods[pods[0]].isSeveral
    {
      return
    }
    connect(.groups(from), .groups(to), traffic, family, dependsOnAddress: dependsOnAddress)
  }

  mutating func add(_ line: OutsideReach.Line) {
    let isIngress = line.direction == .ingress
    let own = line.groups.groups.flatMap { partsOfClass[$0] }
      .filter { isIngress ? isReceiver[$0] : isSender[$0] }
    let filter = isIngress ? filters.from : filters.to
    let blocks = filter.map { Self.common(line.blocks, $0.blocks) } ?? line.blocks
    if own.isEmpty || blocks.isEmpty { return }
    let (pods, outside) = (ConnectionList.Members.groups(own), ConnectionList.Members.outside(blocks))
    connect(isIngress ? outside : pods, isIngress ? pods : outside, line.traffic, nil)
  }

  /// Adds the traffic with pods to come. It has one end only: a list that is limited to senders has what these may send,
  /// one that is limited to receivers what these may receive.
  mutating func add(_ lines: [ExposureFinder.Line]) {
    var exposures: [Exposure] = []
    for line in lines {
      let isIngress = line.direction == .ingress
      if isIngress ? filters.from != nil && filters.to == nil : filters.to != nil && filters.from == nil {
        continue
      }
      let own = line.groups.groups.flatMap { partsOfClass[$0] }
        .filter { isIngress ? isReceiver[$0] : isSender[$0] }
      if own.isEmpty { continue }
      exposures.append(
        Exposure(
          endpoint: place(of: .groups(own)), direction: line.direction, isIsolated: line.isIsolated,
          peer: line.peer, matchesToday: line.matchesToday, traffic: line.traffic, portNames: line.portNames,
          isAtMost: line.isAtMost))
    }
    list.exposures = exposures
  }

  /// The addresses that two lists of blocks share: of two blocks that meet, one holds the other.
  private static func common(_ left: [CIDR], _ right: [CIDR]) -> [CIDR] {
    left.flatMap { one in
      right.compactMap { other in
        one == other || other.isStrictSubset(of: one) ? other : one.isStrictSubset(of: other) ? one : nil
      }
    }
  }

  private mutating func connect(
    _ from: ConnectionList.Members, _ to: ConnectionList.Members, _ traffic: TrafficID,
    _ family: IPFamily?, dependsOnAddress: Bool = false
  ) {
    list.connections.append(
      ConnectionList.Connection(
        from: place(of: from), to: place(of: to), traffic: matrix.sides[0].store.traffic(traffic),
        family: family, dependsOnAddress: dependsOnAddress))
  }

  private mutating func place(of members: ConnectionList.Members) -> Int {
    if let known = places[members] { return known }
    places[members] = list.endpoints.count
    switch members {
    case .groups(let groups):
      let pods = groups.map { list.groups[$0].pods }
      list.endpoints.append(
        ConnectionList.Endpoint(
          members: members, podCount: pods.reduce(0) { $0 + $1.count }, description: words.describe(pods)))
    case .outside(let blocks):
      list.endpoints.append(
        ConnectionList.Endpoint(members: members, podCount: 0, description: EndpointWords.describe(blocks)))
    }
    return list.endpoints.count - 1
  }

  /// The list with endpoints and connections in the order of a report.
  func finished() -> ConnectionList {
    var result = list
    let order = list.endpoints.indices.sorted { list.endpoints[$0].precedes(list.endpoints[$1]) }
    var place = Array(repeating: 0, count: order.count)
    for (new, old) in order.enumerated() { place[old] = new }
    result.endpoints = order.map { list.endpoints[$0] }
    let keyed = list.connections.map { connection in
      (
        words: connection.traffic.words,
        connection: ConnectionList.Connection(
          from: place[connection.from], to: place[connection.to], traffic: connection.traffic,
          family: connection.family, dependsOnAddress: connection.dependsOnAddress)
      )
    }
    result.connections = keyed.sorted { left, right in
      let (one, other) = (left.connection, right.connection)
      return (one.from, one.to, left.words, Int(one.family?.rawValue ?? 0))
        < (other.from, other.to, right.words, Int(other.family?.rawValue ?? 0))
    }.map(\.connection)
    result.exposures = list.exposures.map { exposures in
      exposures.map { $0.moved(to: place[$0.endpoint]) }.sorted(by: Exposure.inReportOrder)
    }
    return result
  }
}

extension ConnectionList.Endpoint {
  /// Pods before addresses; then by the first group, the number of groups, and the words.
  fileprivate func precedes(_ other: Self) -> Bool {
    switch (members, other.members) {
    case (.groups, .outside): return true
    case (.outside, .groups): return false
    case (.groups(let own), .groups(let others)):
      if own[0] != others[0] { return own[0] < others[0] }
      return own.count == others.count ? own.lexicographicallyPrecedes(others) : own.count < others.count
    case (.outside(let own), .outside(let others)):
      return own.lexicographicallyPrecedes(others)
    }
  }
}
