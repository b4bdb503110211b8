import Addresses
import Foundation
import PolicyExplain
import PolicyTrace
import TestSupport
import Testing

@Suite("explain --from-log", .bounded)
struct LogTests {
  static let manifests = ["log/policies.yaml", "log/inventory.yaml"]

  private func explain(_ log: String, _ more: [String] = manifests, input: String = "") throws -> CommandRun {
    try CommandRun(
      BuiltProgram.netpolc, ["explain", "--from-log", log] + more, input: input, in: Fixtures.path(""))
  }

  @Test("what the kernel logged of real packets, connection by connection")
  func kernelLog() throws {
    let run = try explain("log/kernel.log")
    #expect(run.status == 1 && run.errors.isEmpty, "\(run.errors)")
    if let difference = Golden("log/expected.txt").difference(from: run.output) {
      Issue.record("\(difference)")
    }
    let json = try explain("log/kernel.log", Self.manifests + ["--format", "json"])
    #expect(json.status == 1)
    if let difference = Golden("log/expected.json").difference(from: json.output) {
      Issue.record("\(difference)")
    }
  }

  @Test("every chain that the kernel named is one of the ruleset but that of another revision")
  func chains() throws {
    let run = try explain("log/kernel.log")
    let lines = run.output.split(separator: "\n")
    #expect(lines.filter { $0.contains(" has this chain: the line comes from another revision") }.count == 1)
    #expect(!run.output.contains("ALLOWED"))
  }

  @Test("ulogd's two formats say the same")
  func ulogd() throws {
    let runs = try ["log/ulogd.log", "log/ulogd.jsonl"].map {
      try explain($0, Self.manifests + ["--format", "json"])
    }
    #expect(runs[0].status == 1)
    #expect(runs[0].output == runs[1].output)
    #expect(runs[0].output.contains("\"explained\":22,"))
    // The kernel tells no ports of SCTP; ulogd does.
    #expect(runs[0].output.contains("\"protocol\":\"SCTP\",\"port\":9090,"))
  }

  @Test("the order of lines changes nothing, nor what a journal writes before them")
  func order() throws {
    let lines = try Fixtures.text("log/kernel.log").split(separator: "\n").map(String.init)
    let expected = try explain("log/kernel.log").output
    let turned = lines.reversed().map { line -> String in
      let message = line.drop { $0 != "]" }.dropFirst(2)
      return "Nov 24 15:31:48 node-1 kernel: \(message)"
    }
    #expect(try explain("-", input: turned.joined(separator: "\n")).output == expected)
    let journal = lines.map { line in
      let message = line.drop { $0 != "]" }.dropFirst(2)
      return "{\"_TRANSPORT\":\"kernel\",\"MESSAGE\":\"\(message)\",\"PRIORITY\":\"4\"}\r"
    }
    #expect(try explain("-", input: journal.joined(separator: "\n")).output == expected)
  }

  static let line =
    "netpolc deny in4-shop/web: IN=a OUT=b SRC=10.244.1.2 DST=10.244.1.3 PROTO=TCP SPT=1 DPT=8080"

  struct Case: Sendable, CustomTestStringConvertible {
    let log: String
    let status: Int32
    let says: [String]
    var policy = "log/policies.yaml"
    var testDescription: String { log }
  }

