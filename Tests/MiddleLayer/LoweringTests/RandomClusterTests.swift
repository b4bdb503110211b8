import Lowering
import Ruleset
import TestSupport
import Testing
import Verification

/// The compiled ruleset, interpreted packet by packet, against the evaluator that asks every policy in turn. The
/// kernel itself is asked in PacketTests.
@Suite("random clusters, interpreted rulesets", .long, .bounded)
struct RandomClusterTests {
  /// How many clusters a slice of the test goes through; the slices run side by side.
  static let clusters = 1_000

  /// Forty packets through a table and by the plain reading of the policies.
  private func check(_ table: RulesetEvaluator, _ evaluator: PlainEvaluator, _ seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    for attempt in evaluator.randomProbes(40, &generator) {
      for isTranslated in [false, true] {
        let packet = Packet(
          attempt.source, attempt.destination, transport: attempt.transport, destinationPort: attempt.port,
          isTranslated: isTranslated)
        let expected: Decision = evaluator.allows(attempt, isTranslated: isTranslated) ? .accept : .drop
        #expect(table.evaluate(packet).decision == expected, "seed \(seed): \(packet)")
      }
    }
  }

  @Test("10,000 clusters, forty packets each, in both forms of class chains", arguments: 0..<10)
  func againstTheComments(slice: Int) {
    for seed in UInt64(slice * Self.clusters)..<UInt64((slice + 1) * Self.clusters) {
      let random = RandomCluster(seed: seed)
      let node = seed.isMultiple(of: 3) ? nil : RandomCluster.node
      var lowerer = Lowerer(random.cluster)
      let lowered = lowerer.lower(
        LoweringOptions(node: node, denseFrom: seed.isMultiple(of: 2) ? 9 : 1, copyAtMost: Int(seed % 5)))
      let table = RulesetEvaluator(lowered.table)
      check(table, PlainEvaluator(random.contents, node: node), seed)
    }
  }

  @Test("10,000 clusters of several tiers, in both forms of class chains", arguments: 0..<10)
  func tiers(slice: Int) {
    for seed in UInt64(slice * Self.clusters)..<UInt64((slice + 1) * Self.clusters) {
      let random = RandomTiers(seed: seed)
      let node = seed.isMultiple(of: 3) ? nil : RandomCluster.node
      var lowerer = Lowerer(random.cluster)
      let options = LoweringOptions(
        node: node, denseFrom: [9, 1, 4][Int(seed % 3)], copyAtMost: Int(seed % 5))
      let table = RulesetEvaluator(lowerer.lower(options).table)
      check(table, PlainEvaluator(random.contents, node: node), seed)
    }
  }
}
