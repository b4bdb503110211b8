public import Addresses
public import PolicyModel

/// The meaning of policies for one direction of a pod.
public struct Profile: Sendable, Hashable {
  /// The policies that select the pod in this direction, as ascending indices of `Cluster.policies`.
  public let policies: [Int]
  /// True where a tier that selects the pod denies what its rules do not match. Earlier tiers may accept it
  /// all the same.
  public let isIsolated: Bool
  /// The traffic allowed with IPv4 peers; everything when nothing selects the pod.
  public let ipv4: Diagram
  /// The traffic allowed with IPv6 peers; everything when nothing selects the pod.
  public let ipv6: Diagram

  /// True where any policy selects the pod in this direction; all is allowed otherwise.
  public var isSelected: Bool { !policies.isEmpty }

  /// The traffic allowed with peers of a family: (peer address, protocol, destination port).
  public func allowed(_ family: IPFamily) -> Diagram { family == .ipv4 ? ipv4 : ipv6 }

  /// The profile of a pod that nothing selects.
  static let open = Profile(
    policies: [], isIsolated: false, ipv4: .everything(.ipv4), ipv6: .everything(.ipv6))
}

/// Subjects that the same policies select and that are allowed the same in both directions.
public struct SubjectClass: Sendable, Hashable {
  /// Its members, as ascending indices of `Cluster.pods`.
  public let pods: [Int]
  /// The traffic that its members may receive.
  public let ingress: Profile
  /// The traffic that its members may send.
  public let egress: Profile

  /// One of the two.
  public func profile(_ direction: Direction) -> Profile { direction == .ingress ? ingress : egress }
}

/// The meaning of the policies: for every subject and direction the exact set of (peer address, protocol,
/// port).
///
/// Peers are the whole cluster and every other address. A connection from S to D is allowed when S's egress profile
/// (if S is a subject) allows D's address, and D's ingress profile (if D is a subject) allows S's, or when both
/// addresses are one pod's: a pod always reaches itself.
public final class Specification {
  /// The cluster whose policies these are.
  public let cluster: Cluster
  /// Where the diagrams live.
  public let store: DiagramStore
  /// The classes of subjects; every subject is in one of them.
  public let classes: [SubjectClass]
  /// The meaning of the tiers of ClusterNetworkPolicy alone, which hold where NetworkPolicy does not: for what a pod sends
  /// to its own node, and to itself through a Service. Nil where there are no such tiers.
  public let clusterTiers: Specification?
  private let classOfPod: [Int32]
  private lazy var podOfAddress: [IPAddress: Int] = Self.owners(cluster)
  private lazy var sortedAddresses: [IPAddress] = podOfAddress.keys.sorted()

  /// The meaning of a cluster's policies.
  ///
  /// - Parameters:
  ///   - cluster: policies and inventory.
  ///   - node: only the pods of this node are subjects; nil: all pods are.
  ///   - store: where the diagrams go; two specifications that are to be compared share one.
  /// - Complexity: about O(n log n) in the addresses of the peer sets of all classes together.
  public convenience init(_ cluster: Cluster, node: String? = nil, in store: DiagramStore = DiagramStore()) {
    // Field by field: a whole pod costs a count up and down for each of its parts.
    let subjects =
      node == nil
      ? Array(repeating: true, count: cluster.pods.count)
      : cluster.pods.indices.map { pod in node.map { cluster.pods[pod].isOn($0) } ?? true }
    self.init(cluster, in: store, subjects: subjects)
  }

  /// The meaning of a cluster's policies for the subjects that `isSubject` picks.
  public convenience init(_ cluster: Cluster, in store: DiagramStore, isSubject: (Pod) -> Bool) {
    self.init(cluster, in: store, subjects: cluster.pods.map(isSubject))
  }

  /// The meaning of a cluster's policies for some of its pods: `subjects` says of each of `Cluster.pods` whether it is
  /// a subject.
  public convenience init(_ cluster: Cluster, in store: DiagramStore, subjects: [Bool]) {
    var selected = SelectedGroups(cluster, subjects, store)
    self.init(cluster, store, &selected)
  }

  /// The meaning of policies whose pods are grouped already.
  public convenience init(_ policies: GroupedPolicies) {
    self.init(policies.cluster, policies.store, &policies.selected)
  }

  private init(_ cluster: Cluster, _ store: DiagramStore, _ selected: inout SelectedGroups) {
    self.cluster = cluster
    self.store = store
    let classifier = Classifier(cluster, store)
    (classes, classOfPod) = classifier.classes(&selected)
    clusterTiers =
      cluster.policies.contains { $0.tier.isOfCluster }
      ? Specification(cluster, store, classifier.classes(&selected) { $0.tier.isOfCluster }) : nil
  }

  /// A specification of classes that are known.
  private init(_ cluster: Cluster, _ store: DiagramStore, _ classes: ([SubjectClass], [Int32])) {
    self.cluster = cluster
    self.store = store
    (self.classes, classOfPod) = classes
    clusterTiers = nil
  }

  private static func owners(_ cluster: Cluster) -> [IPAddress: Int] {
    var result: [IPAddress: Int] = [:]
    result.reserveCapacity(cluster.pods.count)
    for (index, pod) in cluster.pods.enumerated() {
      for address in pod.addresses { result[address] = index }
    }
    return result
  }

  /// The index in `Cluster.pods` of the pod with an address, or nil.
  public func pod(at address: IPAddress) -> Int? { podOfAddress[address] }

