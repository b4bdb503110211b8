import LinuxNet
import Diagnostics
import Enforcement
import Glibc
import Lowering
import NFTables
import PolicyModel
import Reachability
import Ruleset
import RulesetText
import TestSupport
import Testing
import Verification

@Suite("after any sequence of changes the table is that of a fresh apply", .needsRoot, .long, .bounded)
struct SequenceTests {
  /// Whether a table is proved to do what the objects say.
  static func isProven(_ table: Table, _ contents: ManifestContents) -> Bool {
    Verifier(Specification(Cluster.resolve(contents).cluster, node: RandomCluster.node)).verify(table)
      .isProven
  }

  @Test("random changes", arguments: Array(1...repetitions("NETPOLC_TEST_SEQUENCES", 5)))
  func sequence(number: Int) throws {
    let node = try TrialNode()
    let fresh = try TrialNode()
    try node.client.apply("table ip foreign {\n chain c {\n counter\n }\n}\n")
    var random = RandomEvents(seed: UInt64(number), pods: 30, policies: 16)
    // Small maps from few rules on, so that both layouts come up.
    let options = LoweringOptions(node: RandomCluster.node, denseFrom: number % 2 == 0 ? 3 : 9)
    var table: Table?
    var differences = 0
    for step in 0..<101 {
      let next = Self.next(&random, options, other: table)
      table = next
      let report = try node.apply(next, readBack: .never)
      if case .difference = report.change { differences += 1 }
      if case .whole(let reason) = report.change, step > 0 {
        #expect(reason == .restructured, "step \(step): \(reason)")
      }
      let installed = try #require(try node.installed())
      #expect(installed == next.normalized(), "seed \(number), step \(step)")
      try fresh.client.apply(NFTPrinter.replacing(next))
      #expect(try fresh.installed() == installed, "seed \(number), step \(step)")
      #expect(Self.isProven(installed, random.contents), "seed \(number), step \(step)")
    }
    #expect(differences > 50)
    let foreign = try #require(NFTablesTable(family: "ip", name: "foreign"))
    #expect(try node.client.list(foreign, options: .stateless)?.contains("counter") == true)
  }

  /// The table after changes that make a difference to it and do not contradict each other.
  private static func next(_ random: inout RandomEvents, _ options: LoweringOptions, other: Table?) -> Table {
    var table: Table
    repeat {
      var events = random.next()
      while Cluster.resolve(random.after(events)).diagnostics.contains(where: { $0.severity == .error }) {
        events = random.next()
      }
      random.take(events)
      var lowerer = Lowerer(Cluster.resolve(random.contents).cluster)
      table = lowerer.lower(options).table
    } while table == other
    return table
  }

  @Test("two processes at once: one after the other, and the last one's table is whole")
  func twoAtOnce() throws {
    let node = try TrialNode()
    let manifests = try TrialManifests(in: node.directory, pods: 300)
    var expected: [Table] = []
    for revision in 0..<2 {
      #expect(try node.run(manifests.apply(revision)).status == 0)
      expected.append(try #require(try node.installed()))
    }
    #expect(expected[0] != expected[1])
    for _ in 0..<15 {
      let runs = try [0, 1, 0, 1].map { try node.start(manifests.apply($0)) }
      for run in runs {
        let ended = try run.end()
        #expect(ended.status == 0, "\(ended.errors)")
      }
      let installed = try #require(try node.installed())
      #expect(expected.contains(installed))
      let status = try node.namespace.run { try node.enforcer.status() }
      #expect(status.isAsInstalled)
    }
  }
}