  static let cases: [Case] = [
    Case(
      log: "hello\nworld\n", status: 0, says: ["0 lines of netpolc's, 0 connections; 2 lines of others\n"]),
    Case(log: "", status: 0, says: ["0 lines of netpolc's, 0 connections\n"]),
    Case(
      log: line, status: 1,
      says: ["1 line of chain in4-shop/web: ingress of shop/web, by shop/web\n", "near miss"]),
    Case(
      log: line + "\n" + line + "\nhello", status: 1,
      says: ["2 lines of netpolc's, 1 connection; 1 line of others\n"]),
    // Cut off, as a full disk leaves it.
    Case(
      log: String(line.prefix(60)), status: 2,
      says: ["0 lines of netpolc's, 0 connections; 1 damaged line of netpolc's\n"]),
    Case(log: "netpolc deny ", status: 0, says: ["1 line of others"]),
    Case(log: "netpolc denying: SRC=10.0.0.1", status: 0, says: ["1 line of others"]),
    // An egress that no policy isolates any more.
    Case(
      log: line.replacingOccurrences(of: "in4-shop/web", with: "out4-shop/old")
        .replacingOccurrences(of: "DST=10.244.1.3", with: "DST=203.0.113.7"),
      status: 0,
      says: ["has this chain: the line comes from another revision", "these policies allow it", "ALLOWED"]),
    // A rule of ClusterNetworkPolicy has a chain of its own, and its replies another.
    Case(
      log: line.replacingOccurrences(of: "in4-shop/web", with: "rule-admin/quarantine/ingress-2/no-clients"),
      status: 1,
      says: [
        "1 line of chain rule-admin/quarantine/ingress-2/no-clients: ingress, by tier Admin \"quarantine\" rule 2 \"no-clients\"\n",
        "DENIED shop/client (10.244.1.2) → shop/web (10.244.1.3) TCP 8080\n",
      ], policy: "log/cluster-policies.yaml"),
    Case(
      log:
        "netpolc deny rule-admin/quarantine/ingress-2/no-clients_reply: SRC=10.244.1.3 DST=10.244.1.2 PROTO=TCP SPT=8080 DPT=40000",
      status: 1, says: ["rule 2 \"no-clients\"\n", "a reply"], policy: "log/cluster-policies.yaml"),
    // A pod that has lost its label, or an address that has another pod by now.
    Case(
      log: line.replacingOccurrences(of: "DST=10.244.1.3", with: "DST=10.244.1.6"), status: 1,
      says: ["shop/ledger is not in this class now"]),
    Case(
      log: line.replacingOccurrences(of: "DST=10.244.1.3", with: "DST=10.244.1.77"), status: 0,
      says: ["no pod has 10.244.1.77 now"]),
    // The first fragment had the ports.
    Case(
      log: "netpolc deny in4-shop/web: IN=a OUT=b SRC=10.244.1.2 DST=10.244.1.3 FRAG:185 PROTO=TCP",
      status: 1,
      says: ["the line has no TCP port: all are denied, such as 1"]),
    // What an ICMP error quotes is another packet.
    Case(
      log:
        "netpolc deny in4-shop/web: IN=a OUT=b SRC=10.244.1.2 DST=10.244.1.3 PROTO=ICMP TYPE=3 CODE=3 [SRC=10.244.1.3 DST=10.244.1.2 PROTO=UDP SPT=5 DPT=6 ]",
      status: 1, says: ["DENIED shop/client (10.244.1.2) → shop/web (10.244.1.3) ICMP\n"]),
    Case(
      log: "netpolc deny in4-shop/web: IN=a OUT=b SRC=10.244.1.2 DST=10.244.1.3 PROTO=47", status: 1,
      says: ["GRE"]),
    Case(
      log: "netpolc deny in4-shop/web: SRC=10.244.1.2 DST=fd00::1 PROTO=TCP SPT=1 DPT=2", status: 2,
      says: ["1 damaged line"]),
    Case(
      log: "netpolc deny in4-shop/gone_reply: SRC=10.244.1.3 DST=10.244.1.2 PROTO=TCP SPT=8080 DPT=40000",
      status: 1,
      says: ["a reply", "DENIED shop/client (10.244.1.2) → shop/web (10.244.1.3) TCP 8080\n"]),
    // In the inventory by now.
    Case(
      log: "netpolc deny unknown: SRC=10.244.1.4 DST=10.244.1.2 PROTO=UDP SPT=1 DPT=53", status: 0,
      says: ["now both ends are known", "ALLOWED"]),
    Case(
      log: "{\"oob.prefix\":\"netpolc deny in4-shop/web: \",\"src_ip\":\"10.244.1.2\"}", status: 2,
      says: ["1 damaged line"]),
    Case(log: "{\"MESSAGE\":\"netpolc deny in4-shop/web: \u{1b}[2J\"}", status: 2, says: ["1 damaged line"]),
  ]

  @Test("odd lines, each told plainly", arguments: cases)
  func lines(example: Case) throws {
    let run = try explain("-", [example.policy, "log/inventory.yaml"], input: example.log)
    #expect(run.status == example.status, "\(run.output)\(run.errors)")
    for words in example.says { #expect(run.output.contains(words), "\(words)\n\(run.output)") }
    #expect(!run.output.unicodeScalars.contains("\u{1b}"))
  }

  @Test("a line as an argument; what cannot be read is trouble")
  func arguments() throws {
    #expect(try explain(Self.line).output == explain("-", input: Self.line).output)
    #expect(try explain("no-such-file").status == 2)
    #expect(try explain("-", ["-"]).status == 2)
    #expect(try explain(Self.line, []).status == 2)
    #expect(try explain(Self.line, Self.manifests + ["--why-not"]).status == 2)
  }
}
