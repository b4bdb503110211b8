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
  func everyFormat(scenario: ReviewScenario) {
    let (diff, folder) = (scenario.difference, scenario.folder)
    expect(TextDiff(diff).text, "\(folder)/expected.txt")
    expect(JSONDiff.text(diff), "\(folder)/expected.json")
    expect(MarkdownDiff.text(diff, old: "old", new: "new"), "\(folder)/expected.md")
    let findings = DiffFindings.findings(diff)
    expect(SARIF.text(findings, rules: DiffFindings.rules, version: "test"), "\(folder)/expected.sarif")
    expect(GitHubAnnotations.text(findings), "\(folder)/expected.github")
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
