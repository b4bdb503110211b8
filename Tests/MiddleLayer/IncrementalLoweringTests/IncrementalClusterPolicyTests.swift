import Diagnostics
import IncrementalLowering
import Lowering
import PolicyModel
import Ruleset
import TestSupport
import Testing

/// Events of clusters in which ClusterNetworkPolicies and nodes come, change and go.
@Suite("the incremental compiler with ClusterNetworkPolicies", .bounded)
struct IncrementalClusterPolicyTests {
  @Test(
    "after each event the table of a compile, by a difference that makes it",
    arguments: Array(UInt64(0)..<6) + [7, 8, 9])
  func events(seed: UInt64) throws {
    var random = RandomEvents(seed: seed, withClusterPolicies: true)
    let options = LoweringOptions(
      node: seed.isMultiple(of: 3) ? nil : RandomCluster.node, denseFrom: seed.isMultiple(of: 2) ? 9 : 2,
      orderedCopies: seed == 5 ? 6 : 1 << 16,
      modes: EnforcementModes(counts: seed > 5 ? .rules : .denied))
    func fresh(_ contents: ManifestContents) -> (table: Table, isRight: Bool) {
      let (cluster, diagnostics) = Cluster.resolve(contents)
      var lowerer = Lowerer(cluster)
      return (lowerer.lower(options).table, !diagnostics.contains { $0.severity == .error })
    }
    var session = try IncrementalCompiler(random.contents, options)
    var table = fresh(random.contents).table
    #expect(session.table == table)
    var (withPolicies, inParts, steps) = (0, 0, 0)
    for step in 0..<80 {
      let events = random.next()
      let expected = fresh(random.after(events))
      let change = session.apply(events)
      try #require(expected.isRight, "seed \(seed), step \(step): \(events)")
      random.take(events)
      try #require(session.table == expected.table, "seed \(seed), step \(step): \(events)")
      let smallest = TableDelta(from: table, to: expected.table)
      try #require(change.delta == smallest, "seed \(seed), step \(step)")
      steps += 1
      if !session.isCompiledWhole { inParts += 1 }
      table = session.table
      if random.contents.policies.contains(where: { $0.id.kind != .networkPolicy }) { withPolicies += 1 }
    }
    #expect(withPolicies > 0)
    #expect(inParts > steps / 8 && inParts <= steps)
  }
}
