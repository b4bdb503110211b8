import Addresses
import PolicyModel
public import Reachability

/// The pods that every revision has, in classes that no entry of a policy can distinguish in any of the revisions, as
/// subjects or as peers.
public struct EndpointPartition {
  /// The pods of each class, as ascending indices of `CommonPods.pairs`; by namespace and first pod.
  public let classes: [[Int]]

  /// The properties that distinguish pods: the namespace, the policies that select them, the entries that
  /// match them, the numbers behind their ports' names, and the blocks that their addresses lie in.
  private struct Key: Hashable {
    let namespace: String
    let isPlaceholder: Bool
    let subjects: [Int]
    let signatures: [UInt128]
    let addresses: [Mark]
  }

  private struct Mark: Hashable {
    let family: IPFamily
    let blocks: UInt128
  }

  /// Sorts the pods.
  ///
  /// Which blocks an address lies in is one number, the sum of a random-looking 128-bit number for each of them: kept
  /// as differences between neighbouring addresses, so that a block costs the same however many pods lie in it.
  ///
  /// - Parameters:
  ///   - sides: one revision or two.
  ///   - matches: what the entries of each match.
  ///   - common: the pods.
  /// - Complexity: O((blocks + pods) · log pods).
  public init(_ sides: [Specification], _ matches: [PeerMatches], _ common: CommonPods) {
    var steps = Array(repeating: UInt128(0), count: common.endpoints.count + 1)
    for (ordinal, block) in Set(matches.flatMap(\.blocks)).enumerated() {
      let weight = HashWeight.of(UInt64(ordinal))
      for interval in block.addresses.intervals {
        let range = common.range(of: interval, block.cidr.family)
        steps[range.lowerBound] &+= weight
        steps[range.upperBound] &-= weight
      }
    }
    var marks = Array(repeating: [Mark](), count: common.pairs.count)
    var placeholders = Array(repeating: false, count: common.pairs.count)
    var sum: UInt128 = 0
    for (index, endpoint) in common.endpoints.enumerated() {
      sum &+= steps[index]
      marks[endpoint.pod].append(Mark(family: endpoint.address.family, blocks: sum))
      if endpoint.isPlaceholder { placeholders[endpoint.pod] = true }
    }
    var members: [Key: [Int]] = [:]
    for index in common.pairs.indices {
      let pods = sides.indices.map { common.pod(index, side: $0) }
      let key = Key(
        namespace: sides[0].cluster.pods[pods[0]].namespace, isPlaceholder: placeholders[index],
        subjects: sides.indices.map { sides[$0].classIndex(ofPod: pods[$0]) ?? -1 },
        signatures: sides.indices.map { matches[$0].signatures[matches[$0].kindOfPod[pods[$0]]] },
        addresses: marks[index])
      members[key, default: []].append(index)
    }
    // Pods are ascending by namespace and name, so the first pod of each class is enough.
    classes = members.values.sorted { ($0.first ?? 0) < ($1.first ?? 0) }
  }
}

extension CommonPods {
  /// A pod as one revision knows it: the first for 0, the second for 1.
  public func pod(_ index: Int, side: Int) -> Int { side == 0 ? pairs[index].old : pairs[index].new }
}
