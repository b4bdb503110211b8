import TestSupport
import Testing

@Suite(
  "random clusters, real packets",
  .needsRoot, .bounded)
struct RandomPacketTests {
  @Test("the kernel lets through what the API's comments say, 120 clusters")
  func againstTheComments() throws {
    for seed in UInt64(1)...120 {
      let random = RandomCluster(seed: seed)
      let node = seed.isMultiple(of: 3) ? nil : RandomCluster.node
      let run = try PacketRun(random.cluster, node: node, denseFrom: seed.isMultiple(of: 2) ? 9 : 2)
      let evaluator = PlainEvaluator(random.contents, node: node)
      var generator = SeededGenerator(seed: seed)
      let probes = evaluator.representativeProbes().filter(run.canSend).shuffled(using: &generator).prefix(
        400)
      for (probe, arrived) in zip(probes, try run.send(Array(probes))) {
        #expect(arrived == evaluator.allows(probe), "seed \(seed): \(probe)")
      }
    }
  }
}
