import Addresses
import Documents
import PolicyAssert
import PolicyExplain
import PolicyModel
import PolicyTrace
import Reports
import TestSupport
import Testing

/// Connections between a pod and the node that it runs on.
@Suite("explain and assert know the node of a pod", .bounded)
struct NodeTrafficTests {
  private static let yaml = """
    apiVersion: v1
    kind: Node
    metadata: {name: n1}
    spec: {podCIDRs: [10.60.0.0/24]}
    status: {addresses: [{type: InternalIP, address: 192.168.7.1}]}
    ---
    apiVersion: v1
    kind: Node
    metadata: {name: n2}
    status: {addresses: [{type: InternalIP, address: 192.168.7.2}]}
    ---
    apiVersion: v1
    kind: Namespace
    metadata: {name: shop}
    ---
    apiVersion: v1
    kind: Pod
    metadata: {name: srv, namespace: shop}
    spec: {nodeName: n1, containers: [{name: c, image: x}]}
    status: {phase: Running, podIP: 10.60.0.10, podIPs: [{ip: 10.60.0.10}]}
    ---
    apiVersion: networking.k8s.io/v1
    kind: NetworkPolicy
    metadata: {name: deny-all, namespace: shop}
    spec: {podSelector: {}, policyTypes: [Ingress, Egress]}
    """
  private let input = ReviewInput(Self.yaml)

  /// A question, and its answer in each mode.
  struct Row: Sendable, CustomTestStringConvertible {
    let from: String
    let to: String
    let open: Bool
    let policies: Bool
    var testDescription: String { "\(from) → \(to)" }
  }

