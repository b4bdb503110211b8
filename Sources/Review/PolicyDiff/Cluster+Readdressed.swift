import Addresses
import Connectivity
import PolicyModel

extension Cluster {
  /// The old revision with the addresses that its pods have in the new one, for pods that have others there which no block of
  /// either revision's policies distinguishes: a comparison at the new addresses is one at the old ones.
  ///
  /// - Complexity: O(pods); with pods at other addresses these times the blocks of policies.
  func addressed(like new: Cluster) -> Cluster {
    guard let moved = moved(to: new), !moved.isEmpty else { return self }
    let blocks = policyBlocks.union(new.policyBlocks)
    func signature(_ address: IPAddress) -> [Bool] { blocks.map { $0.contains(address) } }
    var fitting: [Int: [IPAddress]] = [:]
    for (place, addresses) in moved {
      let former = pods[place].addresses
      let fits =
        former.count == addresses.count
        && zip(former.sorted(), addresses.sorted()).allSatisfy {
          $0.family == $1.family && signature($0) == signature($1)
        }
      if fits { fitting[place] = addresses }
    }
    // An address that another pod keeps cannot be taken over.
    var kept = Set(pods.indices.filter { fitting[$0] == nil }.flatMap { pods[$0].addresses })
    while let place = fitting.first(where: { $0.value.contains(where: kept.contains) })?.key {
      fitting[place] = nil
      kept.formUnion(pods[place].addresses)
    }
    if fitting.isEmpty { return self }
    var readdressed = pods
    for (place, addresses) in fitting { readdressed[place].addresses = addresses }
    return with(pods: readdressed)
  }

  /// The new addresses of pods that have none of their old ones, by their places here; nil where no pod has others.
  private func moved(to new: Cluster) -> [Int: [IPAddress]]? {
    func isSame(_ place: Int) -> Bool {
      let (old, latter) = (pods[place], new.pods[place])
      return old.addresses == latter.addresses && old.name == latter.name
    }
    if pods.count == new.pods.count, pods.indices.allSatisfy(isSame) { return nil }
    struct Name: Hashable {
      let namespace: String
      let kind: String
      let name: String
    }
    func isMovable(_ pod: Pod) -> Bool {
      !pod.isPlaceholder && !pod.addresses.isEmpty && pod.claimants.isEmpty
    }
    let latter = Dictionary(
      new.pods.lazy.filter(isMovable).map {
        (Name(namespace: $0.namespace, kind: $0.kind, name: $0.name), $0.addresses)
      },
      uniquingKeysWith: { first, _ in first })
    var moved: [Int: [IPAddress]] = [:]
    for place in pods.indices where isMovable(pods[place]) {
      let pod = pods[place]
      guard let addresses = latter[Name(namespace: pod.namespace, kind: pod.kind, name: pod.name)],
        !addresses.contains(where: pod.addresses.contains)
      else { continue }
      moved[place] = addresses
    }
    return moved
  }
}
