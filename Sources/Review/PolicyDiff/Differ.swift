import Addresses
import Connectivity
public import PolicyModel
import PolicyTrace
public import Reachability
import Wording

/// Compares two revisions of policies by what they mean.
public struct Differ {
  private var changedPlaces: ChangedPlaces
  private let store: DiagramStore
  private let revisions: RevisionPair
  private let describer: PodDescriber
  private let formerDescriber: PodDescriber
  private let tracers: (old: Tracer, new: Tracer)
  private let names: EndpointNames
  private let node: String?
  private let future: FutureAddresses
  /// The clusters with their examples of addresses; nil where the caller placed them.
  private let placed: PlacedClusters?

  /// Prepares two revisions. Workloads and pods without an address get examples of those that they may get.
  ///
  /// - Parameters:
  ///   - old: policies and inventory before.
  ///   - new: policies and inventory after.
  ///   - node: only the pods of this node are subject to policies; nil: all are.
  public init(_ old: Cluster, _ new: Cluster, node: String? = nil) {
    self.init(PlacedClusters([old.addressed(like: new), new]), node: node)
  }

  /// Where the revisions write what their clusters keep no place of, for the places of changes.
  public var writtenPlaces: WrittenPlaces {
    get { changedPlaces.written }
    set { changedPlaces.written = newValue }
  }

  private init(_ placed: PlacedClusters, node: String?) {
    self.init(
      placed.clusters[0], placed.clusters[1], node: node, in: DiagramStore(), known: nil,
      future: placed.future,
      placed: placed)
  }

  /// Prepares two revisions of which the whole meaning of the old one is known, such as for several new ones. Both have
  /// their placeholder addresses, and the old one's subjects are the pods of the same node.
  public init(_ old: Specification, _ new: Cluster, node: String?) {
    self.init(
      old.cluster, new, node: node, in: old.store, known: old, future: FutureAddresses([old.cluster, new]),
      placed: nil)
  }

  /// Prepares two revisions that are worked out already.
  public init(_ meanings: RevisionMeanings) {
    let (old, new) = (meanings.sides[0], meanings.sides[1])
    self.init(
      old.cluster, new.cluster, node: meanings.node, in: old.store, known: old, knownNew: new,
      future: meanings.placed.future, placed: meanings.placed)
  }

  private init(
    _ old: Cluster, _ new: Cluster, node: String?, in store: DiagramStore, known: Specification?,
    knownNew: Specification? = nil, future: FutureAddresses, placed: PlacedClusters?
  ) {
    (self.future, self.placed) = (future, placed)
    self.store = store
    let revisions = RevisionPair(old, new, node: node, in: store, known: known, knownNew: knownNew)
    self.revisions = revisions
    names = EndpointNames(count: revisions.common.memberCount) { revisions.anyPod($0).endpointName }
    changedPlaces = ChangedPlaces(revisions.changedPolicies, old, revisions.new)
    describer = PodDescriber(revisions.new)
    formerDescriber = PodDescriber(old)
    tracers = (Tracer(old), Tracer(revisions.new))
    self.node = node
  }

  /// Every difference in meaning, for today's pods and for future ones. About O(n log n) in the changed diagrams and the pods
  /// they speak of.
  ///
  /// - Parameter isOfFuturePods: false to leave out the future pods.
  /// - Returns: the differences, and what was not compared.
  public func compare(isOfFuturePods: Bool = true) -> ConnectivityDiff {
    var diff = compareToday()
    let changed = revisions.changedPolicies
    if revisions.isSameForEveryPod || !isOfFuturePods { return diff }
    let kinds = FutureKinds(revisions.old, revisions.new, changed: changed.old + changed.new, node: node)
    func cluster(_ side: Cluster) -> Cluster {
      side.with(namespaces: side.namespaces.merging(kinds.namespaces) { one, _ in one }, pods: kinds.pods)
    }
    let placed = PlacedClusters([cluster(revisions.old), cluster(revisions.new)], from: future)
    var ofKinds = Differ(placed, node: node)
    ofKinds.writtenPlaces = writtenPlaces
    let inner = ofKinds.compareToday(of: kinds, beside: kinds.told(by: diff.changes))
    diff.futureChanges = inner.changes.map { $0.naming(kinds) }
    diff.omissions += kinds.omissions
    if !placed.isComplete(for: changedBlocks) {
      diff.omissions.append(
        "pods to come at some of the addresses that the policies distinguish: name the block of their addresses with --pod-cidr"
      )
    }
    diff.unusedFamilies = Set(changedBlocks.map(\.cidr.family)).subtracting(future.blocks.map(\.family))
      .sorted()
    diff.isSameForEveryPod =
      diff.omissions.isEmpty && diff.unusedFamilies.isEmpty && inner.changedPods == 0
      && inner.isolation.isEmpty && diff.hasNoEffectToday
    return diff
  }

