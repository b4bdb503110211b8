import Addresses
import Diagnostics
import Documents
import KubernetesManifests
import PolicyModel
import TestSupport
import Testing

/// Kinds of policies beyond Kubernetes' own: a row of the reader, with a decoder of its own.
@Suite("a dialect is a row and a decoder", .bounded)
struct DialectTests {
  /// `NetworkPolicy` of another project, which has the name of Kubernetes' kind: `spec.allowFrom` is a block.
  private static let format = PolicyFormat(
    PolicyKind("NetworkPolicy"), ["policies.example.org/v1"]
  ) { object, decoder in
    let fields = PolicyDecoder.Fields(
      object.members, "", ["apiVersion", "kind", "metadata", "spec"], &decoder)
    let (name, _) = decoder.metadata(fields, at: object.offset)
    let spec = fields.object("spec", ["allowFrom"], &decoder)
    guard let name, let node = spec?["allowFrom"], let text = decoder.text(node, "spec.allowFrom"),
      let block = decoder.block(text, at: node.offset, "spec.allowFrom")
    else { return (nil, nil) }
    let origin = decoder.origin(node.offset, "spec.allowFrom")
    let rule = PolicyRule(
      peers: .anyOf([Peer(.ipBlock(IPBlock(block)), origin: origin)]), ports: .everything, origin: origin)
    let policy = Policy(
      id: PolicyID(PolicyKind("NetworkPolicy"), namespace: nil, name: name),
      subjects: PodSet(.matching(LabelSelector()), LabelSelector()), ingress: [rule], egress: nil,
      origin: origin)
    return (policy, nil)
  }

  private static let text = """
    apiVersion: policies.example.org/v1
    kind: NetworkPolicy
    metadata: {name: office}
    spec: {allowFrom: 203.0.113.0/24}
    ---
    apiVersion: networking.k8s.io/v1
    kind: NetworkPolicy
    metadata: {name: own}
    spec: {podSelector: {}}
    ---
    apiVersion: policies.example.org/v1
    kind: NetworkPolicyList
    items:
    - metadata: {name: listed}
      spec: {allowFrom: 198.51.100.0/24}
    ---
    apiVersion: policies.example.org/v1
    kind: Tier
    metadata: {name: other}
    """

  private static func read(_ text: String, _ formats: [PolicyFormat]) -> ManifestReading {
    ManifestReader(formats: formats).read([ManifestSource(name: "p.yaml", text: text)])
  }

  @Test("kinds of one name are told apart by their groups, and lists may leave out the kind")
  func known() {
    let reading = Self.read(Self.text, .kubernetes + [Self.format])
    #expect(reading.diagnostics.map(\.message) == [])
    #expect(reading.contents.policies.map(\.id.description) == ["office", "default/own", "listed"])
    #expect(reading.networkPolicies.map(\.id.name) == ["own"])
    #expect(reading.contents.skipped == ["Tier": 1])
  }

  @Test("without the row they are another project's, with a warning")
  func unknown() {
    let reading = Self.read(Self.text, .kubernetes)
    #expect(reading.contents.policies.map(\.id.description) == ["default/own"])
    #expect(reading.diagnostics.map(\.id) == ["policies-not-enforced"])
  }

  @Test("a wrong version or field is an error at its place")
  func wrong() {
    let text = Self.text.replacing("org/v1\nkind: NetworkPolicy\n", with: "org/v2\nkind: NetworkPolicy\n")
      .replacing("198.51.100.0/24", with: "198.51.100.0/33")
    let reading = Self.read(text, .kubernetes + [Self.format])
    #expect(
      reading.diagnostics.map { "\($0.id) \($0.location?.line ?? 0)" } == [
        "unknown-api-version 1", "invalid-cidr 15",
      ])
    #expect(reading.contents.policies.isEmpty)
  }
}
