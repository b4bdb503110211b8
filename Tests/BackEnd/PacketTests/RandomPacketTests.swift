import PolicyModel
import TestSupport
import Testing

@Suite(
  "random clusters, real packets",
  .needsRoot, .bounded)
struct RandomPacketTests {
  @Test("the kernel lets through what the API's comments say, 120 clusters", .long)
  func againstTheComments() throws {
    try againstTheComments(1...120) { RandomCluster(seed: $0).contents }
  }

  @Test("the kernel asks tiers in order, 60 clusters")
  func tiers() throws { try againstTheComments(1...60) { RandomTiers(seed: $0).contents } }

  @Test("the kernel keeps to the reference semantics of ClusterNetworkPolicy, 200 clusters", .long)
  func clusterPolicies() throws { try againstTheChecklist(1...200, orderedCopies: 1 << 16) }

  @Test("the kernel walks ordered rules whose lookups would be too large, 12 clusters")
  func walks() throws { try againstTheChecklist(1...12, orderedCopies: 0) }

  private func againstTheChecklist(_ seeds: ClosedRange<UInt64>, orderedCopies: Int) throws {
    for seed in seeds {
      let random = RandomClusterPolicies(seed: seed)
      let node = seed.isMultiple(of: 3) ? nil : RandomCluster.node
      let run = try PacketRun(
        random.cluster, node: node, denseFrom: seed.isMultiple(of: 2) && orderedCopies > 0 ? 9 : 2,
        orderedCopies: orderedCopies)
      let oracle = ClusterPolicyOracle(random, node: node)
      var generator = SeededGenerator(seed: seed)
      let probes = oracle.randomProbes(300, &generator).filter(run.canSend)
      for (probe, arrived) in zip(probes, try run.send(probes)) {
        #expect(arrived == oracle.allows(probe), "seed \(seed): \(probe)")
      }
    }
  }

  private func againstTheComments(
    _ seeds: ClosedRange<UInt64>, _ contents: (UInt64) -> ManifestContents
  ) throws {
    for seed in seeds {
      let contents = contents(seed)
      let node = seed.isMultiple(of: 3) ? nil : RandomCluster.node
      let run = try PacketRun(
        Cluster.resolve(contents).cluster, node: node, denseFrom: seed.isMultiple(of: 2) ? 9 : 2)
      let evaluator = PlainEvaluator(contents, node: node)
      var generator = SeededGenerator(seed: seed)
      let probes = evaluator.representativeProbes().filter(run.canSend).shuffled(using: &generator).prefix(
        400)
      for (probe, arrived) in zip(probes, try run.send(Array(probes))) {
        #expect(arrived == evaluator.allows(probe), "seed \(seed): \(probe)")
      }
    }
  }
}