  /// The first address of a pod in an interval of addresses, or nil. O(log n).
  public func firstPodAddress(in interval: Interval<UInt128>, _ family: IPFamily) -> UInt128? {
    let lowest = IPAddress(family, bits: interval.lower)
    let place = sortedAddresses.partitioningIndex { $0 >= lowest }
    guard place < sortedAddresses.count, sortedAddresses[place].family == family,
      interval.contains(sortedAddresses[place].bits)
    else { return nil }
    return sortedAddresses[place].bits
  }

  /// The index in `classes` of a pod's class, or nil for a pod that is no subject.
  public func classIndex(ofPod pod: Int) -> Int? {
    classOfPod[pod] < 0 ? nil : Int(classOfPod[pod])
  }

  /// The traffic allowed to a pod in one direction; everything for a pod that is no subject.
  public func profile(ofPod pod: Int, _ direction: Direction) -> Profile {
    classIndex(ofPod: pod).map { classes[$0].profile(direction) } ?? .open
  }

  /// The traffic allowed from one address to another: of both families, of pods or not. Nothing is allowed
  /// between families.
  public func allowed(from source: IPAddress, to destination: IPAddress) -> TrafficID {
    guard source.family == destination.family else { return .nothing }
    let (sender, receiver) = (pod(at: source), pod(at: destination))
    if let sender, sender == receiver { return allowedToItself(from: source, to: destination) }
    let sent = sender.map {
      store.traffic(of: profile(ofPod: $0, .egress).allowed(source.family), at: destination.bits)
    }
    let received = receiver.map {
      store.traffic(of: profile(ofPod: $0, .ingress).allowed(source.family), at: source.bits)
    }
    return store.intersection(sent ?? .everything, received ?? .everything)
  }

  /// The traffic that a pod may send from one of its addresses to another one or the same, of one family, through a
  /// Service: all that the tiers of ClusterNetworkPolicy allow. NetworkPolicy is not asked.
  public func allowedToItself(from source: IPAddress, to destination: IPAddress) -> TrafficID {
    guard let tiers = clusterTiers, let pod = pod(at: source) else { return .everything }
    return store.intersection(
      store.traffic(of: tiers.profile(ofPod: pod, .egress).allowed(source.family), at: destination.bits),
      store.traffic(of: tiers.profile(ofPod: pod, .ingress).allowed(source.family), at: source.bits))
  }
}

/// Sorts the pods into classes and works out what each is allowed.
struct Classifier {
  private let cluster: Cluster
  private let store: DiagramStore

  init(_ cluster: Cluster, _ store: DiagramStore) {
    self.cluster = cluster
    self.store = store
  }

  /// The classes of the subjects, and the class of each pod, by the policies that count.
  func classes(
    _ selected: inout SelectedGroups, where counts: (Policy) -> Bool = { _ in true }
  ) -> ([SubjectClass], [Int32]) {
    struct Key: Hashable {
      let ingress: Profile
      let egress: Profile
    }
    var classOf: [Key: Int] = [:]
    var parts: [(key: Key, pods: [Int])] = []
    for group in selected.members.indices where !selected.members[group].isEmpty {
      func profile(
        _ policies: [Int], _ direction: Direction, _ numbers: [PortName: UInt16], _ terms: inout RuleTerms
      ) -> Profile {
        let policies = policies.filter { counts(cluster.policies[$0]) }
        return self.profile(policies, direction, numbers, &terms)
      }
      let key: Key
      if let claimants = selected.ofClaimants[group] {
        // Any of them may have the addresses: traffic that one of them may not have is not allowed.
        var (ingress, egress) = (Profile.open, Profile.open)
        for claimant in claimants {
          ingress = both(
            ingress, profile(claimant.ingress, .ingress, claimant.numbers, &selected.terms))
          egress = both(egress, profile(claimant.egress, .egress, claimant.numbers, &selected.terms))
        }
        key = Key(ingress: ingress, egress: egress)
      } else {
        let numbers = selected.numbers(of: group)
        key = Key(
          ingress: profile(selected.ingress[group], .ingress, numbers, &selected.terms),
          egress: profile(selected.egress[group], .egress, numbers, &selected.terms))
      }
      let place = classOf[key] ?? parts.count
      if place == parts.count {
        classOf[key] = place
        parts.append((key, []))
      }
      parts[place].pods += selected.members[group]
    }
    var classOfPod = Array(repeating: Int32(-1), count: cluster.pods.count)
    let classes = parts.enumerated().map { place, part in
      for pod in part.pods { classOfPod[pod] = Int32(place) }
      return SubjectClass(pods: part.pods.sorted(), ingress: part.key.ingress, egress: part.key.egress)
    }
    return (classes, classOfPod)
  }

  /// The profile of what both of two allow.
  private func both(_ one: Profile, _ other: Profile) -> Profile {
    Profile(
      policies: Set(one.policies + other.policies).sorted(),
      isIsolated: one.isIsolated || other.isIsolated,
      ipv4: store.intersection(one.ipv4, other.ipv4), ipv6: store.intersection(one.ipv6, other.ipv6))
  }

  private func profile(
    _ policies: [Int], _ direction: Direction, _ numbers: [PortName: UInt16], _ terms: inout RuleTerms
  ) -> Profile {
    if policies.isEmpty { return .open }
    let allowed = TierFold(policies, direction, numbers, store).allowed(&terms)
    return Profile(
      policies: policies.sorted(),
      isIsolated: policies.contains { cluster.policies[$0].tier.selectedDefault == .deny },
      ipv4: allowed.ipv4, ipv6: allowed.ipv6)
  }
}
