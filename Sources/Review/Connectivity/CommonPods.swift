public import Addresses
public import PolicyModel
import Reachability

/// The pods that two revisions share, and the addresses by which they are known.
public struct CommonPods {
  /// A pod of both revisions.
  public struct Pair {
    /// Its index in the old revision's `Cluster.pods`.
    public let old: Int
    /// Its index in the new revision's `Cluster.pods`.
    public let new: Int
  }

  /// A pod that only one revision has.
  public struct OneSided {
    /// Its index in that revision's `Cluster.pods`.
    public let index: Int
    /// True for the new revision.
    public let isNew: Bool
  }

  /// One address of a pod, the same in both revisions.
  public struct Endpoint: Hashable {
    /// An index of `pairs`, or behind them of `oneSided`.
    public let pod: Int
    /// The endpoint's address.
    public let address: IPAddress
    /// True where the pod has no address of its own, so that this is an example.
    public let isPlaceholder: Bool
  }

  /// The pods of both revisions, in the order of the new one.
  public private(set) var pairs: [Pair] = []
  /// Pods that only one revision has; none unless they were asked for.
  public private(set) var oneSided: [OneSided] = []
  /// The pods that only one revision has, or that have no address in common.
  public private(set) var changes = PodChanges()
  /// Ascending by address.
  public private(set) var endpoints: [Endpoint] = []
  /// Every address of a pod of either revision: a node's pods stand one behind the other.
  private var podAddresses = (ipv4: IntervalSet<UInt128>(), ipv6: IntervalSet<UInt128>())

  private struct Name: Hashable {
    let namespace: String
    let kind: String
    let name: String
    init(_ pod: Pod) { (namespace, kind, name) = (pod.namespace, pod.kind, pod.name) }
  }

  /// Pairs the pods of two revisions by namespace, kind and name. O(n log n).
  ///
  /// - Parameters:
  ///   - old: the revision before.
  ///   - new: the revision after.
  ///   - renamed: for indices of the new revision's pods the pod of the old one that is the same under another name.
  ///   - isEveryPod: true to have the pods that only one revision has among the endpoints.
  public init(
    _ old: Cluster, _ new: Cluster, renamed: [Int: Int] = [:], isEveryPod: Bool = false
  ) {
    // Addresses that a pod has in one revision only.
    var others: [IPAddress] = []
    pairs.reserveCapacity(new.pods.count)
    endpoints.reserveCapacity(new.pods.count)
    var (appeared, vanished): ([Int], [Int]) = ([], [])
    var moved: [(old: Int, new: Int)] = []
    var former = Self.former(old.pods, new.pods)
    for (index, place) in renamed.sorted(by: { $0.key < $1.key }) {
      former[index] = place
      changes.renamed.append(
        PodChanges.Rename(from: old.pods[place].endpointName, to: new.pods[index].endpointName))
    }
    for (index, place) in former.enumerated() {
      if let place {
        if !add(place, index, old, new, &others), isEveryPod { moved.append((place, index)) }
      } else if isEveryPod {
        appeared.append(index)
      } else {
        changes.appeared.append(new.pods[index].endpointName)
        others += new.pods[index].addresses
      }
    }
    var isKept = Array(repeating: false, count: old.pods.count)
    for case let place? in former { isKept[place] = true }
    for index in old.pods.indices where !isKept[index] {
      if isEveryPod {
        vanished.append(index)
      } else {
        changes.vanished.append(old.pods[index].endpointName)
        others += old.pods[index].addresses
      }
    }
    for index in appeared { add(OneSided(index: index, isNew: true), new) }
    for index in vanished { add(OneSided(index: index, isNew: false), old) }
    // At addresses that policies distinguish a pod is compared as one that goes and one that comes.
    for pod in moved {
      add(OneSided(index: pod.new, isNew: true), new, isListed: false)
      add(OneSided(index: pod.old, isNew: false), old, isListed: false)
    }
    endpoints.sort { $0.address < $1.address }
    podAddresses = (addresses(.ipv4, others), addresses(.ipv6, others))
  }

  /// For each of the new pods the place of the old one of the same name. O(n) where both are in one order, but for a few.
  private static func former(_ old: [Pod], _ new: [Pod]) -> [Int?] {
    var result: [Int?] = []
    result.reserveCapacity(new.count)
    var skipped: [Name: Int] = [:]
    var next = 0
    for pod in new.indices {
      if next < old.count, sameName(old[next], new[pod]) {
        result.append(next)
        next += 1
      } else if let place = skipped.removeValue(forKey: Name(new[pod])) {
        result.append(place)
      } else if let place = old.indices[next...].prefix(64).first(where: { sameName(old[$0], new[pod]) }) {
        for between in next..<place { skipped[Name(old[between])] = between }
        result.append(place)
        next = place + 1
      } else {
        result.append(nil)
      }
    }
    for rest in old.indices[next...] { skipped[Name(old[rest])] = rest }
    if !skipped.isEmpty {
      for pod in new.indices where result[pod] == nil {
        result[pod] = skipped.removeValue(forKey: Name(new[pod]))
      }
    }
    return result
  }

