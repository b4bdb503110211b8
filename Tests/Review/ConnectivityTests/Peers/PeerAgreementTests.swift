import Addresses
import Foundation
import PolicyModel
import Reachability
import TestSupport
import Testing

/// Verdicts of network-config-analyzer 2.1.0, recorded in `Fixtures/peers` so that they count where it is not
/// installed. To ask it: `NETPOLC_NCA=PROGRAM swift test --filter PeerAgreementTests`; with `NETPOLC_RECORD=1` besides,
/// everything is asked and recorded anew.
@Suite("network-config-analyzer agrees, or the difference has a name", .bounded)
struct PeerAgreementTests {
  static let clusters: [PeerCluster] =
    Fixtures.folders(in: "guide").map(PeerCluster.init(guide:))
    + (UInt64(0)..<500).lazy.map(PeerCluster.init(seed:)).filter { !$0.contents.pods.isEmpty }.prefix(400)
  static let isRecording = ProcessInfo.processInfo.environment["NETPOLC_RECORD"] == "1"

  /// The recorded tables by the names of their clusters.
  private func recorded() throws -> [String: String] {
    var tables: [String: String] = [:]
    for block in try Fixtures.text("peers/nca.txt").components(separatedBy: "\n\n") {
      let table = block.hasSuffix("\n") ? block : block + "\n"
      tables[String(table.prefix { $0 != "\n" })] = table
    }
    return tables
  }

  @Test("what it said of the guide's policies and of 400 random clusters is what netpolc says")
  func agreement() throws {
    let tables = try recorded()
    #expect(tables.count == Self.clusters.count)
    for cluster in Self.clusters {
      #expect(cluster.matrix(reading: .analyzer).text == tables[cluster.name], "\(cluster.name)")
    }
  }

  @Test(
    "the two things that it reads otherwise make a difference, each where it is written and nowhere else",
    arguments: [
      (AnalyzerReading.blocksMeanNoPods, 23), (.presenceMeansOwnNamespace, 9), (.analyzer, 28),
    ])
  func difference(reading: AnalyzerReading, count: Int) throws {
    let tables = try recorded()
    let different = Self.clusters.filter {
      $0.matrix(reading: .analyzer.subtracting(reading)).text != tables[$0.name]
    }
    #expect(different.count == count)
    for cluster in different { #expect(reading.concerns(cluster.contents), "\(cluster.name)") }
  }

  @Test(
    "it still says so",
    .enabled(if: AnalyzerVerdicts.program != nil, "needs nca: set NETPOLC_NCA or the path"))
  func stillSo() throws {
    let asked = Self.isRecording ? Self.clusters : Array(Self.clusters.prefix(24))
    let tables = try asked.map { try $0.analyzed().text }
    if Self.isRecording {
      let difference = Golden("peers/nca.txt").difference(from: tables.joined(separator: "\n"))
      if let difference { Issue.record("\(difference)") }
    }
    let known = try recorded()
    for (cluster, table) in zip(asked, tables) { #expect(table == known[cluster.name]) }
  }

  // MARK: Corner by corner

  /// What it says of the table of traffic of a corner of the API, as far as that is about IPv4.
  private func corner(_ name: String) throws -> String {
    let scenario = Scenario("semantics/\(name)")
    let table = try TrafficTable(Fixtures.text("semantics/\(name)/traffic.txt"), scenario.contents)
    let path = Fixtures.path("semantics/\(name)/cluster.yaml")
    let verdicts: AnalyzerVerdicts
    do { verdicts = try AnalyzerVerdicts(policies: path, inventory: path) } catch {
      // What is refused, without the place: that is a path of this machine.
      return "\(name): refuses: \("\(error)".prefix { $0 != "(" }.trimmingCharacters(in: .whitespaces))\n"
    }
    func end(_ address: IPAddress) -> VerdictMatrix.End {
      // It knows finished pods too; of two with one address the row means the one that has it.
      let pods = scenario.cluster.pods + scenario.contents.pods
      let pod = pods.first { $0.addresses.contains(address) }
      return VerdictMatrix.End(pod: pod?.displayName, address: address)
    }
    var differing: [String] = []
    var asked = 0
    for row in table.rows {
      for probe in row.probes where probe.source.family == .ipv4 {
        let (source, destination) = (end(probe.source), end(probe.destination))
        // It leaves out a pod and itself.
        if source.pod != nil, source.pod == destination.pod { continue }
        asked += 1
        let traffic = verdicts.traffic(source, destination)
        if traffic.contains(probe.transport, probe.port) != row.isAllowed { differing.append(row.text) }
      }
    }
    if asked == 0 { return "\(name): not asked, no row is about IPv4\n" }
    let words = differing.isEmpty ? "agrees" : "differs in \(differing.count)"
    return "\(name): \(words) of \(asked)\n" + differing.map { "    \($0)\n" }.joined()
  }

  @Test(
    "the corners of the API in which it differs are those that are recorded",
    .enabled(if: AnalyzerVerdicts.program != nil, "needs nca: set NETPOLC_NCA or the path"))
  func corners() throws {
    let text = try Fixtures.folders(in: "semantics").map(corner).joined()
    if let difference = Golden("peers/nca-corners.txt").difference(from: text) {
      Issue.record("\(difference)")
    }
  }

  @Test("every corner is recorded, and rows that differ are those of the tables")
  func recordedCorners() throws {
    var name = ""
    var names: [String] = []
    for line in try Fixtures.text("peers/nca-corners.txt").split(separator: "\n") {
      if line.hasPrefix(" ") {
        let table = try Fixtures.text("semantics/\(name)/traffic.txt")
        #expect(table.split(separator: "\n").contains { $0 == line.dropFirst(4) }, "\(name): \(line)")
      } else {
        name = String(line.prefix { $0 != ":" })
        names.append(name)
      }
    }
    #expect(names == Fixtures.folders(in: "semantics"))
  }
}
