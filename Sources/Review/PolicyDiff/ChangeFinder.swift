import Addresses
import Connectivity
import PolicyModel
import Reachability

/// Finds every connection that two revisions treat differently, class by class and never pair by pair.
///
/// A connection passes when the sender's egress allows it and the receiver's ingress does. First come the pairs for
/// which the receiver's ingress says something new about the sender, then those for which only the sender's egress
/// says something new about the receiver: together all pairs that can change, each once.
struct ChangeFinder {
  private typealias Endpoint = CommonPods.Endpoint

  private var revisions: RevisionPair
  private let store: DiagramStore
  private let common: CommonPods
  private var groups: [Group] = []
  /// The group of each pod; -1 for those of which no change speaks.
  private var groupOfPod: [Int]
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
  }

  private struct PeerKey: Hashable {
    let old: TrafficID
    let new: TrafficID
    let group: Int
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
    groupOfPod = Array(repeating: -1, count: common.memberCount)
    let own = (0..<common.memberCount).filter { revisions.mayDiffer($0) }
    findGroups(of: own)
    let changing = groups.indices
    if own.count < common.memberCount {
      let peers = peersOfChanges()
      self.revisions.include(peers)
      findGroups(of: peers.sorted())
    }
    for endpoint in common.endpoints where groupOfPod[endpoint.pod] >= 0 {
      groups[groupOfPod[endpoint.pod]].endpoints.append(endpoint)
    }
    for direction in [Direction.ingress, .egress] {
      for group in changing { compare(group, direction) }
    }
    let (four, six) = (common.takesPart(in: .ipv4), common.takesPart(in: .ipv6))
    let (old, new) = (revisions.old.pods, revisions.new.pods)
    podPieces = PieceMerger.merged(podPieces) { [common] in
      (common.new($0).map { new[$0] } ?? common.old($0).map { old[$0] })?.isSeveral ?? false
    } has: {
      $1 == .ipv4 ? four[$0] : six[$0]
    }
    outsidePieces = PieceMerger.merged(outsidePieces)
  }

  private mutating func findGroups(of pods: [Int]) {
    var known: [RevisionPair.ClassPair: Int] = [:]
    for pod in pods {
      let classes = revisions.classes(pod)
      if let place = known[classes] {
        groupOfPod[pod] = place
      } else {
        known[classes] = groups.count
        groupOfPod[pod] = groups.count
        groups.append(
          Group(ingress: revisions.profiles(pod, .ingress), egress: revisions.profiles(pod, .egress)))
      }
    }
  }

  /// The pods without a group about which a profile of some group says something new.
  private func peersOfChanges() -> Set<Int> {
    var peers: Set<Int> = []
    for profiles in groups.flatMap({ [$0.ingress, $0.egress] }) {
      for family in IPFamily.allCases {
        for interval in store.differences(profiles.old.allowed(family), profiles.new.allowed(family)) {
          for endpoint in common.endpoints(in: interval.addresses, family) where groupOfPod[endpoint.pod] < 0
          {
            peers.insert(endpoint.pod)
          }
        }
      }
    }
    return peers
  }

  /// Compares a group whose own profile of a direction changed.
  private mutating func compare(_ index: Int, _ direction: Direction) {
    let group = groups[index]
    let profiles = group.profiles(direction)
    // Many peers share their profiles: what these say about the group's members is worked out once.
    var parts: [PartsKey: [PartKey: [Endpoint]]] = [:]
    for family in IPFamily.allCases {
      let (old, new) = (profiles.old.allowed(family), profiles.new.allowed(family))
      if old == new { continue }
      let differences = store.differences(old, new)
      compareOutside(differences, group, family, direction)
      var peers: [PeerKey: [Endpoint]] = [:]
      for interval in differences {
        for endpoint in common.endpoints(in: interval.addresses, family) {
          let key = PeerKey(
            old: interval.old, new: interval.new, group: groupOfPod[endpoint.pod])
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
        new: store.traffic(of: back.new.allowed(family), at: bits), family: family)
    }
  }

  private mutating func add(
    _ key: PeerKey, _ peers: [Endpoint], _ family: IPFamily, _ part: PartKey, _ members: [Endpoint],
    _ direction: Direction
  ) {
    // Nothing goes between families.
    guard part.family == family else { return }
    // Where the receiver's ingress changes too, the first pass has seen the pair.
    if direction == .egress, part.old != part.new { return }
    let before = store.intersection(key.old, part.old)
    let after = store.intersection(key.new, part.new)
    guard before != after else { return }
    let (own, other) = (members.map(\.pod).uniqued(), peers.map(\.pod).uniqued())
    podPieces.append(
      PodPiece(
        sources: direction == .ingress ? other : own, destinations: direction == .ingress ? own : other,
        families: [family], before: before, after: after))
  }

  /// The traffic between two pods at one address each, in the old and the new revision.
  func traffic(
    _ source: Int, _ sender: IPAddress, _ destination: Int, _ receiver: IPAddress
  ) -> (before: TrafficID, after: TrafficID) {
    let (egress, ingress) = (revisions.profiles(source, .egress), revisions.profiles(destination, .ingress))
    func passing(_ sent: Profile, _ received: Profile) -> TrafficID {
      store.intersection(
        store.traffic(of: sent.allowed(receiver.family), at: receiver.bits),
        store.traffic(of: received.allowed(sender.family), at: sender.bits))
    }
    return (passing(egress.old, ingress.old), passing(egress.new, ingress.new))
  }

  /// Exposure to addresses that are no pod's. Stretches that only pods part are one.
  private mutating func compareOutside(
    _ differences: [DeltaInterval], _ group: Group, _ family: IPFamily, _ direction: Direction
  ) {
    var stretches: [DeltaInterval] = []
    for interval in differences where common.firstOutside(in: interval.addresses, family) != nil {
      if let last = stretches.last, last.old == interval.old, last.new == interval.new,
        onlyPods(between: last, interval, family)
      {
        stretches[stretches.count - 1] = DeltaInterval(
          addresses: Interval(last.addresses.lower, interval.addresses.upper), old: last.old, new: last.new)
      } else {
        stretches.append(interval)
      }
    }
    guard !stretches.isEmpty else { return }
    let pods = group.endpoints.filter { $0.address.family == family }.map(\.pod).uniqued()
    guard !pods.isEmpty else { return }
    outsidePieces += stretches.map {
      OutsidePiece(
        family: family, addresses: [$0.addresses], pods: pods, outgoing: direction == .egress, before: $0.old,
        after: $0.new)
    }
  }

  private func onlyPods(between left: DeltaInterval, _ right: DeltaInterval, _ family: IPFamily) -> Bool {
    let (lower, upper) = (left.addresses.upper + 1, right.addresses.lower - 1)
    return lower > upper || common.firstOutside(in: Interval(lower, upper), family) == nil
  }
}

extension Array where Element == Int {
  /// Each number once, ascending.
  func uniqued() -> [Int] {
    var result: [Int] = []
    result.reserveCapacity(count)
    for number in sorted() where result.last != number { result.append(number) }
    return result
  }
}
