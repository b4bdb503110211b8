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
  /// The revision whose findings of lint are recorded too.
  static let withLint = "a-stray-dash-opens-a-namespace"

  private static func read(_ paths: String...) -> Cluster {
    let input = ReviewInput(fixtures: paths)
    #expect(input.errors.isEmpty, "\(input.errors)")
    return input.cluster
  }

  private func expect(_ text: String, _ golden: String) {
    if let difference = Golden(golden).difference(from: text) { Issue.record("\(difference)") }
  }

  static func difference(_ scenario: String) -> ConnectivityDiff {
    Differ(
      read("review/\(scenario)/old", "review/inventory.yaml"),
      read("review/\(scenario)/new", "review/inventory.yaml")
    ).compare()
  }

  private static func guideDifference(_ name: String) -> ConnectivityDiff {
    Differ(read("guide/inventory.yaml"), read("guide/\(name)", "guide/inventory.yaml")).compare()
  }

  /// The differences of all the revisions, and of the guide's policies against none.
  static func everyDifference() -> [(name: String, diff: ConnectivityDiff)] {
    scenarios.map { ($0, difference($0)) } + guidePolicies.map { ($0, guideDifference($0)) }
  }

  /// What lint is given in the revisions and the guide.
  static let everyInput: [[String]] =
    scenarios.map { ["review/\($0)/new", "review/inventory.yaml"] }
    + guidePolicies.map { ["guide/\($0)", "guide/inventory.yaml"] }

  @Test("every format, of every revision", arguments: scenarios)
  func scenario(name: String) { everyFormat(Self.difference(name), "review/\(name)") }

  @Test("every format, of the guide's policies against none", arguments: guidePolicies)
  func againstNone(name: String) { everyFormat(Self.guideDifference(name), "guide-diff/\(name)") }

  private func everyFormat(_ diff: ConnectivityDiff, _ folder: String) {
    expect(TextDiff(diff).text, "\(folder)/expected.txt")
    expect(JSONDiff.text(diff), "\(folder)/expected.json")
    expect(MarkdownDiff.text(diff, old: "old", new: "new"), "\(folder)/expected.md")
    // The head, styles and all, is the same in every page; a whole page is recorded once.
    let page = HTMLDiff(diff, old: "old", new: "new").text
    let body = page.range(of: "</head>\n").map { String(page[$0.upperBound...]) }
    expect(body ?? "no head", "\(folder)/expected.body.html")
    let findings = DiffFindings.findings(diff)
    expect(SARIF.text(findings, rules: DiffFindings.rules, version: "test"), "\(folder)/expected.sarif")
    expect(GitHubAnnotations.text(findings), "\(folder)/expected.github")
  }

  @Test(
    "what means the same is equivalent",
    arguments: [
      "rules-in-another-order", "one-policy-split-into-two", "a-rule-that-others-cover",
    ])
  func equivalent(name: String) { #expect(Self.difference(name).isEquivalent) }

  @Test("lint's formats")
  func lint() {
    let name = Self.withLint
    let input = ReviewInput(fixtures: ["review/\(name)/new", "review/inventory.yaml"])
    let outcome = Linter().run(input.contents, input.cluster, readerFindings: input.findings)
    expect(outcome.text(), "review/\(name)/expected.lint.txt")
    expect(outcome.json, "review/\(name)/expected.lint.json")
    expect(outcome.sarif(version: "test"), "review/\(name)/expected.lint.sarif")
  }

  @Test("a page asks the network for nothing, and its text is harmless")
  func page() {
    expect(
      HTMLDiff(Self.difference(Self.withLint), old: "old", new: "new").text,
      "review/\(Self.withLint)/expected.html")
    let html = HTMLDiff(
      Self.difference(Self.withLint), old: "<script>alert(1)</script>", new: "n"
    ).text
    #expect(!html.contains("http://") && !html.contains("https://"))
    #expect(!html.contains("<script>alert"))
    #expect(html.contains("default-src 'none'"))
  }
}
