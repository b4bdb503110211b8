import Diagnostics
import Foundation
import JSONText
import KubernetesManifests
import PolicyModel
import Review
import TestSupport
import Testing

@Suite("differences of realistic revisions, byte for byte", .bounded)
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

  /// The page of a difference between what two lists of fixtures hold.
  static func page(_ diff: ConnectivityDiff, _ old: [String], _ new: [String], from name: String = "old")
    -> String
  {
    let sides = [old, new].map { ReviewInput(fixtures: $0) }
    return HTMLDiff(
      diff, from: .init(name: name, cluster: sides[0].cluster),
      to: .init(name: "new", cluster: sides[1].cluster),
      quote: { places in sides[0].quotations(places).merging(sides[1].quotations(places)) { $1 } }
    ).text
  }

  /// The page of a scenario.
  static func page(_ scenario: String, from name: String = "old") -> String {
    let paths = ["old", "new"].map { ["review/\(scenario)/\($0)", "review/inventory.yaml"] }
    return page(difference(scenario), paths[0], paths[1], from: name)
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
  func scenario(name: String) { everyFormat(Self.difference(name), Self.page(name), "review/\(name)") }

  @Test("every format, of the guide's policies against none", arguments: guidePolicies)
  func againstNone(name: String) {
    let diff = Self.guideDifference(name)
    let page = Self.page(diff, ["guide/inventory.yaml"], ["guide/\(name)", "guide/inventory.yaml"])
    everyFormat(diff, page, "guide-diff/\(name)")
  }

  private func everyFormat(_ diff: ConnectivityDiff, _ page: String, _ folder: String) {
    expect(TextDiff(diff).text, "\(folder)/expected.txt")
    expect(JSONDiff.text(diff), "\(folder)/expected.json")
    expect(MarkdownDiff.text(diff, old: "old", new: "new"), "\(folder)/expected.md")
    // TerminalStyle and script are the same in every page; a whole page is recorded once.
    let ends = [page.range(of: "</head>\n"), page.range(of: "<script>\n", options: .backwards)].compactMap {
      $0
    }
    let body = ends.count == 2 ? String(page[ends[0].upperBound..<ends[1].lowerBound]) : nil
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
    let outcome = Linter().run(
      input.contents, input.networkPolicies, input.cluster, readerFindings: input.findings)
    expect(outcome.text(), "review/\(name)/expected.lint.txt")
    expect(outcome.json, "review/\(name)/expected.lint.json")
    expect(outcome.sarif(version: "test"), "review/\(name)/expected.lint.sarif")
  }

  @Test("a page asks the network for nothing, and its text is harmless")
  func page() {
    expect(Self.page(Self.withLint), "review/\(Self.withLint)/expected.html")
    let html = Self.page(Self.withLint, from: "<script>alert(1)</script>")
    #expect(!html.contains("http://") && !html.contains("https://"))
    #expect(!html.contains("<script>alert"))
    #expect(html.contains("default-src 'none'"))
  }
}
