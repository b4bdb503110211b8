import Addresses
import PolicyModel
import Reachability

/// Finds every connection that two revisions treat differently, class by class and never pair by pair.
///
/// A connection passes when the sender's egress allows it and the receiver's ingress does. First come the pairs for
/// which the receiver's ingress says something new about the sender, then those for which only the sender's egress
/// says something new about the receiver: together all pairs that can change, each once.
struct Comparer {
  private typealias Endpoint = CommonPods.Endpoint

  private let revisions: RevisionPair
  private let store: DiagramStore
  private let common: CommonPods
  private var groups: [Group] = []
  private var groupOfPod: [Int] = []
  private(set) var podPieces: [PodPiece] = []
  private(set) var outsidePieces: [OutsidePiece] = []

  /// Pods that both revisions treat alike.
  private struct Group {
    var endpoints: [Endpoint] = []
    let ingress: (old: Profile, new: Profile)
    let egress: (old: Profile, new: Profile)

    func profiles(_ direction: Direction) -> (old: Profile, new: Profile) {
      direction == .ingress ? ingress : egress
    }
  }

  /// Members of a group that the other side's diagrams say the same about.
  private struct PartKey: Hashable {
    let old: TrafficID
    let new: TrafficID
    let family: IPFamily
    let isStandIn: Bool
  }

  private struct PeerKey: Hashable {
    let old: TrafficID
    let new: TrafficID
    let group: Int
    let isStandIn: Bool
  }

  private struct PartsKey: Hashable {
    let old4: Diagram
    let old6: Diagram
    let new4: Diagram
    let new6: Diagram
  }

  init(_ revisions: RevisionPair, in store: DiagramStore) {
    self.revisions = revisions
    self.store = store
    common = revisions.common
    findGroups()
    for direction in [Direction.ingress, .egress] {
      for group in groups.indices { compare(group, direction) }
    }
    let reachable = common.families
    podPieces = PieceMerger.merged(podPieces) { reachable[$0].contains($1) }
    outsidePieces = PieceMerger.merged(outsidePieces)
  }

  private mutating func findGroups() {
    var known: [RevisionPair.ClassPair: Int] = [:]
    for pod in common.pairs.indices {
      let classes = revisions.classes(pod)
      if let place = known[classes] {
        groupOfPod.append(place)
      } else {
        known[classes] = groups.count
        groupOfPod.append(groups.count)
        groups.append(
          Group(ingress: revisions.profiles(pod, .ingress), egress: revisions.profiles(pod, .egress)))
      }
    }
    for endpoint in common.endpoints { groups[groupOfPod[endpoint.pod]].endpoints.append(endpoint) }
  }

  /// What changes for a group because its own profile of a direction does.
  private mutating func compare(_ index: Int, _ direction: Direction) {
    let group = groups[index]
    let profiles = group.profiles(direction)
    // Many peers share their profiles: what these say about the group's members is worked out once.
    var parts: [PartsKey: [PartKey: [Endpoint]]] = [:]
    for family in IPFamily.allCases {
      let (old, new) = (profiles.old.allowed(family), profiles.new.allowed(family))
      if old == new { continue }
      let walk = store.sideBySide(old, new)
      compareOutside(walk, group, family, direction)
      var peers: [PeerKey: [Endpoint]] = [:]
      for interval in walk where interval.old != interval.new {
        for endpoint in common.endpoints(in: interval.addresses, family) {
          let key = PeerKey(
            old: interval.old, new: interval.new, group: groupOfPod[endpoint.pod],
            isStandIn: endpoint.isStandIn)
          peers[key, default: []].append(endpoint)
        }
      }
      for (key, peers) in peers {
        let back = groups[key.group].profiles(direction == .ingress ? .egress : .ingress)
        let partsKey = PartsKey(
          old4: back.old.ipv4, old6: back.old.ipv6, new4: back.new.ipv4, new6: back.new.ipv6)
        let members = parts[partsKey] ?? partition(group.endpoints, by: back)
        parts[partsKey] = members
        for (part, members) in members {
          add(key, peers, family, part, members, direction)
        }
      }
    }
  }

  private func partition(
    _ endpoints: [Endpoint], by back: (old: Profile, new: Profile)
  ) -> [PartKey: [Endpoint]] {
    Dictionary(grouping: endpoints) { endpoint in
      let (family, bits) = (endpoint.address.family, endpoint.address.bits)
      return PartKey(
        old: store.traffic(of: back.old.allowed(family), at: bits),
        new: store.traffic(of: back.new.allowed(family), at: bits), family: family,
        isStandIn: endpoint.isStandIn)
    }
  }

  private mutating func add(
    _ key: PeerKey, _ peers: [Endpoint], _ family: IPFamily, _ part: PartKey, _ members: [Endpoint],
    _ direction: Direction
  ) {
    // Nothing goes between families; a pod to come may have either.
    guard part.family == family || part.isStandIn || key.isStandIn else { return }
    // Where the receiver's ingress changes too, the first pass has seen the pair.
    if direction == .egress, part.old != part.new { return }
    let before = store.intersection(key.old, part.old)
    let after = store.intersection(key.new, part.new)
    guard before != after else { return }
    let families: Set<IPFamily> =
      switch (key.isStandIn, part.isStandIn) {
      case (true, true): Set(IPFamily.allCases)
      case (true, false): [part.family]
      case (false, _): [family]
      }
    let (own, other) = (members.map(\.pod).uniqued(), peers.map(\.pod).uniqued())
    podPieces.append(
      PodPiece(
        sources: direction == .ingress ? other : own, destinations: direction == .ingress ? own : other,
        families: families, before: before, after: after))
  }

  /// Exposure to addresses that are no pod's. Stretches that only pods part are one.
  private mutating func compareOutside(
    _ walk: [DeltaInterval], _ group: Group, _ family: IPFamily, _ direction: Direction
  ) {
    let pods = group.endpoints.filter { $0.families.contains(family) }.map(\.pod).uniqued()
    guard !pods.isEmpty else { return }
    var last: DeltaInterval?
    func close(_ outsidePieces: inout [OutsidePiece]) {
      guard let last, last.old != last.new else { return }
      outsidePieces.append(
        OutsidePiece(
          family: family, addresses: [last.addresses], pods: pods, outgoing: direction == .egress,
          before: last.old, after: last.new))
    }
    for interval in walk where common.firstOutside(in: interval.addresses, family) != nil {
      if let former = last, former.old == interval.old, former.new == interval.new {
        last = DeltaInterval(
          addresses: Interval(former.addresses.lower, interval.addresses.upper), old: interval.old,
          new: interval.new)
      } else {
        close(&outsidePieces)
        last = interval
      }
    }
    close(&outsidePieces)
  }
}

extension Array where Element == Int {
  /// Each number once, ascending.
  func uniqued() -> [Int] { Set(self).sorted() }
}
