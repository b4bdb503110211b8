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
