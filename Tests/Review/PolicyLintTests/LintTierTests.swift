import Diagnostics
import PolicyLint
import TestSupport
import Testing

@Suite("lint, NetworkPolicies beside tiers of the cluster", .bounded)
struct LintTierTests {
  /// A NetworkPolicy, a ClusterNetworkPolicy, and the messages of one rule about both.
  struct Case: Sendable, CustomTestStringConvertible {
    let rule: String
    let policy: String?
    let tiers: [String]
    let messages: [String]
    var testDescription: String { "\(rule): \(tiers)" }

    init(_ rule: String, _ policy: String?, _ tiers: String..., messages: String...) {
      (self.rule, self.policy, self.tiers, self.messages) = (rule, policy, tiers, messages)
    }
  }

  private static let web = LintExample.web
  private static func baseline(_ rules: String) -> String { LintExample.cluster(rules, tier: "Baseline") }
  private static func admin(_ rules: String) -> String { LintExample.cluster(rules) }
  private static let denyAll = "ingress: [{action: Deny, from: [{namespaces: {}}]}]"
  private static let all = "namespaces: {}"
  private static let bothPods =
    "{podSelector: {matchExpressions: [{key: app, operator: In, values: [web, db]}]}}"
  private static let byLabel =
    "namespace shop isolates pods for ingress by their labels only: a pod without them is open"
  private static let sends80 =
    "{\(web), egress: [{to: [{ipBlock: {cidr: 10.0.0.0/8}}], ports: [{port: 80}]}]}"
  private static let sendsAll = "{\(web), policyTypes: [Egress], egress: [{}]}"
  private static let dnsServer = """

    ---
    kind: Pod
    apiVersion: v1
    metadata: {name: dns, namespace: other, labels: {k8s-app: kube-dns}}
    spec: {containers: [{name: c}]}
    status: {phase: Running, podIPs: [{ip: 10.244.0.9}, {ip: "fd00::9"}]}
    """

  static let cases: [Case] = [
    Case(
      "no-default-deny", "{\(web)}",
      messages: "namespace shop has no default deny for ingress: 1 pod open to everybody, such as shop/db"),
    Case("no-default-deny", "{\(web)}", baseline(denyAll)),
    Case(
      "no-default-deny", "{\(web)}", admin("ingress: [{action: Accept, from: [{\(all)}]}]"),
      messages: "namespace shop has no default deny for ingress: 1 pod open to everybody, such as shop/db"),
    Case("future-pods-open", bothPods, messages: byLabel),
    Case(
      "future-pods-open", bothPods, baseline(denyAll),
      messages: byLabel + ", but for what the tiers Admin and Baseline deny"),
    Case(
      "egress-without-dns", sends80, messages: "shop/web may send, but not to DNS: names will not resolve"),
    Case(
      "egress-without-dns", sends80,
      admin("egress: [{action: Accept, to: [{\(all)}], protocols: [{udp: {destinationPort: {number: 53}}}]}]")
    ),
    Case(
      "egress-without-dns", sends80 + dnsServer,
      admin("egress: [{action: Accept, to: [{\(all)}], protocols: [{udp: {destinationPort: {number: 53}}}]}]")
    ),
    // The tier accepts port 53 of other pods.
    Case(
      "egress-without-dns", sends80 + dnsServer,
      admin(
        "egress: [{action: Accept, to: [{namespaces: {matchLabels: {team: red}}}], protocols: [{udp: {destinationPort: {number: 53}}}]}]"
      ), messages: "shop/web may send, but not to DNS: names will not resolve"),
    Case(
      "metadata-address", sendsAll,
      messages: "this includes the metadata address 169.254.169.254 on TCP 80"),
    Case(
      "metadata-address", sendsAll,
      admin("egress: [{action: Deny, to: [{networks: [169.254.169.254/32, \"fd00:ec2::254/128\"]}]}]")),
    Case(
      "metadata-address", sendsAll,
      admin("egress: [{action: Deny, to: [{networks: [169.254.169.254/32]}]}]"),
      messages: "this includes the metadata address fd00:ec2::254 on TCP 80"),
    Case(
      "allows-everything", sendsAll,
      messages: "allows everything, and undoes every other policy of its pods"),
    Case(
      "allows-everything", sendsAll, baseline("egress: [{action: Deny, to: [{\(all)}]}]"),
      messages:
        "allows everything: it undoes every other NetworkPolicy of its pods, and the Baseline tier is not asked about them"
    ),
    // The Baseline tier is about the other direction.
    Case(
      "allows-everything", sendsAll, baseline(denyAll),
      messages: "allows everything, and undoes every other policy of its pods"),
    Case(
      "rule-covered", "{\(web), ingress: [{from: [{namespaceSelector: {}}], ports: [{port: 80}]}]}",
      admin(denyAll),
      messages:
        "for the pods of today the Admin tier decides all that this rule allows; it may open more to pods to come"
    ),
    Case(
      "egress-by-other-source", nil, admin("egress: [{action: Deny, to: [{\(all)}]}]"),
      messages: "its pods are held by it as long as they use their own address (--source-check local)"),
    Case("egress-by-other-source", nil, admin(denyAll)),
  ]

  @Test("what these tiers decide is not told of as if NetworkPolicy were alone", arguments: cases)
  func messages(_ one: Case) {
    let documents = (one.policy.map { [LintExample.policy($0)] } ?? []) + one.tiers
    let found = LintRuleTests.findings(documents.joined(separator: "\n---\n")).findings
    #expect(found.filter { $0.id == one.rule }.map(\.message) == one.messages)
  }
}
