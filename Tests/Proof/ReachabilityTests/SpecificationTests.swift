import Addresses
import PolicyModel
import Reachability
import TestSupport
import Testing

@Suite("the specification says what the policies say", .bounded)
struct SpecificationTests {
  @Test("random clusters, every representative packet, all pods or one node's", arguments: 0..<60)
  func againstPlainEvaluator(seed: UInt64) {
    againstPlainEvaluator(RandomCluster(seed: seed).contents, seed)
  }

  @Test("random clusters of several tiers, every representative packet", arguments: 0..<60)
  func tiersAgainstPlainEvaluator(seed: UInt64) {
    againstPlainEvaluator(RandomTiers(seed: seed).contents, seed)
  }

  private func againstPlainEvaluator(_ contents: ManifestContents, _ seed: UInt64) {
    let cluster = Cluster.resolve(contents).cluster
    let store = DiagramStore()
    for node in [nil, RandomCluster.node] {
      let specification = Specification(cluster, node: node, in: store)
      let plain = PlainEvaluator(contents, node: node)
      for probe in plain.representativeProbes() {
        let expected = plain.allows(probe)
        let allowed = store.traffic(specification.allowed(from: probe.source, to: probe.destination))
        #expect(allowed.contains(probe.transport, probe.port) == expected, "seed \(seed): \(probe)")
      }
    }
  }

  @Test("every subject is in one class, and its class's policies are those that select it", arguments: 0..<40)
  func classes(seed: UInt64) {
    let cluster = RandomCluster(seed: seed, pods: 30, policies: 8).cluster
    let specification = Specification(cluster, node: RandomCluster.node)
    let members = specification.classes.flatMap(\.pods)
    #expect(members.sorted() == cluster.pods.indices.filter { cluster.pods[$0].node == RandomCluster.node })
    for (index, pod) in cluster.pods.enumerated() where pod.node == RandomCluster.node {
      for direction in Direction.allCases {
        let expected = cluster.policies.indices.filter {
          let policy = cluster.policies[$0]
          return policy.id.namespace == pod.namespace && policy.rules(direction) != nil
            && policy.subjects.pods.matches(pod.labels)
        }
        #expect(specification.profile(ofPod: index, direction).policies == expected)
      }
    }
  }

  @Test("the order of policies and pods means nothing", arguments: 0..<20)
  func orderIndependence(seed: UInt64) {
    let cluster = RandomCluster(seed: seed).cluster
    let turned = Cluster(
      policies: cluster.policies.reversed(), namespaces: cluster.namespaces, pods: cluster.pods.reversed())
    let store = DiagramStore()
    let (first, second) = (Specification(cluster, in: store), Specification(turned, in: store))
    for index in cluster.pods.indices {
      for direction in Direction.allCases {
        for family in IPFamily.allCases {
          #expect(
            first.profile(ofPod: index, direction).allowed(family)
              == second.profile(ofPod: cluster.pods.count - 1 - index, direction).allowed(family))
        }
      }
    }
  }
}