  @Test(
    "a node reaches its own pods in every mode; a pod its own node as --pod-to-node says",
    arguments: [
      Row(from: "192.168.7.1", to: "shop/srv", open: true, policies: true),
      Row(from: "shop/srv", to: "192.168.7.1", open: true, policies: false),
      // Another node's traffic is judged by the policies.
      Row(from: "192.168.7.2", to: "shop/srv", open: false, policies: false),
      Row(from: "shop/srv", to: "192.168.7.2", open: false, policies: false),
      Row(from: "192.168.7.3", to: "shop/srv", open: false, policies: false),
    ])
  func explain(row: Row) throws {
    let ends = (try #require(EndpointReference(row.from)), try #require(EndpointReference(row.to)))
    for (mode, isAllowed) in [(EnforcementModes.PodToNode.open, row.open), (.policies, row.policies)] {
      let explainer = Explainer(input.cluster, input.networkPolicies, podToNode: mode)
      let answers = try explainer.explain(ends.0, ends.1, TrafficReference("80"))
      #expect(answers.allSatisfy { $0.isAllowed == isAllowed }, "\(mode)")
      let isOwn = row.from.hasSuffix(".7.1") || row.to.hasSuffix(".7.1")
      #expect(answers.allSatisfy { ($0.nodeTraffic != nil) == isOwn })
      #expect(answers[0].text().contains("is node n1, which shop/srv runs on") == isOwn)
      // What passes already needs no edit.
      #expect(!isAllowed || explainer.edits(allowing: answers[0]).isEmpty)
    }
  }

  @Test("what denies a connection between a node and its own pod, which always passes, does not hold")
  func expectations() {
    let source = ManifestSource(
      name: "assert.yaml",
      text: """
        apiVersion: netpolc/v1
        kind: Assertions
        expectations:
          - {name: from, expect: deny, from: {cidr: 192.168.7.1/32}, to: {namespace: shop}}
          - {name: to, expect: deny, from: {namespace: shop}, to: {cidr: 192.168.7.1/32}, ports: [10250]}
          - {name: around, expect: deny, from: {cidr: 192.168.7.0/24}, to: {namespace: shop}}
          - {name: beside, expect: deny, from: {cidr: 192.168.7.2/31}, to: {namespace: shop}}
          - {name: reaches, expect: allow, from: {cidr: 192.168.7.1/32}, to: {namespace: shop}}
        """)
    let (expectations, diagnostics) = ExpectationReader.read(source)
    #expect(diagnostics.isEmpty)
    func holds(_ mode: EnforcementModes.PodToNode) -> [Bool] {
      let asserter = Asserter(input.cluster, podToNode: mode)
      return expectations.map { asserter.check($0).holds }
    }
    #expect(holds(.open) == [false, false, false, true, true])
    #expect(holds(.policies) == [false, true, false, true, true])
    let failure = Asserter(input.cluster).check(expectations[0]).failure
    #expect(failure?.contains("a node always reaches its own pods") == true, "\(failure ?? "")")
  }

  private static let onBoth =
    yaml + """

      ---
      apiVersion: v1
      kind: Pod
      metadata: {name: other, namespace: shop}
      spec: {nodeName: n2, containers: [{name: c, image: x}]}
      status: {phase: Running, podIP: 10.60.1.10, podIPs: [{ip: 10.60.1.10}]}
      """

  /// A question about pods of two nodes or about a block with their addresses, and how many pairs are allowed.
  @Test(
    "of several pods each knows its own node, and a block is parted at the addresses of nodes",
    arguments: [
      ("shop/", "192.168.7.1", 1, 2), ("shop/", "192.168.7.2", 1, 2), ("shop/", "192.168.7.3", 0, 2),
      ("192.168.7.1", "shop/", 1, 2), ("192.168.7.0/24", "shop/srv", 1, 2), ("192.168.7.0/24", "shop/", 2, 6),
      ("shop/srv", "192.168.7.0/24", 1, 2), ("192.168.7.4/30", "shop/srv", 0, 1),
      ("192.168.7.1/32", "shop/srv", 1, 1),
    ])
  func groups(from: String, to: String, allowed: Int, pairs: Int) throws {
    let input = ReviewInput(Self.onBoth)
    func end(_ words: String) throws -> EndpointReference {
      words == "shop/"
        ? .selector(namespace: "shop", LabelSelector()) : try #require(EndpointReference(words))
    }
    let explainer = Explainer(input.cluster, input.networkPolicies)
    switch try explainer.ask(end(from), end(to), TrafficReference("80")) {
    case .connection(let answers):
      #expect((answers.count { $0.isAllowed }, answers.count) == (allowed, pairs))
    case .group(let group): #expect((group.allowedPairs, group.pairs) == (allowed, pairs))
    case .service: Issue.record("no service was asked for")
    }
  }

  @Test("a pod to come may run on any node: what is denied it must be denied there")
  func podsToCome() {
    let source = ManifestSource(
      name: "assert.yaml",
      text: """
        apiVersion: netpolc/v1
        kind: Assertions
        expectations:
          - {expect: deny, from: {namespace: shop, podsToCome: true}, to: {cidr: 192.168.7.1/32}}
          - {expect: deny, from: {namespace: shop, podsToCome: true}, to: {cidr: 192.168.7.0/24}}
          - {expect: deny, from: {namespace: shop, podsToCome: true}, to: {cidr: 192.168.7.4/30}}
          - {expect: deny, from: {cidr: 192.168.7.2/32}, to: {namespace: shop, podsToCome: true}}
          - {expect: allow, from: {cidr: 192.168.7.2/32}, to: {namespace: shop, podsToCome: true}}
          - {expect: only, from: {cidr: 192.168.7.2/32}, to: {namespace: shop, podsToCome: true}}
        """)
    let expectations = ExpectationReader.read(source).expectations
    #expect(expectations.count == 6)
    func holds(_ mode: EnforcementModes.PodToNode) -> [Bool] {
      let asserter = Asserter(input.cluster, podToNode: mode)
      return expectations.map { asserter.check($0).holds }
    }
    // A node's own pods are no matter of `only`: it reaches them always.
    #expect(holds(.open) == [false, false, true, false, false, true])
    #expect(holds(.policies) == [true, true, true, false, false, true])
  }
}
