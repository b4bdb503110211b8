import KubernetesManifests
import PolicyModel
import TestSupport
import Testing

/// Rows of the checklist of ClusterNetworkPolicy about what is read; rows about packets are tables of traffic in
/// `Fixtures/cluster-policies/rows`.
@Suite("rows of the checklist of ClusterNetworkPolicy: reading", .bounded)
struct ClusterPolicyRowTests {
  private static func object(
    _ subject: String, egress: String = "", status: String = "", version: String = "v1alpha2"
  )
    -> String
  {
    """
    apiVersion: policy.networking.k8s.io/\(version)
    kind: ClusterNetworkPolicy
    metadata: {name: c}
    spec:
      tier: Admin
      priority: 7
      subject: \(subject)
      egress: [\(egress)]
    \(status)

    """
  }

  @Test("V2: the definition's channel and version need not be known, fields of both channels are read")
  func channels() throws {
    let definition = """
      apiVersion: apiextensions.k8s.io/v1
      kind: CustomResourceDefinition
      metadata:
        name: clusternetworkpolicies.policy.networking.k8s.io
        annotations:
          policy.networking.k8s.io/bundle-version: v0.2.0
          policy.networking.k8s.io/channel: standard
      spec: {group: policy.networking.k8s.io}

      """
    let rule = "{action: Accept, to: [{nodes: {}}, {networks: [10.0.0.0/8]}]}"
    for text in [
      Self.object("{namespaces: {}}", egress: rule),
      definition + "---\n" + Self.object("{namespaces: {}}", egress: rule),
    ] {
      let read = reading(text)
      let policy = try #require(read.contents.policies.first, "\(read.diagnostics)")
      #expect(policy.egress?.first?.nodes.count == 1)
    }
  }

  @Test("P9: a selector within a selector, which a server drops, is an error in a file that names it")
  func selectorInASelector() {
    let rule = "{action: Deny, to: [{namespaces: {namespaceSelector: {}}}]}"
    let read = reading(Self.object("{namespaces: {}}", egress: rule))
    #expect(read.contents.policies.isEmpty)
    #expect(
      read.diagnostics.contains {
        $0.contains("spec.egress[0].to[0].namespaces") && $0.contains("namespaceSelector")
      },
      "\(read.diagnostics)")
  }

  @Test("S3: a subject is of namespaces or of pods: one of them, and not both")
  func subjects() {
    #expect(reading(Self.object("{namespaces: {}}")).contents.policies.count == 1)
    #expect(reading(Self.object("{pods: {podSelector: {}}}")).contents.policies.count == 1)
    for subject in ["{}", "{namespaces: {}, pods: {podSelector: {}}}", "{workloads: {}}"] {
      let read = reading(Self.object(subject))
      #expect(read.contents.policies.isEmpty, "\(subject)")
      #expect(read.diagnostics.contains { $0.contains("spec.subject") }, "\(subject): \(read.diagnostics)")
    }
  }

  @Test("O1: conditions of a status, of whatever type, are passed over", arguments: ["v1alpha2", "v1beta1"])
  func status(version: String) {
    let status = """
      status:
        conditions:
          - {type: "example.com/Anything", status: "True", reason: Because, message: "", lastTransitionTime: "2026-01-01T00:00:00Z"}
      """
    let read = reading(Self.object("{namespaces: {}}", status: status, version: version))
    #expect(read.contents.policies.count == 1)
    #expect(read.diagnostics.isEmpty, "\(read.diagnostics)")
  }

  @Test("O2: no node writes a status: the agent may read these policies and change none")
  func noStatus() throws {
    let text = try Fixtures.text("agent/install.yaml")
    let lines = text.split(separator: "\n").map(String.init)
    let places = lines.indices.filter { lines[$0].contains("clusternetworkpolicies") }
    #expect(places.map { lines[$0] } == ["  resources: [clusternetworkpolicies]"])
    #expect(places.map { lines[$0 + 1] } == ["  verbs: [list, watch]"])
  }
}
