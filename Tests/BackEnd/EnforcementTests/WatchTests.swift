import Addresses
import Foundation
import Glibc
import NFTables
import PacketLab
import TestSupport
import Testing

@Suite("verify --live --watch", .needsRoot, .bounded)
struct WatchTests {
  /// A running watch, its lines and its metrics.
  private final class Watch {
    let node: TrialNode
    let manifests: TrialManifests
    let run: Run
    private let output: URL
    private let page: URL
    private var isEnded = false

    init(_ node: TrialNode, _ manifests: TrialManifests, _ more: [String] = [], policy: Int = 0) throws {
      self.node = node
      self.manifests = manifests
      output = node.directory.appendingPathComponent("lines")
      page = node.directory.appendingPathComponent("netpolc.prom")
      run = try node.start(
        manifests.verify(policy, ["--live", "--watch", "--metrics", page.path] + more), output: output.path)
    }

    deinit { if !isEnded { kill(run.process, SIGKILL); _ = try? run.end() } }

    var lines: [String] {
      let text = (try? String(contentsOf: output, encoding: .utf8)) ?? ""
      return text.split(separator: "\n").map(String.init)
    }

    /// Waits for the line of a number, from 0.
    func line(_ number: Int, _ location: SourceLocation = #_sourceLocation) throws -> String {
      for _ in 0..<1_200 {
        if lines.count > number { return lines[number] }
        usleep(25_000)
      }
      Issue.record("no line \(number) after \(lines)", sourceLocation: location)
      throw CancellationError()
    }

    /// What the page says; it is written before the line that goes with it.
    func metrics() throws -> ExpositionFormat {
      try ExpositionFormat(String(contentsOf: page, encoding: .utf8))
    }

    func end(_ signal: Int32 = SIGTERM) throws -> (status: Int32?, errors: String) {
      isEnded = true
      kill(run.process, signal)
      return try run.end()
    }
  }

  private let node: TrialNode
  private let manifests: TrialManifests

  init() throws {
    node = try TrialNode()
    manifests = try TrialManifests(in: node.directory, pods: 12)
    #expect(try node.run(manifests.apply(0)).status == 0)
  }

  private static let element = "element inet netpolc ingress4 { 10.100.0.0"

