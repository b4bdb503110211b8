import Addresses
import PolicyDiff
import PolicyModel
import PolicyTrace
import TestSupport
import Testing

/// Differences of clusters with ClusterNetworkPolicies, packet by packet against the reference semantics.
@Suite("a difference of ClusterNetworkPolicies is exact", .bounded)
struct ClusterPolicyDiffTests {
  @Test("one policy less, and one more", .long, arguments: UInt64(0)..<60)
  func oneLess(seed: UInt64) {
    let whole = RandomClusterPolicies(seed: seed)
    let less = whole.without(Int(seed) % whole.written.count)
    check(whole, less, seed)
    check(less, whole, seed)
  }

  private func check(_ old: RandomClusterPolicies, _ new: RandomClusterPolicies, _ seed: UInt64) {
    let cluster = old.cluster
    let diff = Differ(cluster, new.cluster, node: nil).compare()
    var reported = ReportedVerdicts(diff: diff)
    let oracles = [old, new].map { ClusterPolicyOracle($0, node: nil) }
    let owners = Dictionary(
      cluster.pods.flatMap { pod in pod.addresses.map { ($0, pod.displayName) } }, uniquingKeysWith: { $1 })
    var generator = SeededGenerator(seed: seed)
    let probes = oracles.flatMap { $0.randomProbes(400, &generator) }
    for attempt in probes {
      let ends = (owners[attempt.source], owners[attempt.destination])
      // A pair of a pod with itself is not part of a difference.
      if ends.0 != nil, ends.0 == ends.1 { continue }
      let verdicts = oracles.map { $0.allows(attempt) }
      let changes = reported.changes(ends.0, ends.1, attempt)
      let told = changes.first.map { change in
        [change.before, change.after].map { $0.contains(attempt.transport, attempt.port) }
      }
      if let told {
        #expect(told == verdicts, "seed \(seed): \(attempt) is told wrong")
      } else {
        #expect(verdicts[0] == verdicts[1], "seed \(seed): \(attempt) missed")
      }
    }
    for witness in diff.changes.map(\.witness) {
      guard let source = witness.sourceAddress, let destination = witness.destinationAddress else { continue }
      let attempt = ConnectionAttempt(source, destination, witness.transport, witness.port ?? 0)
      let verdicts = oracles.map { $0.allows(attempt) }
      #expect(
        verdicts == [witness.allowedBefore, !witness.allowedBefore], "seed \(seed): \(witness.description)")
      for (causes, isAllowed) in zip([witness.before, witness.after], verdicts) {
        #expect(
          causes.contains { $0.verdict == .denied } == !isAllowed, "seed \(seed): \(witness.description)")
      }
    }
  }

  @Test("a cause names the tier, the policy and the rule")
  func causes() throws {
    let inventory = try Fixtures.text("conformance/inventory.yaml")
    func cluster(_ action: String) -> Cluster {
      Scenario(
        yaml: inventory + """
          ---
          apiVersion: policy.networking.k8s.io/v1alpha2
          kind: ClusterNetworkPolicy
          metadata: {name: deny-egress}
          spec:
            tier: Admin
            priority: 5
            subject: {namespaces: {matchLabels: {conformance-house: gryffindor}}}
            egress:
            - {action: Accept, to: [{namespaces: {matchLabels: {conformance-house: hufflepuff}}}]}
            - {name: to-ravenclaw, action: \(action), to: [{namespaces: {matchLabels: {conformance-house: ravenclaw}}}]}
          """
      ).cluster
    }
    let diff = Differ(cluster("Pass"), cluster("Deny"), node: nil).compare()
    let words = try #require(diff.changes.first).witness.after.map(\.words)
    #expect(
      words.contains {
        $0.hasPrefix("egress of gryffindor/harry-potter-")
          && $0.contains(#" denied by tier Admin "deny-egress" rule 2 "to-ravenclaw" spec.egress[1].to[0] ("#)
      }, "\(words)")
  }
}
