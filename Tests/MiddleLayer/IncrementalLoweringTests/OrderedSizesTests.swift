import Addresses
import IncrementalLowering
import Lowering
import PolicyModel
import Ruleset
import TestSupport
import Testing
import Verification

/// Lists of ordered rules that are walked or looked up for their sizes, while these change.
@Suite("the incremental compiler and the sizes of ordered lists", .bounded)
struct OrderedSizesTests {
  @Test("where lists become too large for lookups, and small enough again, each table is that of a compile")
  func sizes() throws {
    var (mixed, otherwise, changes) = (0, 0, 0)
    for seed in testSeeds {
      var random = RandomEvents(seed: seed, pods: 40, policies: 4, withClusterPolicies: true)
      let options = LoweringOptions(
        node: seed.isMultiple(of: 3) ? nil : RandomCluster.node, denseFrom: 2,
        copyAtMost: seed.isMultiple(of: 2) ? 1_024 : 6, orderedCopies: [0, 8, 16, 60][Int(seed % 4)],
        modes: EnforcementModes(
          established: seed % 7 == 0 ? .recheck : .keep, counts: seed.isMultiple(of: 5) ? .rules : .denied))
      func fresh(_ contents: ManifestContents) -> LoweredRuleset {
        var lowerer = Lowerer(Cluster.resolve(contents).cluster)
        return lowerer.lower(options)
      }
      var session = try IncrementalCompiler(random.contents, options)
      var before = fresh(random.contents)
      #expect(session.table == before.table)
      for step in 0..<60 {
        let events = random.next()
        random.take(events)
        let change = session.apply(events)
        let now = fresh(random.contents)
        try #require(session.table == now.table, "seed \(seed), step \(step): \(events)")
        try #require(
          change.delta == TableDelta(from: before.table, to: now.table), "seed \(seed), step \(step)")
        let isShared = Cluster.resolve(random.contents).cluster.pods.contains { !$0.claimants.isEmpty }
        #expect(isShared || !session.isCompiledWhole, "seed \(seed), step \(step)")
        if !isShared, now.counts.walkedTiers > 0 {
          if now.table.maps.contains(where: { $0.name.hasSuffix(".pods") }) { mixed += 1 }
          if now.counts.walkedTiers != before.counts.walkedTiers {
            changes += 1
            if events.allSatisfy(\.isOfPod) { otherwise += 1 }
          }
        }
        before = now
      }
    }
    #expect(
      mixed > 10 && changes > 10 && otherwise > 3,
      "\(mixed) tables with both, \(changes) changes of the form, \(otherwise) by pods alone")
  }

  private var testSeeds: ClosedRange<UInt64> { TestEnvironment.isQuick ? 601...612 : 601...680 }

  /// Two nodes, and under each of twenty ClusterNetworkPolicies, some of them of both tiers, a part of their pods.
  private static func contents(pods: Int) -> ManifestContents {
    let origin = RandomCluster.origin
    var contents = ManifestContents()
    contents.namespaces = (0..<4).map { team in
      Namespace(name: "team-\(team)", labels: ["team": "t\(team)"], origin: origin)
    }
    // The node has as many pods, however many there are.
    contents.pods = (0..<pods).map { number in
      Pod(
        namespace: "team-\(number % 4)", name: "pod-\(number)", labels: ["app": "a\(number % 12)"],
        addresses: [IPAddress(.ipv4, bits: 0x0af4_0000 + UInt128(number))],
        node: number < 24 ? RandomCluster.node : "other", origin: origin)
    }
    func rules(_ policy: Int) -> [PolicyRule] {
      (0..<10).map { number in
        PolicyRule(
          [.accept, .deny, .pass][(number + policy) % 3],
          peers: .anyOf([
            Peer(
              .pods(
                .matching(LabelSelector(matchLabels: ["team": "t\((number + policy) % 4)"])),
                LabelSelector(matchLabels: ["app": "a\((number * 5 + policy) % 12)"])), origin: origin)
          ]), ports: .anyOf([PolicyPort(.tcp, .range(Interval(UInt16(80 + number))), origin: origin)]),
          origin: origin)
      }
    }
    contents.policies = (0..<20).map { number in
      Policy(
        id: PolicyID(.clusterNetworkPolicy, namespace: nil, name: "policy-\(number)"),
        tier: number % 3 == 0 ? .baseline : .admin, priority: number,
        subjects: PodSet(
          .matching(LabelSelector(matchLabels: ["team": "t\(number % 4)"])), LabelSelector()),
        ingress: rules(number), egress: rules(number + 1), origin: origin)
    }
    return contents
  }

  @Test(
    "where lists are walked for their sizes, a pod that comes or goes is elements of sets, few steps, and a slice"
  )
  func elements() throws {
    var steps: [Int] = []
    for count in [240, 1_200] {
      let contents = Self.contents(pods: count)
      let options = LoweringOptions(node: RandomCluster.node, orderedCopies: 0)
      var session = try IncrementalCompiler(contents, options)
      #expect(!session.isCompiledWhole)
      let before = session.table
      #expect(before.chains.contains { $0.name.hasPrefix("in4_admin-") })
      #expect(!before.maps.contains { $0.name.hasSuffix(".pods") })
      var most = 0
      for pod in contents.pods[30..<54] {
        for event in [ClusterEvent.podRemoved(namespace: pod.namespace, name: pod.name), .pod(pod)] {
          let known = session.steps
          let change = session.apply([event])
          most = max(most, session.steps - known)
          var elements = TableDelta(from: before, to: before)
          elements.changedSets = change.delta.changedSets
          #expect(change.delta == elements, "\(pod.name)")
          let found = session.slice(of: change)
          let slice = try #require(found, "\(pod.name)")
          #expect(slice.cluster.pods.count < 30)
          #expect(Verifier.verify(slice.table, for: slice.cluster, node: RandomCluster.node).isProven)
        }
      }
      steps.append(most)
      #expect(session.table == before)
      var lowerer = Lowerer(Cluster.resolve(contents).cluster)
      #expect(before == lowerer.lower(options).table)
    }
    #expect(steps[0] == steps[1], "\(steps)")
  }

  @Test("the sizes of lists decide which are looked up, not the order of pods and policies")
  func order() {
    let contents = Self.contents(pods: 240)
    func table(_ contents: ManifestContents, _ copies: Int) -> LoweredRuleset {
      var lowerer = Lowerer(Cluster.resolve(contents).cluster)
      return lowerer.lower(LoweringOptions(node: RandomCluster.node, orderedCopies: copies))
    }
    let all = table(contents, 0).counts.walkedTiers
    var partly: Set<Int> = []
    for copies in stride(from: 0, to: 6_000, by: 200) {
      let walked = table(contents, copies).counts.walkedTiers
      if walked > 0, walked < all { partly.insert(walked) }
      // Pods of the node by other names are in another order.
      var renamed = contents
      renamed.pods = contents.pods.enumerated().map { place, pod in
        var pod = pod
        pod.name = "pod-\(contents.pods.count - place)"
        return pod
      }
      let other = table(renamed, copies)
      #expect(other.table == table(contents, copies).table, "\(copies)")
      #expect(other.counts.walkedTiers == walked, "\(copies)")
    }
    #expect(!partly.isEmpty, "of \(all) lists all or none")
  }
}

extension ClusterEvent {
  /// True for an event of a pod.
  var isOfPod: Bool {
    switch self {
    case .pod, .podRemoved: true
    default: false
    }
  }
}
