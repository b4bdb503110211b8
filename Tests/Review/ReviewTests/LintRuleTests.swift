import Diagnostics
import PolicyModel
import Review
import TestSupport
import Testing

@Suite("lint", .bounded)
struct LintRuleTests {
  /// A policy `p` of namespace `shop` with the given spec, in YAML's flow style.
  static func policy(_ spec: String, name: String = "p", annotations: String = "{}") -> String {
    """
    kind: NetworkPolicy
    apiVersion: networking.k8s.io/v1
    metadata: {name: \(name), namespace: shop, annotations: \(annotations)}
    spec: \(spec)
    """
  }

  static let inventory = """
    kind: Namespace
    apiVersion: v1
    metadata: {name: shop, labels: {team: red}}
    ---
    kind: Namespace
    apiVersion: v1
    metadata: {name: other, labels: {team: blue}}
    ---
    kind: Pod
    apiVersion: v1
    metadata: {name: web, namespace: shop, labels: {app: web}}
    spec: {containers: [{name: c, ports: [{name: http, containerPort: 80}]}]}
    status: {phase: Running, podIPs: [{ip: 10.244.0.1}, {ip: "fd00::1"}]}
    ---
    kind: Pod
    apiVersion: v1
    metadata: {name: db, namespace: shop, labels: {app: db}}
    spec: {containers: [{name: c, ports: [{name: http, containerPort: 8080}]}]}
    status: {phase: Running, podIPs: [{ip: 10.244.0.2}]}
    ---
    kind: Pod
    apiVersion: v1
    metadata: {name: agent, namespace: shop, labels: {app: agent}}
    spec: {hostNetwork: true, containers: [{name: c}]}
    status: {phase: Running, podIPs: [{ip: 192.168.0.1}]}
    ---
    kind: Pod
    apiVersion: v1
    metadata: {name: client, namespace: other, labels: {app: client}}
    spec: {containers: [{name: c}]}
    status: {phase: Running, podIPs: [{ip: 10.244.0.3}]}
    """

  struct Case: Sendable, CustomTestStringConvertible {
    let rule: String
    let fires: [String]
    let silent: [String]
    var testDescription: String { rule }

    init(_ rule: String, fires: String..., silent: String...) {
      (self.rule, self.fires, self.silent) = (rule, fires, silent)
    }
  }

  static let web = "podSelector: {matchLabels: {app: web}}"

