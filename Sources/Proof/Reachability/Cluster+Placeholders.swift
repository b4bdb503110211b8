public import Addresses
public import PolicyModel

extension Cluster {
  /// The block that placeholder addresses come from: the discard-only block of RFC 6666, where no pod can be.
  public static let placeholderBlock = CIDR(IPAddress(.ipv6, bits: 0x0100 << 112), prefixLength: 64)

  /// The clusters with an address for each pod that has none: workloads stand for pods to come, and a diagram needs a
  /// place for them. The same kind, namespace and name get the same address in every cluster of the list.
  ///
  /// Blocks that contain `placeholderBlock` (`::/0`) contain them, as they would contain the pods to come.
  public static func withPlaceholders(_ clusters: [Cluster]) -> [Cluster] {
    struct Name: Hashable, Comparable {
      let namespace: String
      let kind: String
      let name: String
      init(_ pod: Pod) { (namespace, kind, name) = (pod.namespace, pod.kind, pod.name) }
      static func < (left: Name, right: Name) -> Bool {
        (left.namespace, left.kind, left.name) < (right.namespace, right.kind, right.name)
      }
    }
    let names = Set(
      clusters.flatMap { cluster in
        // Field by field: a whole pod costs a count up and down for each of its parts.
        cluster.pods.indices.lazy.filter { cluster.pods[$0].addresses.isEmpty }.map { Name(cluster.pods[$0]) }
      }
    ).sorted()
    let places = Dictionary(uniqueKeysWithValues: zip(names, UInt128(1)...))
    return clusters.map { cluster in
      let lacking = cluster.pods.indices.filter { cluster.pods[$0].addresses.isEmpty }
      if lacking.isEmpty { return cluster }
      var pods = cluster.pods
      for pod in lacking {
        guard let place = places[Name(pods[pod])] else { continue }
        pods[pod].addresses = [IPAddress(.ipv6, bits: placeholderBlock.base.bits + place)]
      }
      return Cluster(
        policies: cluster.policies, namespaces: cluster.namespaces, pods: pods, nodes: cluster.nodes,
        omitted: cluster.omitted)
    }
  }
}

extension Pod {
  /// True for a pod whose only address is a placeholder, because it has none of its own yet.
  public var isPlaceholder: Bool {
    addresses.count == 1 && addresses.allSatisfy(Cluster.placeholderBlock.contains)
  }
}
