import Addresses
import PolicyModel
import Reachability

/// The pods that two revisions share, and the addresses by which they are known.
struct CommonPods {
  struct Pair {
    let old: Int
    let new: Int
  }

  /// One address of a pod, the same in both revisions.
  struct Endpoint: Hashable {
    let pod: Int
    let address: IPAddress
    let isStandIn: Bool

    /// The families that a change of its connections is told for: pods to come may have either.
    var families: [IPFamily] { isStandIn ? IPFamily.allCases : [address.family] }
  }

  private(set) var pairs: [Pair] = []
  private(set) var changes = PodChanges()
  /// Ascending by address.
  private(set) var endpoints: [Endpoint] = []
  /// Every address of a pod of either revision, ascending.
  private(set) var podAddresses: [IPAddress] = []

  private struct Name: Hashable {
    let namespace: String
    let kind: String
    let name: String
    init(_ pod: Pod) { (namespace, kind, name) = (pod.namespace, pod.kind, pod.name) }
  }

  init(_ old: Cluster, _ new: Cluster) {
    if old.pods.elementsEqual(new.pods, by: { Name($0) == Name($1) }) {
      for index in old.pods.indices { add(index, index, old, new) }
    } else {
      var rest: [Name: Int] = [:]
      for (index, pod) in old.pods.enumerated() { rest[Name(pod)] = index }
      for (index, pod) in new.pods.enumerated() {
        if let former = rest.removeValue(forKey: Name(pod)) {
          add(former, index, old, new)
        } else {
          changes.appeared.append(pod.endpointName)
        }
      }
      changes.vanished = rest.values.sorted().map { old.pods[$0].endpointName }
    }
    endpoints.sort { $0.address < $1.address }
    var all = Set(old.pods.flatMap(\.addresses))
    all.formUnion(new.pods.lazy.flatMap(\.addresses))
    podAddresses = all.sorted()
  }

  private mutating func add(_ old: Int, _ new: Int, _ before: Cluster, _ after: Cluster) {
    let (former, pod) = (before.pods[old], after.pods[new])
    let shared =
      former.addresses == pod.addresses
      ? pod.addresses : pod.addresses.filter(former.addresses.contains)
    if shared.isEmpty {
      changes.readdressed.append(pod.endpointName)
      return
    }
    let standIn = pod.isStandIn
    for address in shared {
      endpoints.append(Endpoint(pod: pairs.count, address: address, isStandIn: standIn))
    }
    pairs.append(Pair(old: old, new: new))
  }

  /// The families of each pod's connections.
  var families: [Set<IPFamily>] {
    var result = Array(repeating: Set<IPFamily>(), count: pairs.count)
    for endpoint in endpoints { result[endpoint.pod].formUnion(endpoint.families) }
    return result
  }

  /// The endpoints whose addresses lie in an interval. O(log n).
  func endpoints(in interval: Interval<UInt128>, _ family: IPFamily) -> ArraySlice<Endpoint> {
    endpoints[range(of: interval, family)]
  }

  /// Where those endpoints stand in `endpoints`. O(log n).
  func range(of interval: Interval<UInt128>, _ family: IPFamily) -> Range<Int> {
    let first = endpoints.prefixCount(where: { $0.address < IPAddress(family, bits: interval.lower) })
    let end = endpoints.prefixCount(where: { $0.address <= IPAddress(family, bits: interval.upper) })
    return first..<end
  }

  /// The first address of an interval that is no pod's and no stand-in; nil when there is none. O(log n + pods that
  /// stand one behind the other).
  func firstOutside(in interval: Interval<UInt128>, _ family: IPFamily) -> UInt128? {
    let block = Cluster.standInBlock.interval
    var candidate = interval.lower
    var index = podAddresses.prefixCount(where: { $0 < IPAddress(family, bits: candidate) })
    while candidate <= interval.upper {
      if family == .ipv6, block.contains(candidate) {
        if block.upper >= interval.upper { return nil }
        candidate = block.upper + 1
        index = podAddresses.prefixCount(where: { $0 < IPAddress(family, bits: candidate) })
        continue
      }
      guard index < podAddresses.count, podAddresses[index] == IPAddress(family, bits: candidate) else {
        return candidate
      }
      if candidate == interval.upper { return nil }
      candidate += 1
      index += 1
    }
    return nil
  }
}

extension Array {
  /// How many elements a condition holds for, where those come before all others. O(log n).
  func prefixCount(where holds: (Element) -> Bool) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if holds(self[middle]) { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