  static let cases: [Case] = [
    Case(
      "selects-no-pod", fires: policy("{podSelector: {matchLabels: {app: gone}}}"), silent: policy("{\(web)}")
    ),
    Case(
      "selector-never-matches",
      fires: policy(
        "{podSelector: {matchLabels: {app: web}, matchExpressions: [{key: app, operator: NotIn, values: [web]}]}}"
      ),
      silent: policy(
        "{podSelector: {matchLabels: {app: web}, matchExpressions: [{key: app, operator: NotIn, values: [db]}]}}"
      )),
    Case(
      "selects-generated-label",
      fires: policy("{podSelector: {matchLabels: {pod-template-hash: abc}}}"), silent: policy("{\(web)}")),
    Case(
      "host-network-pod", fires: policy("{podSelector: {matchLabels: {app: agent}}}"),
      silent: policy("{podSelector: {}}")),
    Case(
      "peer-matches-no-pod",
      fires: policy("{\(web), ingress: [{from: [{podSelector: {matchLabels: {app: gone}}}]}]}"),
      silent: policy("{\(web), ingress: [{from: [{podSelector: {matchLabels: {app: db}}}]}]}")),
    Case(
      "no-such-namespace",
      fires: policy("{\(web), ingress: [{from: [{namespaceSelector: {matchLabels: {name: other}}}]}]}"),
      silent: policy(
        "{\(web), ingress: [{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: other}}}]}]}"
      )),
    Case(
      "split-selectors",
      fires: policy(
        "{\(web), ingress: [{from: [{namespaceSelector: {matchLabels: {team: blue}}}, {podSelector: {matchLabels: {app: client}}}]}]}"
      ),
      silent: policy(
        "{\(web), ingress: [{from: [{namespaceSelector: {matchLabels: {team: blue}}, podSelector: {matchLabels: {app: client}}}]}]}"
      )),
    Case(
      "except-swallows-block",
      fires: policy(
        "{\(web), ingress: [{from: [{ipBlock: {cidr: 1.2.3.0/24, except: [1.2.3.0/25, 1.2.3.128/25]}}]}]}"),
      silent: policy("{\(web), ingress: [{from: [{ipBlock: {cidr: 1.2.3.0/24, except: [1.2.3.0/25]}}]}]}")),
    Case(
      "block-covers-pods",
      fires: policy("{\(web), ingress: [{from: [{ipBlock: {cidr: 10.244.0.0/16}}]}]}"),
      silent: policy("{\(web), ingress: [{from: [{ipBlock: {cidr: 0.0.0.0/0}}]}]}"),
      policy("{\(web), ingress: [{from: [{ipBlock: {cidr: 1.2.3.0/24}}]}]}")),
    Case(
      "host-bits", fires: policy("{\(web), ingress: [{from: [{ipBlock: {cidr: 1.2.3.4/24}}]}]}"),
      silent: policy("{\(web), ingress: [{from: [{ipBlock: {cidr: 1.2.3.0/24}}]}]}")),
    Case(
      "ipv4-without-ipv6", fires: policy("{\(web), ingress: [{from: [{ipBlock: {cidr: 1.2.3.0/24}}]}]}"),
      silent: policy(
        "{\(web), ingress: [{from: [{ipBlock: {cidr: 1.2.3.0/24}}, {ipBlock: {cidr: \"2001:db8::/64\"}}]}]}"),
      policy("{podSelector: {matchLabels: {app: db}}, ingress: [{from: [{ipBlock: {cidr: 1.2.3.0/24}}]}]}")),
    Case(
      "duplicate-entry",
      fires: policy("{\(web), ingress: [{ports: [{port: 80}, {port: 80, protocol: TCP}]}]}"),
      silent: policy("{\(web), ingress: [{ports: [{port: 80}, {port: 80, protocol: UDP}]}]}")),
    Case(
      "unknown-port-name", fires: policy("{\(web), ingress: [{ports: [{port: metrics}]}]}"),
      policy("{\(web), ingress: [{ports: [{port: http, protocol: UDP}]}]}"),
      silent: policy("{\(web), ingress: [{ports: [{port: http}]}]}")),
    Case(
      "port-name-differs", fires: policy("{podSelector: {}, ingress: [{ports: [{port: http}]}]}"),
      silent: policy("{\(web), ingress: [{ports: [{port: http}]}]}")),
    Case(
      "port-covered", fires: policy("{\(web), ingress: [{ports: [{port: 85}, {port: 80, endPort: 90}]}]}"),
      silent: policy("{\(web), ingress: [{ports: [{port: 95}, {port: 80, endPort: 90}]}]}")),
    Case(
      "end-port-same", fires: policy("{\(web), ingress: [{ports: [{port: 80, endPort: 80}]}]}"),
      policy("{\(web), policyTypes: [Egress], egress: [{ports: [{port: 53, endPort: 53, protocol: UDP}]}]}"),
      silent: policy("{\(web), ingress: [{ports: [{port: 80}]}]}"),
      policy("{\(web), ingress: [{ports: [{port: 80, endPort: 81}]}]}")),
    Case(
      "world-open-range",
      fires: policy(
        "{\(web), ingress: [{from: [{ipBlock: {cidr: 0.0.0.0/0}}], ports: [{port: 1, endPort: 900}]}]}"),
      policy("{\(web), ingress: [{ports: [{port: 30000, endPort: 32767}]}]}"),
      silent: policy("{\(web), ingress: [{from: [{ipBlock: {cidr: 0.0.0.0/0}}], ports: [{port: 443}]}]}")),
    Case(
      "dns-without-tcp",
      fires: policy("{\(web), policyTypes: [Egress], egress: [{ports: [{port: 53, protocol: UDP}]}]}"),
      silent: policy(
        "{\(web), policyTypes: [Egress], egress: [{ports: [{port: 53, protocol: UDP}, {port: 53}]}]}")),
    Case(
      "rules-without-type", fires: policy("{\(web), policyTypes: [Egress], ingress: [{}]}"),
      silent: policy("{\(web), policyTypes: [Egress, Ingress], ingress: [{}]}")),
    Case(
      "egress-without-dns",
      fires: policy("{\(web), policyTypes: [Egress], egress: [{ports: [{port: 443}]}]}"),
      silent: policy(
        "{\(web), policyTypes: [Egress], egress: [{ports: [{port: 443}]}, {ports: [{port: 53, protocol: UDP}]}]}"
      ),
      policy("{\(web), policyTypes: [Egress]}")),
    Case(
      "allow-all-among-others", fires: policy("{\(web), ingress: [{ports: [{port: 80}]}, {}]}"),
      silent: policy("{\(web), ingress: [{}]}")),
    Case("no-default-deny", fires: policy("{\(web)}"), silent: policy("{podSelector: {}}")),
    Case(
      "allows-everything", fires: policy("{\(web), ingress: [{}]}"),
      silent: policy("{\(web), ingress: [{}], policyTypes: [Ingress, Egress]}")),
    Case(
      "rule-covered",
      fires: policy(
        "{\(web), ingress: [{from: [{ipBlock: {cidr: 1.2.0.0/17}}]}, {from: [{ipBlock: {cidr: 1.2.128.0/17}}]}, {from: [{ipBlock: {cidr: 1.2.64.0/18}}, {ipBlock: {cidr: 1.2.192.0/18}}]}]}"
      ),
      silent: policy(
        "{\(web), ingress: [{from: [{ipBlock: {cidr: 1.2.0.0/17}}]}, {from: [{ipBlock: {cidr: 1.3.64.0/18}}]}]}"
      )),
    Case(
      "duplicate-policy", fires: policy("{\(web)}") + "\n---\n" + policy("{\(web)}", name: "q"),
      silent: policy("{\(web)}") + "\n---\n" + policy("{podSelector: {matchLabels: {app: db}}}", name: "q")),
    Case(
      "bad-suppression", fires: policy("{\(web)}", annotations: "{netpolc.io/lint-ignore: no-default-deny}"),
      policy("{\(web)}", annotations: "{netpolc.io/lint-ignore: \"no-such-rule: because\"}"),
      silent: policy(
        "{\(web)}", annotations: "{netpolc.io/lint-ignore: \"no-default-deny: all is meant to be open\"}")),
  ]

