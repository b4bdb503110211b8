import Addresses
import Diagnostics
import PolicyExplain
import PolicyModel
import PolicyTrace
import Reachability
import Reports
import TestSupport
import Testing
import Wording

@Suite("explain", .bounded)
struct ExplainTests {
  @Test("verdict, ports and traces agree with the policies, packet by packet", arguments: UInt64(0)..<25)
  func verdicts(seed: UInt64) throws {
    let random = RandomCluster(seed: seed)
    let plain = PlainEvaluator(random.contents, node: nil)
    let explainer = Explainer(random.cluster)
    for (index, attempt) in plain.representativeProbes().enumerated() where index % 37 == 0 {
      let port = [6, 17, 132].contains(attempt.transport) ? attempt.port : 0
      let names: [UInt8: String] = [6: "TCP", 17: "UDP", 132: "SCTP"]
      let text = names[attempt.transport].map { "\(port)/\($0)" } ?? "ICMP"
      guard attempt.transport != 47 else { continue }
      let answers = try explainer.explain(
        .address(attempt.source), .address(attempt.destination), TrafficReference(text))
      let answer = try #require(answers.first)
      let expected = plain.allows(attempt)
      #expect(answers.count == 1)
      #expect(answer.isAllowed == expected, "seed \(seed): \(attempt)")
      let traced = [answer.egress, answer.ingress].compactMap { $0 }.allSatisfy(\.allows)
      #expect((answer.isSelf || traced) == expected, "seed \(seed): \(attempt)")
    }
  }

  static let policy = """
    kind: NetworkPolicy
    apiVersion: networking.k8s.io/v1
    metadata: {name: web, namespace: shop}
    spec:
      podSelector: {matchLabels: {app: web}}
      ingress:
      - from: [{podSelector: {matchLabels: {version: v2}}}]
        ports: [{port: 80}]
    ---
    kind: Deployment
    apiVersion: apps/v1
    metadata: {name: web, namespace: shop}
    spec: {selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}, spec: {containers: [{name: c}]}}}
    ---
    kind: Pod
    apiVersion: v1
    metadata: {name: old, namespace: shop, labels: {version: v1}}
    spec: {containers: [{name: c}]}
    status: {phase: Running, podIP: 10.0.0.1}
    """

