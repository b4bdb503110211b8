import Addresses
import PolicyList
import PolicyModel
import Reachability
import TestSupport
import Testing

@Suite("list --exposure, against pods that are added", .bounded)
struct ExposureTests {
  @Test("a pod that is added may use just what the lines that mean it say", .long)
  func addedPods() throws {
    let neutral = try #require(IPAddress("198.51.100.7"))
    for seed in UInt64(0)..<250 {
      let cluster = RandomCluster(seed: seed).cluster
      let list = ConnectionLister(cluster).list(exposure: true)
      let isInBlock = cluster.policies.contains { policy in
        ((policy.ingress ?? []) + (policy.egress ?? [])).flatMap(\.peers.entries).contains { peer in
          if case .ipBlock(let block) = peer.kind { block.cidr.contains(neutral) } else { false }
        }
      }
      if isInBlock { continue }
      for (namespace, labels) in Self.kinds {
        // Its own policies are another matter: it is looked at from the other end.
        var added = Pod(
          namespace: namespace, name: "zz-added", labels: labels, addresses: [neutral], origin: .nowhere)
        added.phase = .running
        let grown = Cluster(
          policies: cluster.policies, namespaces: cluster.namespaces,
          pods: (cluster.pods + [added]).sorted { ($0.namespace, $0.name) < ($1.namespace, $1.name) })
        let specification = Specification(grown)
        for (index, pod) in list.cluster.pods.enumerated() {
          guard
            let place = grown.pods.firstIndex(where: { $0.namespace == pod.namespace && $0.name == pod.name })
          else { continue }
          for direction in [Direction.ingress, .egress] {
            let profile = specification.profile(ofPod: place, direction)
            let meant = specification.store.traffic(
              specification.store.traffic(of: profile.allowed(.ipv4), at: neutral.bits))
            #expect(
              Self.told(list, index, direction, added, cluster) == meant,
              "seed \(seed): \(pod.displayName) \(direction) with \(namespace) \(labels)")
          }
        }
      }
    }
  }

  private static let kinds: [(String, Labels)] = [
    ("default", [:]), ("prod", ["app": "a"]), ("dev", ["app": "b", "tier": "c"]), ("new", ["version": "a"]),
    ("new", [:]),
  ]

  private static func told(
    _ list: ConnectionList, _ pod: Int, _ direction: Direction, _ added: Pod, _ cluster: Cluster
  ) -> TrafficSet {
    let labels = cluster.labels(ofNamespace: added.namespace)
    return (list.exposures ?? []).filter { exposure in
      guard exposure.direction == direction,
        case .groups(let groups) = list.endpoints[exposure.endpoint].members,
        groups.contains(where: { list.groups[$0].pods.contains(pod) })
      else { return false }
      return switch exposure.peer {
      case .everyPod: true
      case .inNamespace(let namespace, let pods): namespace == added.namespace && pods.matches(added.labels)
      case .inNamespaces(let namespaces, let pods): namespaces.matches(labels) && pods.matches(added.labels)
      }
    }.reduce(.nothing) { $0.union($1.traffic) }
  }
}
