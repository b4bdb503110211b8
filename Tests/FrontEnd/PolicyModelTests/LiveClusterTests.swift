import Diagnostics
import PolicyModel
import TestSupport
import Testing

@Suite("a cluster that changes object by object", .bounded)
struct LiveClusterTests {
  @Test(
    "after any events it holds what a reading of the objects from the beginning holds",
    arguments: UInt64(0)..<12)
  func contents(seed: UInt64) throws {
    var random = RandomEvents(seed: seed, withTiers: true)
    var live = LiveCluster()
    _ = live.apply(random.contents.events)
    for step in 0..<120 {
      let events = random.next()
      let (cluster, diagnostics) = Cluster.resolve(random.after(events))
      let change = live.apply(events)
      #expect(!diagnostics.contains { $0.severity == .error })
      random.take(events)
      let resolved = Cluster.resolve(live.contents).cluster
      #expect(resolved.policies == cluster.policies, "seed \(seed), step \(step)")
      #expect(resolved.pods == cluster.pods, "seed \(seed), step \(step)")
      for policy in change.policies { #expect(policy.before != policy.after) }
      for name in cluster.namespaces.keys {
        #expect(live.labels(ofNamespace: name) == cluster.labels(ofNamespace: name))
      }
    }
  }

  @Test("a warning about a namespace that nobody wrote is given once, again after it was written and went")
  func unknownNamespace() throws {
    var live = LiveCluster()
    func policy(_ name: String) -> ClusterEvent {
      .policy(
        Policy(
          id: PolicyID(namespace: "shop", name: name), subjects: PodSet(.own, LabelSelector()), ingress: [],
          egress: nil, origin: .nowhere))
    }
    #expect(live.apply([policy("a")]).warnings.map(\.id) == ["unknown-namespace"])
    #expect(live.apply([policy("b")]).warnings.isEmpty)
    _ = live.apply([.namespace(Namespace(name: "shop", origin: .nowhere)), .namespaceRemoved("shop")])
    #expect(live.apply([policy("c")]).warnings.isEmpty)
    _ = live.apply([.namespace(Namespace(name: "shop", origin: .nowhere))])
    _ = live.apply([.namespaceRemoved("shop")])
    #expect(live.apply([policy("d")]).warnings.map(\.id) == ["unknown-namespace"])
  }

  @Test("a policy of the cluster asks for no namespace")
  func clusterPolicy() throws {
    var live = LiveCluster()
    let policy = Policy(
      id: PolicyID(namespace: nil, name: "all"),
      subjects: PodSet(.matching(LabelSelector()), LabelSelector()),
      ingress: [], egress: nil, origin: .nowhere)
    #expect(live.apply([.policy(policy)]).warnings.isEmpty)
    #expect(live.apply([.policyRemoved(policy.id)]).policies.first?.after == nil)
  }
}
