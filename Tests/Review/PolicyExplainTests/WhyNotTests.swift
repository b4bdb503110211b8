import Addresses
import Documents
import Foundation
import PolicyModel
import Reachability
import PolicyExplain
import PolicyTrace
import Reports
import TestSupport
import Testing

@Suite("explain --why-not", .bounded)
struct WhyNotTests {
  private static func pod(_ name: String, _ address: String, _ labels: String, _ ports: String = "") -> String
  {
    """
    ---
    kind: Pod
    apiVersion: v1
    metadata: {name: \(name), namespace: shop, labels: {\(labels)}}
    spec: {containers: [{name: c, ports: [\(ports)]}]}
    status: {phase: Running, podIP: \(address)}

    """
  }

  private static func policy(_ name: String, _ spec: String) -> String {
    """
    ---
    kind: NetworkPolicy
    apiVersion: networking.k8s.io/v1
    metadata: {name: \(name), namespace: shop}
    spec: {\(spec)}

    """
  }

  private static let pods =
    pod("web", "10.0.0.1", "app: web") + pod("client", "10.0.0.2", "app: client")
    + pod("other", "10.0.0.3", "app: other")

  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    let yaml: String
    let from: String
    let to: String
    let port: String
    /// The first words of edits that must be told, in the order in which they must be.
    let told: [String]
    /// What must be said behind the edit of the first words.
    var effect: (of: String, says: String)?
    var testDescription: String { name }
  }

  static let cases: [Case] = [
    Case(
      name: "an except blocks the address: less of it first, then none",
      yaml: pods
        + policy(
          "web",
          "podSelector: {matchLabels: {app: web}}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.0.0.0/30]}}]}]"
        ),
      from: "shop/client", to: "shop/web", port: "80",
      told: [
        "take 10.0.0.2 out of except 10.0.0.0/30 of spec.ingress[0].from[0] of shop/web (0.yaml:23:66): except 10.0.0.0/31, 10.0.0.3/32 instead",
        "remove except 10.0.0.0/30 from spec.ingress[0].from[0] of shop/web (0.yaml:23:66)",
      ], effect: ("remove except", "also allows 1 other pair and addresses outside the cluster")),
    Case(
      name: "a port's name that no container has",
      yaml: pods
        + policy(
          "web",
          "podSelector: {matchLabels: {app: web}}, ingress: [{from: [{podSelector: {}}], ports: [{port: http}]}]"
        ),
      from: "shop/client", to: "shop/web", port: "8080",
      told: ["name container port TCP 8080 of shop/web \"http\""],
      effect: ("name container port", "also allows 1 other pair")),
    Case(
      name: "a port's name that stands for another number",
      yaml: pod("web", "10.0.0.1", "app: web", "{name: http, containerPort: 80}")
        + pods.split(after: "---\n", 2)
        + policy(
          "web",
          "podSelector: {matchLabels: {app: web}}, ingress: [{from: [{podSelector: {}}], ports: [{port: http}]}]"
        ),
      from: "shop/client", to: "shop/web", port: "8080",
      told: ["change TCP port \"http\" of shop/web from 80 to 8080"],
      effect: ("change TCP port", "denies 2 other pairs")),
    Case(
      name: "egress rules that mean nothing for want of a policy type",
      yaml: pods + policy("deny", "podSelector: {matchLabels: {app: client}}, policyTypes: [Egress]")
        + policy(
          "rules",
          "podSelector: {matchLabels: {app: client}}, policyTypes: [Ingress], ingress: [{}], egress: [{to: [{podSelector: {}}]}]"
        ),
      from: "shop/client", to: "shop/web", port: "80",
      told: ["set spec.policyTypes of shop/rules (0.yaml:28:64) to [Ingress, Egress]"]),
    Case(
      name: "a policy type that isolates",
      yaml: pods
        + policy(
          "both", "podSelector: {matchLabels: {app: client}}, policyTypes: [Ingress, Egress], ingress: [{}]"),
      from: "shop/client", to: "shop/web", port: "80",
      told: ["set spec.policyTypes of shop/both (0.yaml:23:64) to [Ingress]"]),
    Case(
      name: "a label by which a policy selects",
      yaml: pods + policy("web", "podSelector: {matchLabels: {app: web}}, policyTypes: [Ingress]"),
      from: "shop/client", to: "shop/web", port: "80",
      told: ["remove label app from shop/web"],
      effect: ("remove label app", "also allows 1 other pair and addresses outside the cluster")),
    Case(
      name: "labels by which two policies select",
      yaml: pod("web", "10.0.0.1", "app: web, tier: front") + pods.split(after: "---\n", 2)
        + policy("one", "podSelector: {matchLabels: {app: web}}, policyTypes: [Ingress]")
        + policy(
          "two",
          "podSelector: {matchExpressions: [{key: open, operator: DoesNotExist}]}, policyTypes: [Ingress]"),
      from: "shop/client", to: "shop/web", port: "80",
      told: ["remove label app from shop/web; and add label open=true to shop/web"]),
    Case(
      name: "the other pod's label",
      yaml: pods
        + policy(
          "web",
          "podSelector: {matchLabels: {app: web}}, ingress: [{from: [{podSelector: {matchLabels: {app: other}}}]}]"
        ),
      from: "shop/client", to: "shop/web", port: "80",
      told: ["change label app=client of shop/client to app=other"],
      effect: ("change label app=client", "allows nothing else")),
    Case(
      name: "the other pod's namespace's label",
      yaml: pods
        + policy(
          "web",
          "podSelector: {matchLabels: {app: web}}, ingress: [{from: [{namespaceSelector: {matchLabels: {team: a}}}]}]"
        ),
      from: "shop/client", to: "shop/web", port: "80",
      told: ["add label team=a to namespace shop"],
      effect: ("add label team=a", "also allows 1 other pair")),
  ]

  @Test("each kind of edit", arguments: cases)
  func edits(example: Case) throws {
    let input = ReviewInput(example.yaml)
    #expect(input.errors.isEmpty, "\(input.errors)")
    let explainer = Explainer(input.cluster, input.networkPolicies)
    let (from, to) = (
      try #require(EndpointReference(example.from)), try #require(EndpointReference(example.to))
    )
    let answer = try #require(try explainer.explain(from, to, TrafficReference(example.port)).first)
    #expect(!answer.isAllowed)
    let plans = explainer.edits(allowing: answer)
    let words = plans.map { $0.words.joined(separator: "; and ") }
    for plan in plans {
      let yaml = try #require(plan.yaml, "\(plan.words)")
      let (documents, findings) = DocumentValue.documents(in: ManifestSource(name: "edit", text: yaml))
      #expect(findings.isEmpty && documents.count == plan.edits.count, "\(yaml) \(findings)")
    }
    let places = example.told.map { told in words.firstIndex { $0.hasPrefix(told) } }
    #expect(
      places.allSatisfy { $0 != nil } && places.compactMap { $0 } == places.compactMap { $0 }.sorted(),
      "\(words)")
    let text = ExplanationExtras(edits: plans).text(answer)
    if let effect = example.effect {
      let lines = text.split(separator: "\n").map(String.init)
      let place = try #require(lines.firstIndex { $0.contains(effect.of) }, "\(text)")
      #expect(lines[place + 1].contains(effect.says), "\(text)")
    }
  }

  private struct Pair: Hashable {
    let source: String
    let destination: String
  }

  @Test("what a plan allows and denies besides is what an evaluator of single packets counts", .long)
  func effects() throws {
    var compared = 0
    for seed in UInt64(0)..<48 {
      let random = RandomCluster(seed: seed, pods: 12, policies: 8)
      let explainer = Explainer(random.cluster, random.networkPolicies)
      let plain = PlainEvaluator(random.contents, node: nil)
      var owners: [IPAddress: String] = [:]
      for pod in random.cluster.pods { for address in pod.addresses { owners[address] = pod.displayName } }
      let denied = plain.representativeProbes().filter {
        $0.transport == 6 && owners[$0.source] != nil && owners[$0.destination] != nil && !plain.allows($0)
      }
      for attempt in stride(from: 0, to: denied.count, by: max(1, denied.count / 3)).map({ denied[$0] }) {
        let answer = try #require(
          try explainer.explain(
            .address(attempt.source), .address(attempt.destination), TrafficReference("\(attempt.port)")
          ).first)
        for plan in explainer.edits(allowing: answer).prefix(6) {
          let effects = try #require(plan.effects)
          let edited = ExplainTests.evaluator(random, plan.edits)
          var (gained, lost): (Set<Pair>, Set<Pair>) = ([], [])
          let probes = plain.representativeProbes() + edited.representativeProbes()
          for probe in probes {
            guard let source = owners[probe.source], let destination = owners[probe.destination],
              source != destination
            else { continue }
            let (before, after) = (plain.allows(probe), edited.allows(probe))
            if after, !before { gained.insert(Pair(source: source, destination: destination)) }
            if before, !after { lost.insert(Pair(source: source, destination: destination)) }
          }
          gained.remove(Pair(source: answer.source, destination: answer.destination))
          #expect(
            effects.allowed.pairs == gained.count, "seed \(seed): \(plan.words) \(effects.words) \(gained)")
          #expect(effects.denied.pairs == lost.count, "seed \(seed): \(plan.words) \(effects.words) \(lost)")
          compared += 1
        }
      }
    }
    #expect(compared > 60)
  }
}

extension String {
  /// What follows the nth separator, with the separator.
  fileprivate func split(after separator: String, _ count: Int) -> String {
    let parts = components(separatedBy: separator)
    return separator + parts.dropFirst(count).joined(separator: separator)
  }
}
