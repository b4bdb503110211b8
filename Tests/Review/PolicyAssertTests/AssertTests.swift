import Addresses
import Diagnostics
import Foundation
import Documents
import KubernetesManifests
import PolicyModel
import Reachability
import Reports
import PolicyAssert
import TestSupport
import Testing

@Suite("assert", .bounded)
struct AssertTests {
  private func results(_ file: String) throws -> [ExpectationResult] {
    let source = ManifestSource(name: file, text: try Fixtures.text("assert/guide/\(file)"))
    let (expectations, diagnostics) = ExpectationReader.read(source)
    #expect(diagnostics.isEmpty)
    let cluster = ReviewInput(fixtures: ["guide/01-sample", "guide/inventory.yaml"]).cluster
    let asserter = Asserter(cluster)
    return expectations.map(asserter.check)
  }

  @Test("the examples hold, or fail with a witness and a cause")
  func examples() throws {
    let holding = try results("holds.yaml")
    #expect(holding.count == 5)
    for result in holding { #expect(result.holds, "\(result.expectation.name): \(result.failure ?? "")") }
    let failing = try results("fails.yaml")
    #expect(failing.count == 3)
    for result in failing {
      #expect(!result.holds, "\(result.expectation.name)")
      #expect(result.witness?.causes.isEmpty == false)
    }
    let difference = Golden("assert/guide/fails.expected.txt").difference(from: AssertReport.text(failing))
    if let difference { Issue.record("\(difference)") }
  }

  @Test(
    "pods with an address in a cidr count, and what holds over nothing fails",
    arguments: [
      // The policy lets db in, which is 10.1.0.11.
      ("{expect: deny, from: {cidr: 10.0.0.0/8}, to: {labels: {app: web}}}", "must deny, but"),
      ("{expect: deny, from: {cidr: 10.1.0.11/32}, to: {labels: {app: web}}}", "must deny, but"),
      ("{expect: allow, from: {cidr: 10.1.0.11/32}, to: {labels: {app: web}}}", nil),
      ("{expect: deny, from: {cidr: 10.1.0.12/32}, to: {labels: {app: web}}}", nil),
      ("{expect: deny, from: {cidr: 10.2.0.0/16}, to: {labels: {app: web}}}", nil),
      (
        "{expect: deny, from: {cidr: 10.1.0.11/32}, to: {labels: {app: web}, podsToCome: true}}",
        "must deny, but"
      ),
      ("{expect: deny, from: {cidr: \"fd00::/8\"}, to: {labels: {app: web}}}", "no connection is possible"),
      ("{expect: deny, from: {labels: {app: web}}, to: {labels: {app: web}}}", "no connection is possible"),
      ("{expect: deny, from: {labels: {app: web}}, to: {cidr: 10.1.0.10/32}}", "no connection is possible"),
    ] as [(String, String?)])
  func nothingHoldsOverNothing(expectation: String, failure: String?) throws {
    func pod(_ name: String, _ address: String) -> String {
      "apiVersion: v1\nkind: Pod\nmetadata: {name: \(name), labels: {app: \(name)}}\n"
        + "status: {phase: Running, podIP: \(address)}\n---\n"
    }
    let manifests =
      pod("web", "10.1.0.10") + pod("db", "10.1.0.11") + pod("prom", "10.1.0.12") + """
        apiVersion: networking.k8s.io/v1
        kind: NetworkPolicy
        metadata: {name: web}
        spec:
          podSelector: {matchLabels: {app: web}}
          ingress: [{from: [{podSelector: {matchLabels: {app: db}}}]}]
        """
    let reading = ManifestReader().read([ManifestSource(name: "all.yaml", text: manifests)])
    let (cluster, _) = Cluster.resolve(reading.contents, subjects: .podsAndWorkloads)
    let (expectations, diagnostics) = ExpectationReader.read(
      ManifestSource(name: "assert.yaml", text: Self.head + "  - \(expectation)"))
    #expect(diagnostics.isEmpty)
    let result = try #require(expectations.map(Asserter(cluster).check).first)
    if let failure {
      #expect(result.failure?.hasPrefix(failure) == true, "\(result.failure ?? "holds")")
    } else {
      #expect(result.failure == nil)
    }
  }

  struct Bad: Sendable, CustomTestStringConvertible {
    let text: String
    let message: String
    var testDescription: String { message }
  }

  @Test(
    "a wrong file is refused with its place",
    arguments: [
      Bad(text: "kind: Assertions", message: "must be \"netpolc/v1\""),
      Bad(text: head + "  - {expect: perhaps}", message: "must be \"allow\", \"deny\" or \"only\""),
      Bad(text: head + "  - {expect: deny, form: {}}", message: "unknown field \"form\""),
      Bad(text: head + "  - {expect: deny, ports: [http]}", message: "must be a port such as"),
      Bad(text: head + "  - {expect: deny, ports: []}", message: "must be a list of ports"),
      Bad(text: head + "  - {expect: deny, from: {cidr: 1.2.3.4}}", message: "is no block of addresses"),
      Bad(
        text: head + "  - {expect: deny, from: {quantifier: most}}", message: "must be \"all\" or \"some\""),
      Bad(text: head + "  - {expect: deny, expect: allow}", message: "is written twice"),
      Bad(text: head + "  - {expect: deny, to: {podsToCome: yes please}}", message: "must be true or false"),
      Bad(
        text: head + "  - {expect: deny, to: {quantifier: some, podsToCome: true}}",
        message: "such a pod may never exist"),
      Bad(text: head + "  - {expect: deny, to: {namespacesToCome: true}}", message: "needs podsToCome: true"),
      Bad(text: head + "  []", message: "is empty"),
      Bad(text: "", message: "the file contains no expectations"),
      Bad(text: head + "  - {expect: deny}\n---\n" + head + "  []", message: "is empty"),
      Bad(text: head + "  - {expect: deny, from: []}", message: "must be an object"),
      Bad(text: head + "  - {expect: deny, from: null}", message: "must be an object"),
      Bad(text: head + "  - {expect: only, from: []}", message: "it must name those who may send"),
      Bad(text: head + "  - {expect: deny, ports: [0/UDP]}", message: "port 0 is no port"),
    ])
  func badFiles(bad: Bad) {
    let (_, diagnostics) = ExpectationReader.read(ManifestSource(name: "a.yaml", text: bad.text))
    #expect(diagnostics.contains { $0.message.contains(bad.message) && $0.location != nil }, "\(diagnostics)")
  }

  @Test("the example of docs/review.md is read without a complaint")
  func documentedExample() throws {
    let page = try String(contentsOf: Fixtures.package.appending(path: "docs/review.md"), encoding: .utf8)
    let blocks = page.components(separatedBy: "```yaml\n").dropFirst()
      .compactMap { $0.components(separatedBy: "```").first }
    let examples = blocks.filter { $0.contains("kind: Assertions") }
    #expect(examples.count == 1)
    for text in examples {
      let (expectations, diagnostics) = ExpectationReader.read(ManifestSource(name: "a.yaml", text: text))
      #expect(diagnostics.isEmpty, "\(diagnostics)")
      #expect(expectations.count == 4)
    }
  }

  static let head = "apiVersion: netpolc/v1\nkind: Assertions\nexpectations:\n"

  @Test("all-all agrees with the policies, pair by pair", arguments: UInt64(0)..<20)
  func pairs(seed: UInt64) throws {
    let random = RandomCluster(seed: seed)
    let cluster = random.cluster
    let plain = PlainEvaluator(random.contents, node: nil)
    for verdict in ["allow", "deny"] {
      let text =
        Self.head + "  - {expect: \(verdict), ports: [80], from: {namespace: default}, to: {namespace: prod}}"
      let (expectations, _) = ExpectationReader.read(ManifestSource(name: "a.yaml", text: text))
      let expectation = try #require(expectations.first)
      let (from, to) = ("default", "prod")
      let sources = cluster.pods.filter { $0.namespace == from }
      let destinations = cluster.pods.filter { $0.namespace == to }
      let result = Asserter(cluster).check(expectation)
      if sources.isEmpty || destinations.isEmpty {
        #expect(!result.holds)
        continue
      }
      // Between pods without a family in common nothing is allowed.
      func hasNoFamily(_ source: Pod, in destinations: [Pod]) -> Bool {
        destinations.contains { other in
          Set(source.addresses.map(\.family)).isDisjoint(with: other.addresses.map(\.family))
        }
      }
      let attempts = sources.flatMap(\.addresses).flatMap { source in
        destinations.flatMap(\.addresses).filter { $0.family == source.family }.map {
          ConnectionAttempt(source, $0, 6, 80)
        }
      }
      // An expectation that holds over nothing is not met.
      let expected =
        !attempts.isEmpty && attempts.allSatisfy { plain.allows($0) == (verdict == "allow") }
        && (verdict == "deny" || !sources.contains { hasNoFamily($0, in: destinations) })
      #expect(result.holds == expected, "seed \(seed) \(verdict)")
    }
  }
}
