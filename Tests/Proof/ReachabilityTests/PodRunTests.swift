import PolicyModel
import TestSupport
import Testing

@Suite("runs of pods that policies cannot tell apart", .bounded)
struct PodRunTests {
  /// What a policy can ask of a pod besides its addresses.
  private struct Look: Equatable {
    let namespace: String
    let labels: Labels
    let ports: [NamedPort]
    init(_ pod: Pod) { (namespace, labels, ports) = (pod.namespace, pod.labels, pod.namedPorts) }
  }

  @Test("they cover all pods in order, are alike inside and differ at their ends", arguments: 0..<40)
  func runs(seed: UInt64) {
    let cluster = RandomCluster(seed: seed, pods: 12, policies: 2).cluster
    var next = 0
    for run in cluster.podRuns {
      #expect(run.lowerBound == next && !run.isEmpty)
      next = run.upperBound
      let looks = cluster.pods[run].map(Look.init)
      #expect(looks.allSatisfy { $0 == looks[0] })
      if next < cluster.pods.count { #expect(Look(cluster.pods[next]) != looks[0]) }
    }
    #expect(next == cluster.pods.count)
  }
}
