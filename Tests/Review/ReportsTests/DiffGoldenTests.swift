import Diagnostics
import Foundation
import JSONText
import KubernetesManifests
import PolicyDiff
import PolicyLint
import PolicyModel
import Reports
import TestSupport
import Testing

extension ReviewScenario {
  /// The difference of the two revisions.
  var difference: ConnectivityDiff {
    let (old, new) = inputs
    #expect(old.errors.isEmpty && new.errors.isEmpty, "\(old.errors) \(new.errors)")
    return Differ(old.cluster, new.cluster).compare()
  }
}

@Suite("differences of realistic revisions, byte for byte", .bounded)
struct DiffGoldenTests {
  private func expect(_ text: String, _ golden: String) {
    if let difference = Golden(golden).difference(from: text) { Issue.record("\(difference)") }
  }

  /// What lint is given in the revisions and the guide.
  static let everyInput: [[String]] = ReviewScenario.all.map(\.new)

  @Test(
    "every format, of every revision, and of the guide's policies against none", arguments: ReviewScenario.all
  )
  func everyFormat(scenario: ReviewScenario) throws {
    let (diff, folder) = (scenario.difference, scenario.folder)
    expect(TextDiff(diff).text, "\(folder)/expected.txt")
    expect(JSONDiff.text(diff), "\(folder)/expected.json")
    expect(MarkdownDiff.text(diff, old: "old", new: "new"), "\(folder)/expected.md")
    // The lines that changed are found in the sources, which only the command has.
    for format in ["sarif", "github"] {
      let run = try CommandRun(
        BuiltProgram.netpolc, ["diff"] + scenario.sides + ["--no-ruleset", "--format", format],
        input: "{\"apiVersion\": \"v1\", \"kind\": \"List\", \"items\": []}\n", in: Fixtures.path(""))
      #expect([0, 1, 3].contains(run.status), "\(run.errors)")
      let text = run.output.replacing(#/"name":"netpolc","version":"[^"]*"/#) { _ in
        "\"name\":\"netpolc\",\"version\":\"test\""
      }
      expect(text, "\(folder)/expected.\(format)")
    }
  }

  @Test(
    "what means the same is equivalent",
    arguments: [
      "rules-in-another-order", "one-policy-split-into-two", "a-rule-that-others-cover",
    ])
  func equivalent(name: String) { #expect(ReviewScenario.review(name).difference.isEquivalent) }

  @Test("lint's formats")
  func lint() {
    let input = ReviewScenario.strayDash.inputs.new
    let outcome = Linter().run(
      input.contents, input.networkPolicies, input.cluster, readerFindings: input.findings)
    let folder = ReviewScenario.strayDash.folder
    expect(outcome.text(), "\(folder)/expected.lint.txt")
    expect(outcome.json, "\(folder)/expected.lint.json")
    expect(outcome.sarif(version: "test"), "\(folder)/expected.lint.sarif")
  }
}