  /// Every difference for the pods of the revisions.
  ///
  /// - Parameters:
  ///   - kinds: the future pods that these are; nil: they are pods of today.
  ///   - told: what the changes of today's pods say about two pods of one kind.
  /// - Returns: the difference without that of future pods.
  private func compareToday(
    of kinds: FutureKinds? = nil, beside told: [FutureKinds.Told] = []
  ) -> ConnectivityDiff {
    let finder = ChangeFinder(revisions, in: store)
    var touched: Set<Int> = []
    var changes: [ConnectionChange] = []
    let addresses = PieceAddresses(finder: finder, future: future, pod: anyPod)
    for piece in finder.podPieces {
      touched.formUnion(piece.sources)
      touched.formUnion(piece.destinations)
      guard let untold = untold(piece, kinds, told) else { continue }
      for (part, isUncertain) in addresses.parts(untold) {
        if let change = change(part, addresses, isUncertain) { changes.append(change) }
      }
    }
    for piece in finder.outsidePieces {
      touched.formUnion(piece.pods)
      guard let untold = untold(piece, kinds) else { continue }
      if let change = change(untold) { changes.append(change) }
    }
    var diff = ConnectivityDiff(
      changes: mergingOutsideFamilies(changes).sorted(by: ConnectionChange.inReportOrder),
      isolation: isolationChanges(),
      pods: revisions.common.changes, comparedPods: revisions.common.pairs.count,
      changedPods: touched.count { $0 < revisions.common.pairs.count }, ruleset: nil,
      policiesDiffer: revisions.policiesDiffer,
      isSameForEveryPod: revisions.isSameForEveryPod)
    let partly = revisions.common.changes.partlyReaddressed
    if !partly.isEmpty {
      diff.hasUnreadChanges = true
      diff.omissions.append("addresses that one revision has alone, of \(Counting.first(3, of: partly))")
    }
    if kinds == nil { diff.move(ontoHostNetwork: hostNetworkChanges()) }
    if let placed, !placed.isComplete(for: changedBlocks) {
      diff.omissions.append(
        "workloads at some of the addresses that the policies distinguish: name the block of their addresses with --pod-cidr"
      )
    }
    return diff
  }

  /// The part of a change of future pods that no change of today's pods reports; nil where all of it is reported.
  private func untold(_ piece: PodPiece, _ kinds: FutureKinds?, _ told: [FutureKinds.Told]) -> PodPiece? {
    guard let kinds else { return piece }
    let (before, after) = (store.traffic(piece.before), store.traffic(piece.after))
    let same = told.filter { $0.before == before && $0.after == after }
    let keeps = kinds.untold(piece.sources.map(name), piece.destinations.map(name)) { pod in
      same.contains { $0.pods.contains(pod) }
    }
    var rest = piece
    guard let keeps else {
      rest.destinations = kinds.lackingPorts(piece.destinations, before, after, name)
      return rest.destinations.isEmpty ? nil : rest
    }
    rest.sources.removeAll { !keeps(name($0)) }
    rest.destinations.removeAll { !keeps(name($0)) }
    return rest
  }

  /// The same for addresses outside.
  private func untold(_ piece: OutsidePiece, _ kinds: FutureKinds?) -> OutsidePiece? {
    guard let kinds, kinds.untold(piece.pods.map(name), nil, isTold: { _ in true }) == nil else {
      return piece
    }
    if piece.outgoing { return nil }
    var rest = piece
    rest.pods = kinds.lackingPorts(piece.pods, store.traffic(piece.before), store.traffic(piece.after), name)
    return rest.pods.isEmpty ? nil : rest
  }

  /// The pods and workloads that the new revision has on the host network and the old one had not.
  private func hostNetworkChanges() -> [HostNetworkChange] {
    let (old, new) = (revisions.old.omitted.hostNetwork, revisions.new.omitted.hostNetwork)
    if old == new { return [] }
    let former = Set(old)
    return new.filter { !former.contains($0) }.map { name in
      HostNetworkChange(name: name, places: writtenPlaces.hostNetwork[name].map { [$0] } ?? [])
    }
  }

