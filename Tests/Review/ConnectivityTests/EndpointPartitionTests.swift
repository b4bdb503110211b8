import Addresses
import PolicyModel
import Reachability
import TestSupport
import Testing

@testable import Connectivity

@Suite("classes of the page are pods that nothing tells apart", .bounded)
struct EndpointPartitionTests {
  @Test("one pod stands for its class, by an evaluator of single packets", arguments: UInt64(1)...UInt64(60))
  func interchangeable(seed: UInt64) {
    let random = RandomCluster(seed: seed, pods: 14, policies: 4)
    let cluster = random.cluster
    let evaluator = PlainEvaluator(random.contents, node: nil)
    let specification = Specification(cluster)
    let matches = [PeerMatches(specification)]
    let classes = EndpointPartition([specification], matches, CommonPods(cluster, cluster)).classes
    #expect(classes.flatMap { $0 }.sorted() == Array(cluster.pods.indices))
    var owners: [IPAddress: Int] = [:]
    for (index, pod) in cluster.pods.enumerated() {
      for address in pod.addresses { owners[address] = index }
    }
    // For each pod another one of its class, the next in turn.
    var twins: [Int: Int] = [:]
    for members in classes where members.count > 1 {
      for (place, pod) in members.enumerated() { twins[pod] = members[(place + 1) % members.count] }
    }
    func twin(_ address: IPAddress) -> IPAddress? {
      guard let pod = owners[address], let twin = twins[pod] else { return nil }
      return cluster.pods[twin].addresses.first { $0.family == address.family }
    }
    for probe in evaluator.representativeProbes() {
      let verdict = evaluator.allows(probe)
      let ends = (owners[probe.source], owners[probe.destination])
      if ends.0 != nil, ends.0 == ends.1 { continue }
      if let other = twin(probe.source), owners[other] != ends.1 {
        let changed = ConnectionAttempt(other, probe.destination, probe.transport, probe.port)
        #expect(evaluator.allows(changed) == verdict, "\(probe), and \(changed)")
      }
      if let other = twin(probe.destination), owners[other] != ends.0 {
        let changed = ConnectionAttempt(probe.source, other, probe.transport, probe.port)
        #expect(evaluator.allows(changed) == verdict, "\(probe), and \(changed)")
      }
    }
  }
}
