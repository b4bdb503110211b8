import Addresses
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

  @Test(
    "many pods that come at once, some with one address: each change begins where the former ended",
    arguments: UInt64(0)..<40)
  func newcomers(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    var live = LiveCluster()
    var known: [Int: Pod] = [:]
    var pods: [String: Pod] = [:]
    for _ in 0..<8 {
      var events: [ClusterEvent] = []
      for _ in 0..<Int.random(in: 1...30, using: &random) {
        let name = "p\(Int.random(in: 0..<40, using: &random))"
        if Int.random(in: 0..<6, using: &random) == 0 {
          events.append(.podRemoved(namespace: "ns", name: name))
          pods[name] = nil
        } else {
          let addresses = (0..<Int.random(in: 0...2, using: &random)).compactMap { _ in
            IPAddress("10.0.0.\(Int.random(in: 0..<60, using: &random))")
          }
          let pod = Pod(
            namespace: "ns", name: name, labels: Labels(), addresses: addresses,
            phase: Bool.random(using: &random) ? .running : .succeeded, origin: .nowhere)
          events.append(.pod(pod))
          pods[name] = pod
        }
      }
      for endpoint in live.apply(events).endpoints {
        #expect(known[endpoint.id] == endpoint.before)
        #expect(endpoint.before != endpoint.after)
        known[endpoint.id] = endpoint.after
      }
      var contents = ManifestContents()
      contents.pods = Array(pods.values)
      #expect(live.podCount == pods.count)
      let expected = Cluster.resolve(contents).cluster.pods
      #expect(live.cluster.pods == expected)
      #expect(
        known.values.sorted { $0.displayName < $1.displayName }
          == expected.sorted { $0.displayName < $1.displayName })
    }
  }

  @Test("the order of pods is that of their names, whatever characters these have", arguments: UInt64(0)..<40)
  func order(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let letters = ["a", "b", "-", "0", "B", seed % 2 == 0 ? "z" : "e\u{301}", seed % 4 == 3 ? "é" : "y"]
    func name() -> String {
      (0..<Int.random(in: 0...40, using: &random)).map { _ in
        letters[Int.random(in: 0..<(Bool.random(using: &random) ? 2 : letters.count), using: &random)]
      }.joined()
    }
    var contents = ManifestContents()
    let namespaces = (0..<4).map { _ in "n" + name() }
    let beginnings = (0..<3).map { _ in name() }
    for number in 0..<200 {
      let namespace = namespaces[Int.random(in: 0..<4, using: &random)]
      let name = beginnings[Int.random(in: 0..<3, using: &random)] + name()
      contents.pods.append(
        Pod(
          namespace: namespace, name: name, labels: Labels(),
          addresses: [IPAddress("10.0.\(number / 250).\(number % 250)")].compactMap(\.self), origin: .nowhere)
      )
    }
    var live = LiveCluster()
    _ = live.apply(contents.events)
    let names = live.contents.pods.map { [$0.namespace, $0.name] }
    #expect(names == names.sorted { $0[0] == $1[0] ? $0[1] < $1[1] : $0[0] < $1[0] })
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
