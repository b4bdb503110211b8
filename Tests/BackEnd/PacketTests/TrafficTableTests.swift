import Diagnostics
import TestSupport
import Testing

/// Every table of traffic under `Fixtures/`, sent as real packets.
@Suite(
  "tables of traffic hold for real packets",
  .needsRoot, .bounded)
struct TrafficTableTests {
  @Test("the guide's policies behave as the guide tells", arguments: Fixtures.folders(in: "guide"))
  func guide(name: String) throws {
    try run(Scenario("guide/\(name)", "guide/inventory.yaml"), table: "guide/\(name)/traffic.txt")
  }

  @Test("corner cases", arguments: Fixtures.folders(in: "semantics"))
  func semantics(name: String) throws {
    try run(Scenario("semantics/\(name)"), table: "semantics/\(name)/traffic.txt")
  }

  @Test("scenarios", arguments: Fixtures.folders(in: "scenarios"))
  func scenarios(name: String) throws {
    try run(Scenario("scenarios/\(name)"), table: "scenarios/\(name)/traffic.txt")
  }

  @Test(
    "a row of the checklist of ClusterNetworkPolicy", .long,
    arguments: Fixtures.folders(in: "cluster-policies/rows")
  )
  func clusterPolicies(row: String) throws {
    try run(
      Scenario("cluster-policies/rows/\(row)", "conformance/inventory.yaml"),
      table: "cluster-policies/rows/\(row)/traffic.txt")
  }

  @Test("the situations of the conformance tests", .long, arguments: Fixtures.folders(in: "conformance"))
  func conformance(test: String) throws {
    for situation in Fixtures.folders(in: "conformance/\(test)") {
      try run(
        Scenario("conformance/\(test)/\(situation)", "conformance/inventory.yaml"),
        table: "conformance/\(test)/\(situation)/traffic.txt")
    }
  }

  @Test("there are 24 conformance tests with 92 situations")
  func counts() {
    let tests = Fixtures.folders(in: "conformance")
    #expect(tests.count == 24)
    #expect(tests.map { Fixtures.folders(in: "conformance/\($0)").count }.reduce(0, +) == 92)
  }

  private func run(_ scenario: Scenario, table: String) throws {
    #expect(scenario.errors.isEmpty, "\(scenario.errors)")
    let table = try TrafficTable(Fixtures.text(table), scenario.contents)
    #expect(!table.rows.isEmpty)
    for denseFrom in [9, 1] {
      let node = try PacketRun(scenario.cluster, denseFrom: denseFrom)
      for row in table.rows {
        let probes = row.probes.filter(node.canSend)
        for (probe, arrived) in zip(probes, try node.send(probes)) {
          #expect(arrived == row.isAllowed, "\(row.text)\n  \(probe), dense from \(denseFrom)")
        }
      }
    }
  }
}
