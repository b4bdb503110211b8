import Addresses
import Foundation
import Lowering
import Proving
import Ruleset
import TestSupport
import Testing
import Verification

@Suite("explain --path", .bounded)
struct PathTests {
  @Test(
    "the packet's end in the ruleset is the policies', in both layouts of a class", arguments: UInt64(0)..<24)
  func verdicts(seed: UInt64) throws {
    let random = RandomCluster(seed: seed)
    let plain = PlainEvaluator(random.contents, node: nil)
    for denseFrom in [9, 1] {
      var lowerer = Lowerer(random.cluster)
      let table = lowerer.lower(LoweringOptions(denseFrom: denseFrom)).table
      let maps = Dictionary(uniqueKeysWithValues: table.maps.map { ($0.name, $0) })
      for (index, attempt) in plain.representativeProbes().enumerated()
      where index % 41 == 0 && attempt.transport == 6 {
        // A pod's packet to itself may pass only where it went through a Service.
        let isTranslated = index % 2 == 0
        let path = PacketTrace(
          of: Packet(
            attempt.source, attempt.destination, transport: 6, destinationPort: attempt.port,
            isTranslated: isTranslated),
          through: table)
        #expect(
          path.passes == plain.allows(attempt, isTranslated: isTranslated),
          "seed \(seed): \(attempt) \(path.steps)")
        #expect(path.steps.first?.chain == "forward")
        for step in path.steps {
          guard let element = step.element else { continue }
          // An address stands there as the address, never as a number.
          #expect(element.key.contains(".") || element.key.contains(":"), "\(path.steps)")
          #expect(maps[element.set] != nil || table.sets.contains { $0.name == element.set })
        }
      }
    }
  }

  /// Few rules and many, allowed and denied, of both families.
  static let connections = [
    "shop/client shop/gateway 443", "shop/client shop/gateway 80", "shop/ledger shop/gateway 443",
    "198.51.100.17 shop/gateway 8001", "198.51.100.17 shop/gateway 8002", "shop/client shop/web 8080",
    "shop/batch shop/client 53/UDP", "shop/web shop/web 1", "203.0.113.1 203.0.113.2 1",
  ]

  @Test("chain, rule and element of each step", arguments: ["text", "json"])
  func golden(format: String) throws {
    var all = ""
    for connection in Self.connections {
      let words = connection.split(separator: " ").map(String.init)
      let run = try CommandRun(
        BuiltProgram.netpolc,
        ["explain"] + words + ["log/policies.yaml", "log/inventory.yaml", "--path", "--format", format],
        in: Fixtures.path(""))
      #expect(run.errors.isEmpty && run.status < 2, "\(run.errors)")
      if format == "json" {
        all += run.output
      } else {
        all += "$ netpolc explain \(connection)\n"
        for part in run.output.components(separatedBy: "\n\n") where part.contains("through the ruleset") {
          all += part.split(separator: "\n").map { "\($0)\n" }.joined()
        }
      }
    }
    if let difference = Golden("explain/path.\(format)").difference(from: all) {
      Issue.record("\(difference)")
    }
  }
}