  static func findings(_ yaml: String) -> Linter.Outcome {
    let input = ReviewInput(yaml, inventory)
    #expect(input.errors.isEmpty, "\(input.errors)")
    return Linter().run(input.contents, input.networkPolicies, input.cluster, readerFindings: input.findings)
  }

  @Test("every rule fires where it should, and not where it must not", arguments: cases)
  func rule(_ example: Case) {
    for yaml in example.fires {
      let found = Self.findings(yaml).findings.filter { $0.id == example.rule }
      #expect(!found.isEmpty, "silent on\n\(yaml)")
      #expect(found.allSatisfy { $0.location != nil })
    }
    for yaml in example.silent {
      let found = Self.findings(yaml).findings.filter { $0.id == example.rule }
      #expect(found.isEmpty, "\(found.map(\.message)) on\n\(yaml)")
    }
  }

  @Test("every rule has a case, an id in kebab case, and a page that says more than its title")
  func completeness() {
    #expect(Set(Self.cases.map(\.rule)) == Set(LintRule.all.map(\.id)))
    #expect(LintRule.all.count >= 20)
    for rule in LintRule.all {
      #expect(rule.id.allSatisfy { $0 == "-" || $0.isLowercase || $0.isNumber })
      #expect(rule.explanation.count > rule.title.count)
    }
  }

  @Test("an annotation with a reason suppresses its rule, and --ignore every finding of one")
  func suppression() {
    let yaml = Self.policy(
      "{\(Self.web)}", annotations: "{netpolc.io/lint-ignore: \"no-default-deny: open on purpose\"}")
    let outcome = Self.findings(yaml)
    #expect(!outcome.findings.contains { $0.id == "no-default-deny" })
    #expect(outcome.suppressed == 1)
    let input = ReviewInput(Self.policy("{\(Self.web)}"), Self.inventory)
    let ignoring = Linter(ignoring: ["no-default-deny"])
      .run(input.contents, input.networkPolicies, input.cluster)
    #expect(!ignoring.findings.contains { $0.id == "no-default-deny" })
  }
}