  private func name(_ pod: Int) -> String { anyPod(pod).endpointName }

  /// The blocks of addresses in policies that differ.
  private var changedBlocks: Set<IPBlock> {
    let changed = revisions.changedPolicies
    return revisions.old.with(policies: changed.old + changed.new, pods: []).policyBlocks
  }

  private func newPod(_ pod: Int) -> Pod? { revisions.common.new(pod).map { revisions.new.pods[$0] } }
  private func oldPod(_ pod: Int) -> Pod? { revisions.common.old(pod).map { revisions.old.pods[$0] } }
  private func anyPod(_ pod: Int) -> Pod { revisions.anyPod(pod) }

  private func group(_ pods: [Int]) -> EndpointGroup {
    let present = pods.compactMap { revisions.common.new($0) }
    // Pods of the old revision only have a describer of their own: the new one does not have them.
    let gone = pods.filter { revisions.common.new($0) == nil }.compactMap { revisions.common.old($0) }
    let descriptions =
      (present.isEmpty ? [] : [describer.describe(present)])
      + (gone.isEmpty ? [] : [formerDescriber.describe(gone)])
    return .pods(
      description: descriptions.joined(separator: ", "), names: names.ascending(pods))
  }

  // MARK: Changes

  private func change(
    _ piece: PodPiece, _ addresses: PieceAddresses, _ dependsOnAddress: Bool
  ) -> ConnectionChange? {
    let families = piece.families.sorted()
    guard let ends = addresses.witness(piece), let packet = packet(piece.before, piece.after) else {
      return nil
    }
    let witness = witness(
      End(pod: ends.source, address: ends.sourceAddress),
      End(pod: ends.destination, address: ends.destinationAddress), packet)
    return ConnectionChange(
      source: group(piece.sources), destination: group(piece.destinations), families: families,
      before: store.traffic(piece.before), after: store.traffic(piece.after), witness: witness,
      dependsOnAddress: dependsOnAddress)
  }

  private func change(_ piece: OutsidePiece) -> ConnectionChange? {
    guard let first = example(piece), let pod = piece.pods.first,
      let packet = packet(piece.before, piece.after)
    else { return nil }
    let outside = EndpointGroup.outside(
      piece.addresses.flatMap { CIDR.covering($0, family: piece.family) })
    let stranger = End(pod: nil, address: IPAddress(piece.family, bits: first))
    let own = End(
      pod: pod,
      address: anyPod(pod).addresses.first { $0.family == piece.family } ?? anyPod(pod).addresses.first)
    return ConnectionChange(
      source: piece.outgoing ? group(piece.pods) : outside,
      destination: piece.outgoing ? outside : group(piece.pods), families: [piece.family],
      before: store.traffic(piece.before), after: store.traffic(piece.after),
      witness: piece.outgoing ? witness(own, stranger, packet) : witness(stranger, own, packet))
  }

  /// Addresses that documentation uses (RFC 5737, RFC 3849): no reader takes them for others.
  private static let documentation: [IPFamily: [UInt128]] = [
    .ipv4: [0xcb00_7101, 0xc633_6401, 0xc000_0201], .ipv6: [0x2001_0db8 << 96 | 1],
  ]

  /// An address of a piece that is no pod's: the first, but where that is the unspecified address one that can send.
  private func example(_ piece: OutsidePiece) -> UInt128? {
    let first = piece.addresses.lazy.compactMap { revisions.common.firstOutside(in: $0, piece.family) }.first
    guard first == 0 else { return first }
    let better = (Self.documentation[piece.family] ?? []).first { bits in
      piece.addresses.contains { $0.contains(bits) }
        && revisions.common.firstOutside(in: Interval(bits), piece.family) != nil
    }
    return better ?? first
  }

