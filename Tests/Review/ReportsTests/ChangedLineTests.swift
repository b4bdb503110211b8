import Diagnostics
import Foundation
import PolicyDiff
import PolicyList
import PolicyModel
import Reports
import TestSupport
import Testing

@Suite("a difference is annotated at the line that changed", .bounded)
struct ChangedLineTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    /// Replaced in the old revision, and what stands there in the new one.
    let change: (from: String, to: String)
    /// The lines of annotations of connections, ascending, each once.
    let lines: [Int]
    /// A line that is told as one that decides too; nil: any or none.
    var related: String?
    var testDescription: String { name }
  }

  private static let text = """
    apiVersion: networking.k8s.io/v1
    kind: NetworkPolicy
    metadata: {name: web, namespace: shop}
    spec:
      podSelector: {matchLabels: {app: web}}
      ingress:
      - from:
        - podSelector: {matchLabels: {app: a}}
        - podSelector: {matchLabels: {app: b}}
        ports:
        - port: 80
    ---
    apiVersion: networking.k8s.io/v1
    kind: NetworkPolicy
    metadata: {name: out, namespace: shop}
    spec:
      podSelector: {matchLabels: {app: c}}
      policyTypes: [Egress]
      egress:
      - to: [{podSelector: {}}]
    ---
    apiVersion: v1
    kind: Pod
    metadata: {name: web, namespace: shop, labels: {app: web}}
    spec: {containers: [{name: x}]}
    status: {phase: Running, podIP: 10.0.0.1}
    ---
    apiVersion: v1
    kind: Pod
    metadata: {name: a, namespace: shop, labels: {app: a}}
    spec: {containers: [{name: x}]}
    status: {phase: Running, podIP: 10.0.0.2}
    ---
    apiVersion: v1
    kind: Pod
    metadata: {name: c, namespace: shop, labels: {app: c}}
    spec: {containers: [{name: x}]}
    status: {phase: Running, podIP: 10.0.0.3}

    """

  static let cases: [Case] = [
    Case(name: "an entry of from", change: ("app: b}", "app: c}"), lines: [9], related: "policies.yaml:20:"),
    Case(name: "a port", change: ("port: 80", "port: 81"), lines: [11]),
    Case(name: "an entry less", change: ("    - podSelector: {matchLabels: {app: a}}\n", ""), lines: [7]),
    Case(
      name: "the same below a comment",
      change: (
        "spec:\n  podSelector: {matchLabels: {app: web",
        "# note\nspec:\n  podSelector: {matchLabels: {app: nobody"
      ),
      lines: [6]),
    Case(
      name: "a label of a pod",
      change: ("name: c, namespace: shop, labels: {app: c", "name: c, namespace: shop, labels: {app: b"),
      lines: [34], related: "policies.yaml:9:"),
  ]

  @Test("files are named by revision on one side", arguments: cases)
  func line(example: Case) throws {
    let (before, after) = (Self.text, Self.text.replacing(example.change.from, with: example.change.to))
    let old = ReviewInput(named: "HEAD:policies.yaml", before)
    let new = ReviewInput(named: "policies.yaml", after)
    #expect(old.errors.isEmpty && new.errors.isEmpty && before != after)
    let diff = Differ(old.cluster, new.cluster).compare(isOfFuturePods: false)
    #expect(!diff.changes.isEmpty)
    let findings = DiffFindings.findings(diff).filter { $0.rule.hasPrefix("connectivity") }
    #expect(findings.allSatisfy { $0.location?.file == "policies.yaml" }, "\(findings)")
    #expect(Set(findings.compactMap(\.location?.line)).sorted() == example.lines, "\(findings)")
    guard let related = example.related else { return }
    #expect(GitHubAnnotations.text(findings).contains("%0Aalso decides: \(related)"), "\(findings)")
    #expect(
      SARIF.text(findings, rules: DiffFindings.rules, version: "test").contains(
        "\"relatedLocations\":[{\"id\":1,"))
  }

  @Test("a pod whose address is not known makes no other pod's change uncertain")
  func certainParts() throws {
    let workload = """
      ---
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: later, namespace: shop}
      spec: {selector: {matchLabels: {app: d}}, template: {metadata: {labels: {app: d}}, spec: {containers: [{name: x}]}}}

      """
    let policy = Self.text.replacing(
      "    - podSelector: {matchLabels: {app: b}}", with: "    - ipBlock: {cidr: 10.9.0.0/16}")
    let node = "---\napiVersion: v1\nkind: Node\nmetadata: {name: node-1}\nspec: {podCIDRs: [10.0.0.0/8]}\n"
    let old = ReviewInput(named: "HEAD:policies.yaml", policy + workload + node)
    let new = ReviewInput(
      named: "policies.yaml",
      (policy + workload + node).replacing(
        "10.9.0.0/16", with: "10.0.0.3/32}\n    - ipBlock: {cidr: 10.8.0.0/16")
    )
    #expect(old.errors.isEmpty && new.errors.isEmpty, "\(new.errors)")
    let diff = Differ(old.cluster, new.cluster).compare(isOfFuturePods: false)
    let certain = diff.withoutUncertainChanges.changes
    #expect(certain.contains { $0.words.hasPrefix("shop/c → shop/web") }, "\(diff.changes.map(\.words))")
    #expect(
      diff.changes.contains { $0.dependsOnAddress && $0.words.contains("later") },
      "\(diff.changes.map(\.words))")
    for change in diff.changes where change.dependsOnAddress {
      #expect(!change.words.hasPrefix("shop/c "), "\(change.words)")
    }
  }

  @Test("where there is no pod, none is counted, and list tells of workloads without replicas")
  func noPod() {
    let policies = String(
      Self.text[..<(Self.text.range(of: "---\napiVersion: v1")?.lowerBound ?? Self.text.endIndex)])
    let idle = """
      ---
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: idle, namespace: shop}
      spec: {replicas: 0, selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}, spec: {containers: [{name: x}]}}}

      """
    let old = ReviewInput(named: "HEAD:policies.yaml", policies + idle)
    let new = ReviewInput(named: "policies.yaml", policies.replacing("port: 80", with: "port: 81") + idle)
    let summary = Differ(old.cluster, new.cluster).compare().summary
    #expect(summary.hasPrefix("there is no pod today; pods to come: "), "\(summary)")
    #expect(
      ListReport.summary(ConnectionLister(new.cluster).list()).hasSuffix(
        "; not listed: 1 workload with 0 replicas"))
  }
}
