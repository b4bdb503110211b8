import Diagnostics
import PolicyModel
import PolicyLint
import TestSupport
import Testing

@Suite("lint", .bounded)
struct LintRuleTests {
  static func findings(
    _ yaml: String, podToNode: EnforcementModes.PodToNode = .open,
    sourceCheck: EnforcementModes.SourceCheck? = .local
  ) -> Linter.Outcome {
    let input = ReviewInput(yaml, LintExample.inventory)
    #expect(input.errors.isEmpty, "\(input.errors)")
    var contents = input.contents
    contents.ingressControllers = [IngressController(namespace: "other", pods: LabelSelector())]
    return Linter(podToNode: podToNode, sourceCheck: sourceCheck).run(
      contents, input.networkPolicies, input.cluster, readerFindings: input.findings)
  }

  @Test("every rule fires where it should, and not where it must not", arguments: LintExample.all)
  func rule(_ example: LintExample) {
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

  @Test("rules about nodes are those of the modes that the node enforces")
  func modes() throws {
    func fires(
      _ rule: String, _ podToNode: EnforcementModes.PodToNode, _ sourceCheck: EnforcementModes.SourceCheck?
    ) throws -> Bool {
      let yaml = try #require(LintExample.all.first { $0.rule == rule }).fires[0]
      return Self.findings(yaml, podToNode: podToNode, sourceCheck: sourceCheck).findings.contains {
        $0.id == rule
      }
    }
    #expect(try fires("own-node-excepted", .open, nil))
    #expect(try !fires("own-node-excepted", .policies, nil))
    #expect(try fires("egress-by-other-source", .open, .off))
    #expect(try fires("egress-by-other-source", .open, .local))
    #expect(try !fires("egress-by-other-source", .open, .pods))
    // Not asked about.
    #expect(try !fires("egress-by-other-source", .open, nil))
  }

  @Test("a rule that others cover only because of the pods of today is not called one that can go")
  func coveredToday() {
    func policy(_ name: String, _ spec: String) -> String {
      "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: \(name), namespace: shop}\nspec: \(spec)\n"
    }
    func messages(_ rules: String, beside other: String? = nil) -> [String] {
      let yaml =
        policy("p", "{podSelector: {matchLabels: {app: web}}, ingress: [\(rules)]}")
        + (other.map { "---\n" + policy("wide", "{podSelector: {}, ingress: [\($0)]}") } ?? "")
      return Self.findings(yaml).findings.filter { $0.id == "rule-covered" }.map(\.message)
    }
    let (lasting, today) = (
      "other rules already allow all that this one does",
      "for the pods of today other rules already allow all that this one does; it may open more to pods to come"
    )
    let all = "{from: [{namespaceSelector: {}}]}"
    let blocks = (
      "{from: [{ipBlock: {cidr: 10.0.0.0/8}}]}",
      "{from: [{ipBlock: {cidr: 10.2.0.0/16}}], ports: [{port: 80}]}"
    )
    #expect(messages("\(blocks.0), \(blocks.1)") == [lasting])
    #expect(messages("{from: [{podSelector: {}}], ports: [{port: 80}]}", beside: all) == [lasting])
    #expect(
      messages("{from: [{podSelector: {matchLabels: {app: db}}}]}", beside: "{from: [{podSelector: {}}]}")
        == [lasting])
    // Both select the same pods today, by other labels.
    #expect(
      messages(
        "{from: [{podSelector: {matchLabels: {app: db}}}]}, {from: [{podSelector: {matchExpressions: [{key: app, operator: In, values: [db, none]}]}}]}"
      )
        == [today, today])
  }

  @Test("every rule has a case, an id in kebab case, and a page that says more than its title")
  func completeness() {
    #expect(Set(LintExample.all.map(\.rule)) == Set(LintRule.all.map(\.id)))
    #expect(LintRule.all.count >= 20)
    for rule in LintRule.all {
      #expect(rule.id.allSatisfy { $0 == "-" || $0.isLowercase || $0.isNumber })
      #expect(rule.explanation.count > rule.title.count)
    }
  }

  @Test("every rule can be named in the annotation", arguments: LintRule.all.map(\.id))
  func knownSuppression(id: String) {
    let yaml = LintExample.policy(
      "{\(LintExample.web)}", annotations: "{netpolc.io/lint-ignore: \"\(id): on purpose\"}")
    #expect(!Self.findings(yaml).findings.contains { $0.id == "bad-suppression" })
  }

  @Test("an annotation with a reason suppresses its rule, and --ignore every finding of one")
  func suppression() {
    let yaml = LintExample.policy(
      "{\(LintExample.web)}", annotations: "{netpolc.io/lint-ignore: \"no-default-deny: open on purpose\"}")
    let outcome = Self.findings(yaml)
    #expect(!outcome.findings.contains { $0.id == "no-default-deny" })
    #expect(outcome.suppressed == 1)
    let input = ReviewInput(LintExample.policy("{\(LintExample.web)}"), LintExample.inventory)
    let ignoring = Linter(ignoring: ["no-default-deny"]).run(
      input.contents, input.networkPolicies, input.cluster)
    #expect(!ignoring.findings.contains { $0.id == "no-default-deny" })
  }
}