  /// The addresses of one family: those of the endpoints, which are in order, and others.
  private func addresses(_ family: IPFamily, _ others: [IPAddress]) -> IntervalSet<UInt128> {
    func set(_ addresses: some Sequence<IPAddress>) -> IntervalSet<UInt128> {
      IntervalSet(addresses.lazy.filter { $0.family == family }.map { Interval($0.bits, $0.bits) })
    }
    return set(endpoints.lazy.map(\.address)).union(set(others))
  }

  private static func sameName(_ left: Pod, _ right: Pod) -> Bool {
    left.name == right.name && left.namespace == right.namespace && left.kind == right.kind
  }

  private mutating func add(_ one: OneSided, _ cluster: Cluster, isListed: Bool = true) {
    let pod = cluster.pods[one.index]
    for address in pod.addresses {
      endpoints.append(Endpoint(pod: memberCount, address: address, isPlaceholder: pod.isPlaceholder))
    }
    oneSided.append(one)
    guard isListed else { return }
    if one.isNew {
      changes.appeared.append(pod.endpointName)
    } else {
      changes.vanished.append(pod.endpointName)
    }
  }

  /// The number of pods that the indices of endpoints count: those of both revisions, then those of one.
  public var memberCount: Int { pairs.count + oneSided.count }

  /// The index of a pod in the old revision's `Cluster.pods`; nil where that has it not.
  public func old(_ pod: Int) -> Int? {
    if pod < pairs.count { return pairs[pod].old }
    let one = oneSided[pod - pairs.count]
    return one.isNew ? nil : one.index
  }

  /// The index of a pod in the new revision's `Cluster.pods`; nil where that has it not.
  public func new(_ pod: Int) -> Int? {
    if pod < pairs.count { return pairs[pod].new }
    let one = oneSided[pod - pairs.count]
    return one.isNew ? one.index : nil
  }

  /// Field by field: a whole pod costs a count up and down for each of its parts.
  ///
  /// - Returns: false where the two have no address in common.
  private mutating func add(
    _ old: Int, _ new: Int, _ before: Cluster, _ after: Cluster, _ others: inout [IPAddress]
  ) -> Bool {
    let (former, latter) = (before.pods[old].addresses, after.pods[new].addresses)
    var shared = latter
    if former != latter {
      shared = latter.filter(former.contains)
      others += (former + latter).filter { !shared.contains($0) }
    }
    if shared.isEmpty {
      changes.readdressed.append(after.pods[new].endpointName)
      return false
    }
    if shared.count < max(former.count, latter.count) {
      changes.partlyReaddressed.append(after.pods[new].endpointName)
    }
    let placeholder = after.pods[new].isPlaceholder
    for address in shared {
      endpoints.append(Endpoint(pod: pairs.count, address: address, isPlaceholder: placeholder))
    }
    pairs.append(Pair(old: old, new: new))
    return true
  }

  /// For each pod whether it can have connections of a family.
  public func takesPart(in family: IPFamily) -> [Bool] {
    var result = Array(repeating: false, count: memberCount)
    for endpoint in endpoints where endpoint.address.family == family {
      result[endpoint.pod] = true
    }
    return result
  }

  /// The endpoints whose addresses lie in an interval. O(log n).
  public func endpoints(in interval: Interval<UInt128>, _ family: IPFamily) -> ArraySlice<Endpoint> {
    endpoints[range(of: interval, family)]
  }

  /// Where those endpoints stand in `endpoints`. O(log n).
  public func range(of interval: Interval<UInt128>, _ family: IPFamily) -> Range<Int> {
    let first = endpoints.prefixCount(where: { $0.address < IPAddress(family, bits: interval.lower) })
    let end = endpoints.prefixCount(where: { $0.address <= IPAddress(family, bits: interval.upper) })
    return first..<end
  }

  /// The first address of an interval that is no pod's; nil when there is none. O(log n).
  public func firstOutside(in interval: Interval<UInt128>, _ family: IPFamily) -> UInt128? {
    var place = 0
    return firstOutside(in: interval, family, from: &place)
  }

  /// The same for intervals in ascending order. O(log distance) from one to the next.
  ///
  /// - Parameters:
  ///   - interval: the addresses.
  ///   - family: their family.
  ///   - place: 0 for the first interval; where the search for the next one begins.
  /// - Returns: the first address of the interval that is no pod's; nil when there is none.
  public func firstOutside(
    in interval: Interval<UInt128>, _ family: IPFamily, from place: inout Int
  ) -> UInt128? {
    let stretches = family == .ipv4 ? podAddresses.ipv4.intervals : podAddresses.ipv6.intervals
    var step = 1
    while place + step <= stretches.count, stretches[place + step - 1].upper < interval.lower {
      place += step
      step *= 2
    }
    var end = min(place + step, stretches.count)
    while place < end {
      let middle = (place + end) / 2
      if stretches[middle].upper < interval.lower { place = middle + 1 } else { end = middle }
    }
    guard place < stretches.count, stretches[place].lower <= interval.lower else { return interval.lower }
    // Between two stretches at least one address is missing.
    let last = stretches[place].upper
    return last < interval.upper ? last + 1 : nil
  }
}

extension Array {
  /// The number of elements that meet a condition, where those precede all others. O(log n).
  public func prefixCount(where holds: (Element) -> Bool) -> Int {
    partitioningIndex { !holds($0) }
  }
}
