import Diagnostics
import Foundation
import JSONText
import Manifests
import PolicyModel
import Review
import TestSupport
import Testing

@Suite("differences of realistic revisions, byte for byte")
struct DiffGoldenTests {
  static let scenarios = Fixtures.folders(in: "review")
  static let guidePolicies = Fixtures.folders(in: "guide")
  static let inEveryFormat = "a-stray-dash-opens-a-namespace"

  private func read(_ paths: String...) -> Cluster {
    let input = ReviewInput(fixtures: paths)
    #expect(input.errors.isEmpty, "\(input.errors)")
    return input.cluster
  }

  private func expect(_ text: String, _ golden: String) {
    if let difference = Golden(golden).difference(from: text) { Issue.record("\(difference)") }
  }

  private func difference(_ scenario: String) -> ConnectivityDiff {
    Differ(
      read("review/\(scenario)/old", "review/inventory.yaml"),
      read("review/\(scenario)/new", "review/inventory.yaml")
    ).compare()
  }

  @Test("text and JSON", arguments: scenarios)
  func scenario(name: String) {
    let diff = difference(name)
    expect(TextDiff(diff).text, "review/\(name)/expected.txt")
    expect(JSONDiff.text(diff), "review/\(name)/expected.json")
  }

  @Test(
    "what means the same is equivalent",
    arguments: [
      "rules-in-another-order", "one-policy-split-into-two", "a-rule-that-others-cover",
    ])
  func equivalent(name: String) { #expect(difference(name).isEquivalent) }

  @Test("the guide's policies, against none", arguments: guidePolicies)
  func againstNone(name: String) {
    let diff = Differ(read("guide/inventory.yaml"), read("guide/\(name)", "guide/inventory.yaml")).compare()
    expect(TextDiff(diff).text, "guide/\(name)/expected.diff.txt")
  }

  @Test("every format")
  func formats() {
    let name = Self.inEveryFormat
    let diff = difference(name)
    expect(MarkdownDiff.text(diff, old: "old", new: "new"), "review/\(name)/expected.md")
    expect(HTMLDiff(diff, old: "old", new: "new").text, "review/\(name)/expected.html")
    let findings = DiffFindings.findings(diff)
    expect(SARIF.text(findings, rules: DiffFindings.rules, version: "test"), "review/\(name)/expected.sarif")
    expect(GitHubAnnotations.text(findings), "review/\(name)/expected.github")
    let input = ReviewInput(fixtures: ["review/\(name)/new", "review/inventory.yaml"])
    let outcome = Linter().run(input.contents, input.cluster, readerFindings: input.findings)
    expect(outcome.text(), "review/\(name)/expected.lint.txt")
    expect(outcome.json, "review/\(name)/expected.lint.json")
    expect(outcome.sarif(version: "test"), "review/\(name)/expected.lint.sarif")
  }

  @Test("a page asks the network for nothing, and its text is harmless")
  func page() {
    let html = HTMLDiff(difference(Self.inEveryFormat), old: "<script>alert(1)</script>", new: "n").text
    #expect(!html.contains("http://") && !html.contains("https://"))
    #expect(!html.contains("<script>alert"))
    #expect(html.contains("default-src 'none'"))
  }
}
