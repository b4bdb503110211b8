import Diagnostics
import Documents
import PolicyAssert
import TestSupport
import Testing

@Suite("assert: nothing holds over nothing", .bounded)
struct VacuousTests {
  @Test("each line of the table is met or fails as it says")
  func table() throws {
    let cluster = ReviewInput(fixtures: ["assert/vacuous/policies.yaml", "assert/vacuous/inventory.yaml"])
      .cluster
    let lines = try Fixtures.text("assert/vacuous/expectations.txt").split(separator: "\n")
      .filter { !$0.hasPrefix("#") }
    #expect(lines.count > 30)
    for line in lines {
      let parts = line.split(separator: "|", maxSplits: 1).map { part in
        String(part.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
      }
      guard parts.count == 2 else {
        Issue.record("no result: \(line)")
        continue
      }
      let (expectations, diagnostics) = ExpectationReader.read(
        ManifestSource(name: "e.yaml", text: AssertTests.head + "  - \(parts[0])\n"))
      #expect(diagnostics.isEmpty, "\(parts[0]): \(diagnostics.map(\.message))")
      for result in expectations.map(Asserter(cluster).check) {
        let words = result.holds ? "met" : result.failure ?? result.undecided ?? ""
        #expect(words.hasPrefix(parts[1]), "\(parts[0]): \(words)")
      }
    }
  }

  @Test("without any policy nothing is checked, and that is an error")
  func noPolicy() throws {
    let folder = try TemporaryFolder()
    try folder.write("e.yaml", AssertTests.head + "  - {expect: allow}\n")
    let run = try CommandRun.netpolc(
      "assert", folder.path("e.yaml"), Fixtures.path("assert/vacuous/inventory.yaml"))
    #expect(run.status == 2)
    #expect(run.errors.contains("no policy was read"), "\(run.errors)")
  }
}
