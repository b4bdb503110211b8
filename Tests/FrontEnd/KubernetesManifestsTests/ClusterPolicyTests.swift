import Addresses
import Diagnostics
import Documents
import KubernetesManifests
import PolicyModel
import TestSupport
import Testing

@Suite("ClusterNetworkPolicies from manifests", .bounded)
struct ClusterPolicyTests {
  @Test("mistakes, as a person reads them")
  func mistakes() throws {
    let scenario = "cluster-policies/mistakes"
    let text = try Fixtures.text("\(scenario)/policies.yaml")
    let read = ManifestReader().read([ManifestSource(name: "policies.yaml", text: text)])
    #expect(read.contents.policies.isEmpty)
    let renderer = DiagnosticRenderer(colour: false)
    let rendered = read.diagnostics.map(renderer.render).joined(separator: "\n")
    #expect(Golden("\(scenario)/expected.txt").difference(from: rendered) == nil)
  }

  private static func object(_ spec: String, metadata: String = "name: c", version: String = "v1alpha2")
    -> String
  {
    let lines = spec.split(separator: "\n").map { "  \($0)" }.joined(separator: "\n")
    return """
      apiVersion: policy.networking.k8s.io/\(version)
      kind: ClusterNetworkPolicy
      metadata: {\(metadata)}
      spec:
        tier: Admin
        priority: 7
        subject: {namespaces: {matchLabels: {team: a}}}
      \(lines)

      """
  }

  private static let origin = Origin.nowhere

  private func only(_ text: String) throws -> Policy {
    let read = reading(text)
    return try #require(read.contents.policies.first, "\(read.diagnostics)")
  }

  @Test("a policy means its tier, priority, subjects and rules in order", arguments: ["v1alpha2", "v1beta1"])
  func meaning(version: String) throws {
    let policy = try only(
      Self.object(
        """
        ingress:
        - {name: first, action: Accept, from: [{namespaces: {}}], protocols: [{tcp: {destinationPort: {number: 80}}}]}
        - {action: Pass, from: [{pods: {podSelector: {matchLabels: {app: b}}}}]}
        egress: []
        """, version: version))
    #expect(policy.id == PolicyID(.clusterNetworkPolicy, namespace: nil, name: "c"))
    #expect(policy.tier == .admin)
    #expect(policy.priority == 7)
    #expect(policy.subjects == PodSet(.matching(LabelSelector(matchLabels: ["team": "a"])), LabelSelector()))
    #expect(policy.egress == nil)
    let rules = try #require(policy.ingress)
    #expect(rules.map(\.action) == [.accept, .pass])
    #expect(rules.map(\.name) == ["first", nil])
    #expect(rules[0].ports.entries.map(\.ports) == [.range(Interval(80))])
    #expect(rules[0].origin.field == "spec.ingress[0]")
    #expect(rules[1].peers.entries[0].origin.field == "spec.ingress[1].from[0]")
  }

  @Test("a kind that came last in its object is read all the same")
  func lateKind() throws {
    let policy = try only(
      "metadata: {name: a}\nspec: {tier: Baseline, priority: 0, subject: {namespaces: {}}}\nkind: ClusterNetworkPolicy\napiVersion: policy.networking.k8s.io/v1alpha2\n"
    )
    #expect(policy.tier == .baseline)
  }

  @Test("unknown fields are errors in a file, and close in an object of a server")
  func unknownFields() throws {
    let spec = "ingress:\n- {name: r, action: ACTION, from: [{serviceAccounts: {}}]}"
    for action in ["Accept", "Deny", "Pass"] {
      let spec = spec.replacing("ACTION", with: action)
      #expect(reading(Self.object(spec)).contents.policies.isEmpty)
      let policy = try only(Self.object(spec, metadata: "name: c, uid: u-1"))
      let rules = try #require(policy.ingress)
      #expect(rules.map(\.action) == (action == "Accept" ? [] : [.deny]))
      #expect(rules.allSatisfy { $0.peers == .everything && $0.ports == .everything })
      let told = reading(Self.object(spec, metadata: "name: c, uid: u-1")).diagnostics
      #expect(told.count == 1, "\(told)")
      #expect(
        told.allSatisfy {
          $0.contains(
            action == "Accept"
              ? "not understood, so this rule matches nothing [closed-policy]"
              : "not understood, so this rule denies all ingress of its subjects [closed-policy]")
        })
    }
  }

  @Test("nodes are resolved by the cluster, and none matches nothing")
  func nodes() throws {
    let text = Self.object("egress:\n- {action: Deny, to: [{nodes: {matchLabels: {zone: a}}}]}")
    var contents = reading(text).contents
    func peers() -> [Peer.Kind] {
      Cluster.resolve(contents).cluster.policies[0].egress?[0].peers.entries.map(\.kind) ?? []
    }
    #expect(peers() == [.nothing])
    let address = try #require(IPAddress("192.0.2.7"))
    contents.nodes = [
      Node(name: "n", labels: ["zone": "a"], addresses: [address], podCIDRs: [], origin: Self.origin),
      Node(name: "m", labels: ["zone": "b"], addresses: [address], podCIDRs: [], origin: Self.origin),
    ]
    #expect(peers() == [.ipBlock(IPBlock(CIDR(address, prefixLength: 32)))])
  }

  @Test("a node that changes changes the policies that name it, and no others")
  func nodeEvents() throws {
    var live = LiveCluster()
    let text = Self.object("egress:\n- {action: Deny, to: [{nodes: {matchLabels: {zone: a}}}]}")
    let policy = try only(text)
    let other = Policy(
      id: PolicyID(namespace: "n", name: "p"), subjects: PodSet(.own, LabelSelector()), ingress: [],
      egress: nil,
      origin: Self.origin)
    _ = live.apply([.policy(policy), .policy(other)])
    let address = try #require(IPAddress("192.0.2.7"))
    func node(_ zone: String) -> Node {
      Node(name: "n", labels: ["zone": zone], addresses: [address], podCIDRs: [], origin: Self.origin)
    }
    let came = live.apply([.node(node("a"))])
    #expect(came.policies.map(\.id) == [policy.id])
    #expect(came.policies[0].after?.egress?[0].peers.entries.count == 1)
    #expect(came.policies[0].before?.egress?[0].peers.entries.map(\.kind) == [.nothing])
    #expect(live.apply([.node(node("a"))]).policies.isEmpty)
    #expect(live.apply([.node(node("b"))]).policies.map(\.id) == [policy.id])
    #expect(live.apply([.nodeRemoved("n")]).policies.isEmpty)
    #expect(live.contents.policies.first { $0.id == policy.id } == policy)
  }
}