  /// The same change towards both families' addresses is one.
  private func mergingOutsideFamilies(_ changes: [ConnectionChange]) -> [ConnectionChange] {
    struct Key: Hashable {
      let pods: EndpointGroup
      let outgoing: Bool
      let before: TrafficSet
      let after: TrafficSet
    }
    var places: [Key: Int] = [:]
    var result: [ConnectionChange] = []
    for change in changes.sorted(by: { $0.families.lexicographicallyPrecedes($1.families) }) {
      let outgoing = change.destination.isOutside
      guard outgoing || change.source.isOutside else {
        result.append(change)
        continue
      }
      let key = Key(
        pods: outgoing ? change.source : change.destination, outgoing: outgoing, before: change.before,
        after: change.after)
      guard let place = places[key] else {
        places[key] = result.count
        result.append(change)
        continue
      }
      let former = result[place]
      guard case .outside(let blocks) = outgoing ? former.destination : former.source,
        case .outside(let more) = outgoing ? change.destination : change.source
      else { continue }
      let all = EndpointGroup.outside((blocks + more).sorted())
      result[place] = ConnectionChange(
        source: outgoing ? former.source : all, destination: outgoing ? all : former.destination,
        families: Set(former.families + change.families).sorted(), before: former.before, after: former.after,
        witness: former.witness)
    }
    return result
  }

  // MARK: Witnesses

  private struct End {
    let pod: Int?
    let address: IPAddress?
  }

  private func packet(
    _ before: TrafficID, _ after: TrafficID
  ) -> (transport: UInt8, port: UInt16, allowedBefore: Bool)? {
    if let gained = store.traffic(store.difference(after, before)).examplePacket {
      return (gained.transport, gained.port, false)
    }
    return store.traffic(store.difference(before, after)).examplePacket.map { ($0.transport, $0.port, true) }
  }

  private func witness(
    _ source: End, _ destination: End, _ packet: (transport: UInt8, port: UInt16, allowedBefore: Bool)
  ) -> PacketWitness {
    func name(_ end: End) -> String? { end.pod.map { anyPod($0).endpointName } }
    func address(_ end: End) -> IPAddress? {
      end.pod.map { anyPod($0).isPlaceholder } == true ? nil : end.address
    }
    var result = PacketWitness(
      source: name(source), sourceAddress: address(source), destination: name(destination),
      destinationAddress: address(destination), transport: packet.transport,
      port: IPProtocol(packet.transport).hasPorts ? packet.port : nil, allowedBefore: packet.allowedBefore)
    result.before = causes(source, destination, packet, tracers.old, oldPod)
    result.after = causes(source, destination, packet, tracers.new, newPod)
    result.places = changedPlaces.places(
      result.before, result.after,
      [source.pod, destination.pod].compactMap { $0 }.map { (oldPod($0), newPod($0)) })
    return result
  }

  private func causes(
    _ source: End, _ destination: End, _ packet: (transport: UInt8, port: UInt16, allowedBefore: Bool),
    _ tracer: Tracer, _ pod: (Int) -> Pod?
  ) -> [Cause] {
    var causes: [Cause] = []
    for (own, peer, direction) in [(source, destination, Direction.egress), (destination, source, .ingress)] {
      guard let member = own.pod, let address = peer.address else { continue }
      guard let subject = pod(member) else {
        causes.append(Cause(missing: anyPod(member).endpointName, direction))
        continue
      }
      guard node.map(subject.isOn) ?? true else { continue }
      causes.append(
        Cause(
          tracer.trace(
            subject, direction, peer: TracedPeer(address: address, pod: peer.pod.flatMap(pod)),
            traffic: (packet.transport, packet.port))))
    }
    return causes
  }

  // MARK: Isolation

  private func isolationChanges() -> [IsolationChange] {
    var result: [IsolationChange] = []
    for direction in Direction.allCases {
      struct Key: Hashable {
        let isIsolated: Bool
        let policies: [Int]
      }
      var pods: [Key: [Int]] = [:]
      for pod in revisions.common.pairs.indices where revisions.mayDiffer(pod) {
        let (old, new) = revisions.profiles(pod, direction)
        guard old.isIsolated != new.isIsolated else { continue }
        pods[Key(isIsolated: new.isIsolated, policies: (new.isIsolated ? new : old).policies), default: []]
          .append(pod)
      }
      for (key, pods) in pods {
        let cluster = key.isIsolated ? revisions.new : revisions.old
        let named = key.policies.map { cluster.policies[$0] }.map {
          Cause.Source(policy: $0.id, origin: $0.origin)
        }
        result.append(
          IsolationChange(
            direction: direction, isIsolated: key.isIsolated, pods: group(pods),
            policies: named,
            places: changedPlaces.places(named, direction, pods.prefix(1).map { (oldPod($0), newPod($0)) })))
      }
    }
    return result.sorted {
      ($0.direction.rawValue, $0.isIsolated ? 0 : 1, $0.pods.description)
        < ($1.direction.rawValue, $1.isIsolated ? 0 : 1, $1.pods.description)
    }
  }
}
