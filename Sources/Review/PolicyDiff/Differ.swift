import Wording
import Addresses
import Connectivity
public import PolicyModel
import PolicyTrace
public import Reachability
import Wording

/// Compares two revisions of policies by what they mean.
public struct Differ {
  private let store: DiagramStore
  private let revisions: RevisionPair
  private let describer: PodDescriber
  private let tracers: (old: Tracer, new: Tracer)
  private let node: String?

  /// Prepares two revisions. Workloads and pods without an address get placeholder addresses.
  ///
  /// - Parameters:
  ///   - old: policies and inventory before.
  ///   - new: policies and inventory after.
  ///   - node: only the pods of this node are subject to policies; nil: all are.
  public init(_ old: Cluster, _ new: Cluster, node: String? = nil) {
    let placed = Cluster.withPlaceholders([old, new])
    self.init(placed[0], placed[1], node: node, in: DiagramStore(), known: nil)
  }

  /// Prepares two revisions of which the whole meaning of the old one is known, such as for several new ones. Both have
  /// their placeholder addresses, and the old one's subjects are the pods of the same node.
  public init(_ old: Specification, _ new: Cluster, node: String?) {
    self.init(old.cluster, new, node: node, in: old.store, known: old)
  }

  private init(
    _ old: Cluster, _ new: Cluster, node: String?, in store: DiagramStore, known: Specification?
  ) {
    self.store = store
    revisions = RevisionPair(old, new, node: node, in: store, known: known)
    describer = PodDescriber(new)
    tracers = (Tracer(old), Tracer(new))
    self.node = node
  }

  /// Every difference in meaning. About O(n log n) in the changed diagrams and the pods they speak of.
  public func compare() -> ConnectivityDiff {
    let finder = ChangeFinder(revisions, in: store)
    var touched: Set<Int> = []
    var changes: [ConnectionChange] = []
    for piece in finder.podPieces {
      touched.formUnion(piece.sources)
      touched.formUnion(piece.destinations)
      if let change = change(piece) { changes.append(change) }
    }
    for piece in finder.outsidePieces {
      touched.formUnion(piece.pods)
      if let change = change(piece) { changes.append(change) }
    }
    return ConnectivityDiff(
      changes: mergingOutsideFamilies(changes).sorted(by: ConnectionChange.inReportOrder),
      isolation: isolationChanges(),
      pods: revisions.common.changes, comparedPods: revisions.common.pairs.count,
      changedPods: touched.count, ruleset: nil, policiesDiffer: revisions.policiesDiffer)
  }

  private func newPod(_ pod: Int) -> Pod { revisions.new.pods[revisions.common.pairs[pod].new] }
  private func oldPod(_ pod: Int) -> Pod { revisions.old.pods[revisions.common.pairs[pod].old] }

  private func group(_ pods: [Int]) -> EndpointGroup {
    let indices = pods.map { revisions.common.pairs[$0].new }
    return .pods(
      description: describer.describe(indices),
      names: indices.map { revisions.new.pods[$0].endpointName }.sorted())
  }

  // MARK: Changes

  private func change(_ piece: PodPiece) -> ConnectionChange? {
    let families = piece.families.sorted()
    guard let ends = witnessPair(piece), let packet = packet(piece.before, piece.after) else { return nil }
    let witness = witness(
      End(pod: ends.source, address: ends.sourceAddress),
      End(pod: ends.destination, address: ends.destinationAddress), packet)
    return ConnectionChange(
      source: group(piece.sources), destination: group(piece.destinations), families: families,
      before: store.traffic(piece.before), after: store.traffic(piece.after), witness: witness)
  }