  @Test("a near miss says which label is asked for, and which the pod has")
  func nearMiss() throws {
    let explainer = Explainer(ReviewInput(Self.policy).cluster)
    let answer = try #require(
      try explainer.explain(
        .pod(namespace: "shop", name: "old"), .workload(namespace: "shop", kind: "deployment", name: "web"),
        TrafficReference("80")
      ).first)
    #expect(!answer.isAllowed)
    let rule = try #require(answer.ingress?.policies.first?.rules.first)
    #expect(rule.peers.map(\.reason) == ["wants version=v2; shop/old has version=v1"])
    #expect(rule.portMatches)
    #expect(answer.text().contains("near miss"))
  }

  @Test("every edit that is told lets the connection pass, by an evaluator of policies")
  func edits() throws {
    var told = 0
    for seed in UInt64(0)..<20 {
      let random = RandomCluster(seed: seed)
      let explainer = Explainer(random.cluster)
      let plain = PlainEvaluator(random.contents, node: nil)
      let denied = plain.representativeProbes().filter { $0.transport == 6 && !plain.allows($0) }
      for attempt in stride(from: 0, to: denied.count, by: max(1, denied.count / 5)).map({ denied[$0] }) {
        let answer = try #require(
          try explainer.explain(
            .address(attempt.source), .address(attempt.destination), TrafficReference("\(attempt.port)")
          ).first)
        let plans = explainer.edits(allowing: answer)
        // A new policy for each direction always does.
        #expect(!plans.isEmpty, "seed \(seed): \(attempt)")
        // Of each direction those of nobody else first, and of these the least besides.
        for direction in Direction.allCases {
          let own = plans.filter { $0.direction == direction }
          #expect(own.map { $0.concernsOthers ? 1 : 0 } == own.map { $0.concernsOthers ? 1 : 0 }.sorted())
          for group in [false, true].map({ concerns in own.filter { $0.concernsOthers == concerns } }) {
            let others = try group.map { try #require($0.effects).allowed.total }
            #expect(others == others.sorted(), "seed \(seed): \(attempt)")
          }
        }
        for plan in plans.prefix(8) {
          let allows = Self.evaluator(random, plan.edits).allows(attempt)
          #expect(allows, "seed \(seed): \(attempt) \(plan.words)")
          told += 1
        }
      }
    }
    #expect(told > 100)
  }

  static func evaluator(_ random: RandomCluster, _ edits: [PolicyEdit]) -> PlainEvaluator {
    let cluster = edits.reduce(random.cluster) { $1.applied(to: $0) }
    var edited = random.contents
    (edited.policies, edited.pods) = (cluster.policies, cluster.pods)
    edited.namespaces = cluster.namespaces.map { name, labels in
      Namespace(
        name: name, labels: labels, origin: Origin(.init(file: "n", line: 1, column: 1), field: ""))
    }
    return PlainEvaluator(edited, node: nil)
  }

  @Test("the edits of a near miss, the least first, and what else they do")
  func whyNot() throws {
    let input = ReviewInput(fixtures: ["guide/01-sample", "guide/inventory.yaml"])
    let explainer = Explainer(input.cluster, input.networkPolicies)
    let answers = try explainer.explain(
      .pod(namespace: "default", name: "v1-client"), .pod(namespace: "default", name: "hello-1"),
      TrafficReference("8080"))
    func beside(_ answer: Explanation) -> ExplanationExtras {
      ExplanationExtras(edits: explainer.edits(allowing: answer))
    }
    let text = answers.map { $0.text() + beside($0).text($0) }.joined(separator: "\n")
    for (name, found) in [("txt", text), ("json", JSONExplanation.text(answers, beside: beside))] {
      if let difference = Golden("why-not/guide-sample.\(name)").difference(from: found) {
        Issue.record("\(difference)")
      }
    }
  }

  @Test("without a port the answer is which ports")
  func ports() throws {
    let input = ReviewInput(Self.policy.replacing("version: v2", with: "version: v1"))
    let answer = try #require(
      try Explainer(input.cluster, input.networkPolicies).explain(
        .pod(namespace: "shop", name: "old"),
        .selector(namespace: nil, LabelSelector(matchLabels: ["app": "web"])), nil
      ).first)
    #expect(answer.allowed.words == "TCP 80")
  }

  @Test(
    "ends are read by their form",
    arguments: [
      ("shop/web", EndpointReference.pod(namespace: "shop", name: "web")),
      ("shop/Deployment/web", .workload(namespace: "shop", kind: "Deployment", name: "web")),
      ("deploy/web", .ofKind("Deployment", name: "web", namespace: "default")),
      ("sts/db", .ofKind("StatefulSet", name: "db", namespace: "default")),
      ("web", .named("web", namespace: "default")),
      ("10.0.0.0/8", .block(CIDR(IPAddress(.ipv4, bits: 0x0a00_0000), prefixLength: 8))),
      ("10.0.0.1", .address(IPAddress(.ipv4, bits: 0x0a00_0001))),
      (
        "app=web,tier=db",
        .selector(namespace: nil, LabelSelector(matchLabels: ["app": "web", "tier": "db"]))
      ),
      ("shop/app=web", .selector(namespace: "shop", LabelSelector(matchLabels: ["app": "web"]))),
      (
        "app.kubernetes.io/name=web",
        .selector(namespace: nil, LabelSelector(matchLabels: ["app.kubernetes.io/name": "web"]))
      ),
      (
        "shop/app.kubernetes.io/name==web",
        .selector(namespace: "shop", LabelSelector(matchLabels: ["app.kubernetes.io/name": "web"]))
      ),
      (
        "shop/app=web,tier!=db",
        .selector(
          namespace: "shop", LabelSelector([.init("app", .isIn, ["web"]), .init("tier", .notIn, ["db"])]))
      ),
      (
        "app in (a, b),tier notin (c), owner,!legacy",
        .selector(
          namespace: nil,
          LabelSelector([
            .init("app", .isIn, ["a", "b"]), .init("tier", .notIn, ["c"]), .init("owner", .exists),
            .init("legacy", .doesNotExist),
          ]))
      ),
      ("shop/!legacy", .selector(namespace: "shop", LabelSelector([.init("legacy", .doesNotExist)]))),
      (
        "shop/app,tier",
        .selector(namespace: "shop", LabelSelector([.init("app", .exists), .init("tier", .exists)]))
      ),
      ("app=", .selector(namespace: nil, LabelSelector(matchLabels: ["app": ""]))),
    ])
  func references(text: String, expected: EndpointReference) {
    #expect(EndpointReference(text) == expected)
  }

  @Test(
    "what is no end is refused",
    arguments: [
      "a/b/c/d", "", "/", "Web!", "10.0.0.0/40", "a/", "=web", "app=a=b", "app in web", "app in (a",
      "app of (a)", "app=a,",
      "/app=web",
      "a/b/c/d=e", "app=we b", "!", "app,,tier", "app in (a=b)",
    ])
  func badReferences(text: String) { #expect(EndpointReference(text) == nil) }
}

extension String {
  fileprivate func replacing(_ part: String, with other: String) -> String {
    var result = ""
    var rest = self[...]
    while let range = rest.firstRange(of: part) {
      result += rest[..<range.lowerBound] + other
      rest = rest[range.upperBound...]
    }
    return result + rest
  }
}
