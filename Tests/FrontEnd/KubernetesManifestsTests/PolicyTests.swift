import Addresses
import Diagnostics
import KubernetesManifests
import PolicyModel
import TestSupport
import Testing

@Suite("Policies: what is read is what was meant", .bounded)
struct PolicyTests {
  private func one(_ spec: String, namespace: String = "default") -> NetworkPolicy? {
    let (_, written, diagnostics) = reading(policy(spec), namespace: namespace)
    #expect(diagnostics == [])
    return written.first
  }

  @Test(arguments: [
    "podSelector: null", "podSelector: {}", "podSelector: ~", "podSelector:", "policyTypes: []",
  ])
  func everyPodOfTheNamespace(_ spec: String) {
    let policy = one(spec, namespace: "team")
    #expect(policy?.podSelector.isEverything == true)
    #expect(policy?.isolates == [.ingress])
    #expect(policy?.id.description == "team/p")
  }

  @Test func aWholePolicy() throws {
    let policy = try #require(
      one(
        """
        podSelector:
          matchLabels: {app: web}
          matchExpressions:
          - {key: tier, operator: NotIn, values: [b, a]}
        policyTypes: [Egress, Ingress]
        ingress:
        - from:
          - namespaceSelector: {}
          - podSelector: {matchLabels: {a: "1"}}
            namespaceSelector: {matchLabels: {ns: x}}
          - ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16]}
          ports:
          - port: 8080
            endPort: 8090
          - {port: dns, protocol: UDP}
          - protocol: SCTP
        egress:
        - {}
        """))
    #expect(policy.podSelector.description == "app=web,tier notin (a,b)")
    #expect(policy.isolates == [.ingress, .egress])
    let peers = policy.ingress[0].peers.entries
    #expect(peers[0].kind == .pods(.matching(LabelSelector()), LabelSelector()))
    #expect(
      peers[1].kind
        == .pods(
          .matching(LabelSelector(matchLabels: ["ns": "x"])), LabelSelector(matchLabels: ["a": "1"])))
    let (block, except) = (try CIDR.parse("10.0.0.0/8").block, try CIDR.parse("10.1.0.0/16").block)
    #expect(peers[2].kind == .ipBlock(IPBlock(block, except: [except])))
    let ports = policy.ingress[0].ports.entries
    #expect(ports.map(\.transport) == [.tcp, .udp, .sctp])
    #expect(ports.map(\.ports) == [.range(Interval(8080, 8090)), .named("dns"), .all])
    #expect(policy.egress[0].peers == .everything)
    #expect(policy.egress[0].ports == .everything)
  }

  @Test func originsNameFieldAndPlace() throws {
    let policy = try #require(one("ingress:\n- from:\n  - podSelector: {}\n  ports:\n  - port: 80"))
    let rule = policy.ingress[0]
    #expect(rule.origin.field == "spec.ingress[0]")
    #expect(rule.origin.location.description == "m.yaml:7:5")
    #expect(rule.peers.entries[0].origin.field == "spec.ingress[0].from[0]")
    #expect(rule.ports.entries[0].origin.location.description == "m.yaml:10:7")
    #expect(policy.origins.keys.sorted() == ["", "metadata.name", "spec", "spec.ingress"])
    #expect(policy.origins["metadata.name"]?.location.description == "m.yaml:4:9")
  }

  @Test func nullIsAbsent() {
    let policy = one(
      "policyTypes: null\negress: null\ningress:\n- from: null\n  ports:\n  - {port: null, endPort: null, protocol: null}"
    )
    #expect(policy?.isolates == [.ingress])
    #expect(policy?.ingress.first?.peers == .everything)
    #expect(policy?.ingress.first?.ports.entries.first?.ports == .all)
    #expect(policy?.ingress.first?.ports.entries.first?.transport == .tcp)
  }

  @Test func yamlAndJSONSayTheSame() throws {
    let yaml = reading(
      policy("podSelector: {matchLabels: {ab: x}}\ningress: [{ports: [{port: 80}, {port: http}]}]"))
    let twin = reading(
      #"{"spec":{"ingress":[{"ports":[{"port":80},{"port":"http"}]}],"podSelector":{"matchLabels":{"a\u0062":"x"}}},"metadata":{"name":"p"},"apiVersion":"networking.k8s.io/v1","kind":"NetworkPolicy"}"#,
      name: "m.json")
    #expect(yaml.diagnostics == [])
    #expect(twin.diagnostics == [])
    let (left, right) = (
      try #require(yaml.networkPolicies.first), try #require(twin.networkPolicies.first)
    )
    #expect(left.podSelector == right.podSelector)
    #expect(
      left.ingress.map { $0.ports.entries.map(\.ports) }
        == right.ingress.map { $0.ports.entries.map(\.ports) })
  }
}