  private func change(_ piece: OutsidePiece) -> ConnectionChange? {
    guard
      let first = piece.addresses.lazy.compactMap({ revisions.common.firstOutside(in: $0, piece.family) })
        .first,
      let pod = piece.pods.first, let packet = packet(piece.before, piece.after)
    else { return nil }
    let outside = EndpointGroup.outside(
      piece.addresses.flatMap { CIDR.covering($0, family: piece.family) })
    let stranger = End(pod: nil, address: IPAddress(piece.family, bits: first))
    let own = End(
      pod: pod,
      address: newPod(pod).addresses.first { $0.family == piece.family } ?? newPod(pod).addresses.first)
    return ConnectionChange(
      source: piece.outgoing ? group(piece.pods) : outside,
      destination: piece.outgoing ? outside : group(piece.pods), families: [piece.family],
      before: store.traffic(piece.before), after: store.traffic(piece.after),
      witness: piece.outgoing ? witness(own, stranger, packet) : witness(stranger, own, packet))
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

  /// A sender and a receiver of a piece that are two pods, with addresses of a common family.
  private func witnessPair(
    _ piece: PodPiece
  ) -> (source: Int, sourceAddress: IPAddress, destination: Int, destinationAddress: IPAddress)? {
    for source in piece.sources {
      for destination in piece.destinations where destination != source {
        let (from, to) = (newPod(source), newPod(destination))
        for family in piece.families.sorted() {
          let sent = from.isPlaceholder ? from.addresses.first : from.addresses.first { $0.family == family }
          let received = to.isPlaceholder ? to.addresses.first : to.addresses.first { $0.family == family }
          if let sent, let received { return (source, sent, destination, received) }
        }
      }
    }
    return nil
  }

  private func witness(
    _ source: End, _ destination: End, _ packet: (transport: UInt8, port: UInt16, allowedBefore: Bool)
  ) -> PacketWitness {
    func name(_ end: End) -> String? { end.pod.map { newPod($0).endpointName } }
    func address(_ end: End) -> IPAddress? {
      end.pod.map { newPod($0).isPlaceholder } == true ? nil : end.address
    }
    var result = PacketWitness(
      source: name(source), sourceAddress: address(source), destination: name(destination),
      destinationAddress: address(destination), transport: packet.transport,
      port: IPProtocol(packet.transport).hasPorts ? packet.port : nil, allowedBefore: packet.allowedBefore)
    result.before = causes(source, destination, packet, tracers.old, oldPod)
    result.after = causes(source, destination, packet, tracers.new, newPod)
    return result
  }

  private func causes(
    _ source: End, _ destination: End, _ packet: (transport: UInt8, port: UInt16, allowedBefore: Bool),
    _ tracer: Tracer, _ pod: (Int) -> Pod
  ) -> [Cause] {
    var causes: [Cause] = []
    for (own, peer, direction) in [(source, destination, Direction.egress), (destination, source, .ingress)] {
      guard let subject = own.pod.map(pod), let address = peer.address else { continue }
      guard node == nil || subject.node == node else { continue }
      causes.append(
        Cause(
          tracer.trace(
            subject, direction, peer: TracedPeer(address: address, pod: peer.pod.map(pod)),
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
        let sources = key.policies.map { cluster.policies[$0] }
        result.append(
          IsolationChange(
            direction: direction, isIsolated: key.isIsolated, pods: group(pods),
            policies: sources.map { Cause.Source(policy: $0.id, origin: $0.origin) }))
      }
    }
    return result.sorted {
      ($0.direction.rawValue, $0.isIsolated ? 0 : 1, $0.pods.description)
        < ($1.direction.rawValue, $1.isIsolated ? 0 : 1, $1.pods.description)
    }
  }
}

extension ConnectionChange {
  private var rank: Int {
    switch kind {
    case .widened: 0
    case .changed: 1
    case .narrowed: 2
    }
  }

  private var reach: Int {
    (source.isOutside ? 1 << 40 : max(1, source.podCount))
      * (destination.isOutside ? 1 : max(1, destination.podCount))
  }

  /// Widened, changed, narrowed; exposure to the outside first, then by how many pods are meant, then by words.
  static func inReportOrder(_ left: ConnectionChange, _ right: ConnectionChange) -> Bool {
    if left.rank != right.rank { return left.rank < right.rank }
    if left.reach != right.reach { return left.reach > right.reach }
    return left.sortingWords < right.sortingWords
  }

  private var sortingWords: String {
    "\(destination.description) \(source.description) \(before.words) \(after.words) \(families)"
  }
}