  @Test(
    "an element that somebody deletes is a counterexample, put back a proof; the status is the last answer's")
  func drift() throws {
    let watch = try Watch(node, manifests)
    #expect(try watch.line(0).hasSuffix("Z proven; revision 1 as recorded; at the start"))
    #expect(try watch.metrics().values["netpolc_table_proven"] == 1)
    try node.client.apply("delete \(Self.element) }\n")
    let found = try watch.line(1)
    #expect(found.contains(" counterexample: "), "\(found)")
    #expect(
      found.contains("default/p0 (10.100.0.0)") && found.contains("should be dropped, but is accepted"),
      "\(found)")
    #expect(
      found.contains("; revision 1, changed since it was recorded (repair: 1 element added); "),
      "\(found)")
    #expect(found.contains("; changed by netpolc (process "), "\(found)")
    let metrics = try watch.metrics().values
    #expect(metrics["netpolc_table_proven"] == 0)
    #expect(metrics["netpolc_table_verdict{verdict=\"counterexample\"}"] == 1)
    #expect(metrics["netpolc_table_as_recorded"] == 0)
    #expect(metrics["netpolc_table_changes_total"] == 1)
    try node.client.apply("add \(Self.element) : jump in4-default/web }\n")
    #expect(try watch.line(2).contains("Z proven; revision 1 as recorded; changed by netpolc"))
    #expect(try watch.metrics().values["netpolc_table_proven"] == 1)
    try node.client.apply("delete \(Self.element) }\n")
    _ = try watch.line(3)
    let (status, errors) = try watch.end()
    #expect(status == 1)
    #expect(errors.contains("counterexample: a packet that should be dropped, but is accepted\n"))
    #expect(errors.contains("ended by a signal; the status is that of the last proof: 1\n"))
  }

  @Test("ended while all is well the status is 0, by SIGINT too", arguments: [SIGTERM, SIGINT])
  func ended(signal: Int32) throws {
    let watch = try Watch(node, manifests)
    _ = try watch.line(0)
    #expect(try watch.end(signal).status == 0)
  }

  @Test("changes of other tables cause no proof")
  func others() throws {
    let watch = try Watch(node, manifests)
    _ = try watch.line(0)
    for number in 0..<20 { try node.client.apply("add table inet other\nadd chain inet other c\(number)\n") }
    try node.client.apply("delete \(Self.element) }\n")
    #expect(try watch.line(1).contains("counterexample"))
    #expect(try watch.metrics().values["netpolc_table_changes_total"] == 1)
    #expect(watch.lines.count == 2, "\(watch.lines)")
  }

  @Test("a burst is one look")
  func burst() throws {
    let watch = try Watch(node, manifests)
    _ = try watch.line(0)
    kill(watch.run.process, SIGSTOP)
    for _ in 0..<10 {
      try node.client.apply("delete \(Self.element) }\n")
      try node.client.apply("add \(Self.element) : jump in4-default/web }\n")
    }
    kill(watch.run.process, SIGCONT)
    let found = try watch.line(1)
    #expect(found.contains("proven; revision 1 as recorded; 20 changes by netpolc (process "), "\(found)")
    #expect(try watch.metrics().values["netpolc_table_changes_total"] == 20)
    kill(watch.run.process, SIGHUP)
    #expect(try watch.line(2).hasSuffix("; on SIGHUP"))
  }

  @Test("the table may go and come again; what netpolc applies is the recorded revision")
  func gone() throws {
    let watch = try Watch(node, manifests)
    _ = try watch.line(0)
    try node.client.apply("delete table inet netpolc\n")
    let found = try watch.line(1)
    #expect(
      found.contains("Z table gone: there is no table inet netpolc; revision 1 is on record; changed by"))
    let metrics = try watch.metrics().values
    #expect(metrics["netpolc_table_present"] == 0)
    #expect(metrics["netpolc_table_proven"] == 0)
    #expect(metrics["netpolc_installed_revision"] == nil)
    #expect(try node.run(manifests.apply(0)).status == 0)
    #expect(try watch.line(2).contains("Z proven; revision 2 as recorded; changed by netpolc"))
    #expect(try watch.metrics().values["netpolc_installed_revision"] == 2)
    // A copy by hand does the same, and is not what netpolc installed.
    let copy = try #require(try node.client.list(.netpolc)).replacing(
      "netpolc-revision-2-", with: "netpolc-revision-7-")
    try node.client.apply("delete table inet netpolc\n\(copy)")
    #expect(
      try watch.line(3).contains("Z proven; revision 7, not the recorded revision 2; changed by netpolc"))
  }

  @Test("what is not modelled is undecided")
  func undecided() throws {
    let watch = try Watch(node, manifests)
    _ = try watch.line(0)
    try node.client.apply("insert rule inet netpolc forward meta mark 7 accept\n")
    #expect(try watch.line(1).contains("Z undecided: chain forward, rule 1: meta mark is not modelled; "))
    #expect(try watch.metrics().values["netpolc_table_verdict{verdict=\"undecided\"}"] == 1)
    #expect(try watch.end().status == 3)
  }

  @Test("policies are read again on SIGHUP and before each proof; what cannot be read changes nothing")
  func inputs() throws {
    let watch = try Watch(node, manifests)
    _ = try watch.line(0)
    #expect(try watch.metrics().values["netpolc_inputs_as_applied"] == 1)
    let file = manifests.policy(0)
    let former = try String(contentsOf: file, encoding: .utf8)
    try String(contentsOf: manifests.policy(1), encoding: .utf8).write(
      to: file, atomically: true, encoding: .utf8)
    kill(watch.run.process, SIGHUP)
    #expect(try watch.line(1).contains("counterexample"))
    #expect(try watch.metrics().values["netpolc_inputs_as_applied"] == 0)
    #expect(try node.run(manifests.apply(0)).status == 0)
    #expect(try watch.line(2).contains("Z proven; revision 2 as recorded; "))
    try former.write(to: file, atomically: true, encoding: .utf8)
    #expect(try node.run(manifests.apply(0)).status == 0)
    #expect(try watch.line(3).contains("Z proven; revision 3 as recorded; "))
    try "kind: [".write(to: file, atomically: true, encoding: .utf8)
    kill(watch.run.process, SIGHUP)
    #expect(
      try watch.line(4).hasSuffix(
        "proven; revision 3 as recorded; on SIGHUP; inputs unreadable; using the last readable version"))
    #expect(try watch.metrics().values["netpolc_inputs_readable"] == 0)
    let (status, errors) = try watch.end()
    #expect(status == 0)
    #expect(errors.contains("policy-0.yaml:"))
  }

  @Test("without an event the files and the record are looked at again")
  func refresh() throws {
    #expect(try node.run(manifests.apply(1, ["--confirm-within", "3600"])).status == 0)
    let watch = try Watch(node, manifests, ["--refresh", "1"], policy: 1)
    _ = try watch.line(0)
    #expect(try watch.metrics().values["netpolc_pending_confirmation"] == 1)
    #expect(try node.run(["confirm"]).status == 0)
    var isPending = true
    for _ in 0..<1_200 where isPending {
      isPending = try watch.metrics().values["netpolc_pending_confirmation"] == 1
      usleep(25_000)
    }
    #expect(!isPending)
    #expect(watch.lines.count == 1)
    try String(contentsOf: manifests.policy(0), encoding: .utf8).write(
      to: manifests.policy(1), atomically: true, encoding: .utf8)
    let found = try watch.line(1)
    #expect(
      found.contains("Z counterexample: ") && found.hasSuffix("; policies or inventory changed"), "\(found)")
  }

  @Test("what waits for a confirmation, and what is denied, is in the metrics")
  func metrics() throws {
    let addresses = try (0..<3).map { try #require(IPAddress("10.100.0.\($0)")) }
    let lab = try PacketLab(
      pods: addresses.enumerated().map { .init("p\($0)", [$1]) }, executable: BuiltProgram.netpolc)
    let node = try TrialNode(in: lab.node)
    let manifests = try TrialManifests(in: node.directory, pods: 12)
    #expect(try node.run(manifests.apply(0)).status == 0)
    let watch = try Watch(node, manifests)
    _ = try watch.line(0)
    let probe = Probe(from: addresses[2], to: addresses[0], .udp(port: 80))
    for _ in 0..<3 { #expect(try !lab.reaches(probe)) }
    kill(watch.run.process, SIGHUP)
    _ = try watch.line(1)
    let found = try watch.metrics()
    let denied = found.values.first { $0.key.hasPrefix("netpolc_denied_packets_total{") }
    #expect(
      denied?.key
        == #"netpolc_denied_packets_total{direction="ingress",chain="in4-default/web",policies="default/web"}"#
    )
    #expect(denied?.value == 3)
    #expect(found.types["netpolc_denied_packets_total"] == "counter")
    #expect(found.values["netpolc_pending_confirmation"] == 0)
    #expect((found.values["netpolc_inventory_timestamp_seconds"] ?? 0) > 1_700_000_000)
    #expect((found.values["netpolc_proof_duration_seconds"] ?? 0) > 0)
    #expect(try node.run(manifests.apply(0, ["--audit", "--confirm-within", "3600"])).status == 0)
    // In audit by the record: no option says so.
    #expect(try watch.line(2).contains("Z proven; revision 2 as recorded; "))
    #expect(try watch.metrics().values["netpolc_pending_confirmation"] == 1)
    #expect(try node.run(["rollback"]).status == 0)
    #expect(try watch.line(3).contains("Z proven; revision 1 as recorded; "))
    #expect(try watch.metrics().values["netpolc_pending_confirmation"] == 0)
    let attributes = try FileManager.default.attributesOfItem(
      atPath: node.directory.appendingPathComponent("netpolc.prom").path)
    #expect(attributes[.posixPermissions] as? Int == 0o644)
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: node.directory.path).filter {
        $0.hasPrefix("netpolc.prom")
      } == ["netpolc.prom"])
  }

  @Test("modes that contradict the record are refused")
  func refused() throws {
    let contradicting = try node.run(manifests.verify(0, ["--live", "--watch", "--established", "recheck"]))
    #expect(contradicting.status == 2)
    #expect(
      contradicting.errors.contains("--established recheck contradicts the record of what is installed"))
  }
}
