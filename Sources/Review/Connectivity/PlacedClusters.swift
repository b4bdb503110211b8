import Addresses
public import PolicyModel

/// Clusters whose pods all have addresses: those without one have examples of all that they may get.
public struct PlacedClusters: Sendable {
  /// The clusters, in the order given.
  public let clusters: [Cluster]
  /// The addresses that pods without one may get.
  public let future: FutureAddresses
  /// One address of each stretch that every pod without an address has one of.
  private let tried: [IPAddress]
  /// One address of each stretch that not all of them could have one of.
  private let untried: [IPAddress]
  /// True where every pod without an address has one of each stretch that the policies distinguish.
  public var isComplete: Bool { untried.isEmpty }
  /// Up to so many addresses are given.
  private static let most = 200_000

  /// Gives each pod without an address one of each stretch that the policies' blocks distinguish, and no other pod has. The
  /// same kind, namespace and name gets the same addresses in every cluster of the list.
  ///
  /// - Parameters:
  ///   - clusters: revisions of one cluster.
  ///   - future: where the addresses come from; nil: the clusters' own.
  ///   - leavesRoom: false where a stretch may be used up, so that nothing can be said about addresses outside.
  ///   - isReversed: true where the last pods by name come first in stretches without room for all.
  public init(
    _ clusters: [Cluster], from future: FutureAddresses? = nil, leavesRoom: Bool = true,
    isReversed: Bool = false
  ) {
    struct Name: Hashable, Comparable {
      let namespace: String
      let kind: String
      let name: String
      init(_ pod: Pod) { (namespace, kind, name) = (pod.namespace, pod.kind, pod.name) }
      static func < (left: Name, right: Name) -> Bool {
        (left.namespace, left.kind, left.name) < (right.namespace, right.kind, right.name)
      }
    }
    let ascending = Set(
      clusters.flatMap { cluster in
        // Field by field: a whole pod costs a count up and down for each of its parts.
        cluster.pods.indices.lazy.filter { cluster.pods[$0].addresses.isEmpty }.map { Name(cluster.pods[$0]) }
      }
    ).sorted()
    let names = isReversed ? Array(ascending.reversed()) : ascending
    let future = future ?? FutureAddresses(clusters)
    self.future = future
    guard !names.isEmpty else {
      (self.clusters, tried, untried) = (clusters, [], [])
      return
    }
    var taken = Set<IPAddress>(minimumCapacity: clusters.reduce(0) { $0 + $1.pods.count })
    for cluster in clusters {
      for index in cluster.pods.indices {
        for address in cluster.pods[index].addresses { taken.insert(address) }
      }
    }
    var stretches = future.stretches(clusters.reduce(into: Set<IPBlock>()) { $0.formUnion($1.policyBlocks) })
    var (tried, untried): ([IPAddress], [IPAddress]) = ([], [])
    if stretches.count * names.count > Self.most {
      // Those in the fewest blocks first, of which each family has one.
      stretches.sort { $0.containing < $1.containing }
      let rest = stretches.dropFirst(max(2, Self.most / names.count))
      untried = rest.compactMap { $0.addresses(1, taken: []).first }
      stretches.removeLast(rest.count)
    }
    var addresses = Array(repeating: [IPAddress](), count: names.count)
    for stretch in stretches {
      let room = stretch.addresses(names.count + (leavesRoom ? 1 : 0), taken: taken)
      let own = leavesRoom && room.count <= names.count ? room.dropLast() : room.prefix(names.count)
      if let first = stretch.addresses(1, taken: []).first {
        if own.count < names.count { untried.append(first) } else { tried.append(first) }
      }
      for (place, address) in own.enumerated() { addresses[place].append(address) }
    }
    let places = Dictionary(uniqueKeysWithValues: zip(names, addresses))
    (self.tried, self.untried) = (tried, untried)
    self.clusters = clusters.map { cluster in
      let lacking = cluster.pods.indices.filter { cluster.pods[$0].addresses.isEmpty }
      if lacking.isEmpty { return cluster }
      var pods = cluster.pods
      for pod in lacking {
        pods[pod].addresses = places[Name(pods[pod])] ?? []
        pods[pod].isPlaceholder = true
      }
      return cluster.with(pods: pods)
    }
  }

  /// True where every pod without an address has one of each stretch that some blocks distinguish. O(blocks · stretches).
  public func isComplete(for blocks: Set<IPBlock>) -> Bool {
    if untried.isEmpty { return true }
    let ordered = Array(blocks)
    func signature(_ address: IPAddress) -> [Bool] {
      [address.family == .ipv4]
        + ordered.map { block in
          block.cidr.contains(address) && !block.except.contains { $0.contains(address) }
        }
    }
    let known = Set(tried.map(signature))
    return untried.allSatisfy { known.contains(signature($0)) }
  }
}
