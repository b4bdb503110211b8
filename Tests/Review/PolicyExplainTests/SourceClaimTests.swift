import Addresses
import Documents
import PolicyAssert
import PolicyExplain
import PolicyModel
import PolicyTrace
import TestSupport
import Testing

/// Packets of pods with a source that is not their own, as `--source-check` lets them pass. `SourceCheckTests` sends such packets.
@Suite("explain and assert know sources that are not the sender's", .bounded)
struct SourceClaimTests {
  /// `db` is open to `web`, which runs on another node than it, and to nobody else; `closed` to nobody; `jail` may send nothing.
  private static let yaml =
    [
      "web n1 10.60.0.10", "near n2 10.60.1.9", "db n2 10.60.1.10", "closed n2 10.60.1.11",
      "jail n1 10.60.0.12",
    ]
    .map { line in
      let parts = line.split(separator: " ")
      return """
        apiVersion: v1
        kind: Pod
        metadata: {name: \(parts[0]), namespace: shop, labels: {app: \(parts[0])}}
        spec: {nodeName: \(parts[1]), containers: [{name: c, image: x}]}
        status: {phase: Running, podIP: \(parts[2]), podIPs: [{ip: \(parts[2])}]}
        ---

        """
    }.joined() + """
      apiVersion: networking.k8s.io/v1
      kind: NetworkPolicy
      metadata: {name: db, namespace: shop}
      spec:
        podSelector: {matchLabels: {app: db}}
        ingress: [{from: [{podSelector: {matchLabels: {app: web}}}]}]
      ---
      apiVersion: networking.k8s.io/v1
      kind: NetworkPolicy
      metadata: {name: closed, namespace: shop}
      spec: {podSelector: {matchLabels: {app: closed}}, policyTypes: [Ingress]}
      ---
      apiVersion: networking.k8s.io/v1
      kind: NetworkPolicy
      metadata: {name: jail, namespace: shop}
      spec: {podSelector: {matchLabels: {app: jail}}, policyTypes: [Egress]}
      """
  private let input = ReviewInput(Self.yaml)

  /// A connection that is denied, and the source with which it passes under each check; nil: none.
  struct Row: Sendable, CustomTestStringConvertible {
    let from: String
    let to: String
    let off: String?
    let local: String?
    let pods: String?
    var testDescription: String { "\(from) → \(to)" }

    init(_ from: String, _ to: String, off: String?, local: String?, pods: String? = nil) {
      (self.from, self.to, self.off, self.local, self.pods) = (from, to, off, local, pods)
    }
  }

  @Test(
    "explain names a source with which a denied connection passes",
    arguments: [
      // web's address is checked on web's node only: a pod of that node cannot use it, one of the other can.
      Row("shop/jail", "shop/db", off: "10.60.0.10", local: nil),
      Row("shop/near", "shop/db", off: "10.60.0.10", local: "10.60.0.10"),
      Row("shop/near", "shop/closed", off: nil, local: nil),
      // A foreign address leaves egress policies behind.
      Row("shop/jail", "shop/web", off: "192.0.2.1", local: "192.0.2.1"),
      Row("shop/jail", "198.51.100.7", off: "192.0.2.1", local: "192.0.2.1"),
      // The outside is no pod, and what is allowed needs no other source.
      Row("198.51.100.7", "shop/db", off: nil, local: nil), Row("shop/web", "shop/db", off: nil, local: nil),
    ])
  func explain(row: Row) throws {
    let explainer = Explainer(input.cluster, input.networkPolicies)
    let answers = try explainer.explain(
      try #require(EndpointReference(row.from)), try #require(EndpointReference(row.to)),
      TrafficReference("80"))
    for (check, source) in [
      (EnforcementModes.SourceCheck.off, row.off), (.local, row.local), (.pods, row.pods),
    ] {
      let found = explainer.forgery(try #require(answers.first), check)?.passing
      #expect(found?.address.description == source, "\(check)")
      #expect(source != "10.60.0.10" || found?.owner == "shop/web", "\(check)")
    }
  }

  @Test("deny and only hold for packets with other sources too, where --source-check is given")
  func expectations() {
    let source = ManifestSource(
      name: "assert.yaml",
      text: """
        apiVersion: netpolc/v1
        kind: Assertions
        expectations:
          - {expect: deny, from: {labels: {app: jail}}, to: {labels: {app: db}}}
          - {expect: deny, from: {labels: {app: near}}, to: {labels: {app: db}}}
          - {expect: deny, from: {labels: {app: near}}, to: {labels: {app: closed}}}
          - {expect: deny, from: {labels: {app: jail}}, to: {cidr: 198.51.100.0/24}}
          - {expect: only, from: {labels: {app: web}}, to: {labels: {app: db}}}
          - {expect: allow, from: {labels: {app: web}}, to: {labels: {app: db}}}
          - {expect: deny, from: {cidr: 198.51.100.0/24}, to: {labels: {app: db}}}
          - {expect: deny, from: {labels: {app: jail}}, to: {labels: {app: web}, podsToCome: true}}
        """)
    let expectations = ExpectationReader.read(source).expectations
    #expect(expectations.count == 8)
    func holds(_ check: EnforcementModes.SourceCheck?) -> [Bool] {
      let asserter = Asserter(input.cluster, sourceCheck: check)
      return expectations.map { asserter.check($0).holds }
    }
    #expect(holds(nil) == [true, true, true, true, true, true, true, true])
    #expect(holds(.off) == [false, false, true, false, false, true, true, false])
    #expect(holds(.local) == [true, false, true, false, false, true, true, false])
    #expect(holds(.pods) == holds(nil))
    let result = Asserter(input.cluster, sourceCheck: .local).check(expectations[1])
    #expect(
      result.failure?.hasSuffix(
        "is allowed with a source that is not the sender's own (--source-check local)") == true,
      "\(result.failure ?? "")")
    #expect(result.witness?.packet.hasPrefix("shop/near as shop/web (10.60.0.10) → shop/db") == true)
  }

  @Test("explain tells it in text and JSON, and shows the ruleset with the check")
  func command() throws {
    let folder = try TemporaryFolder()
    try folder.write("c.yaml", Self.yaml)
    func run(_ words: String...) throws -> CommandRun {
      let asked = ["explain", "shop/near", "shop/db", "80", folder.path("c.yaml")]
      return try CommandRun(BuiltProgram.netpolc, asked + words)
    }
    let text = try run("--source-check", "local").output
    #expect(
      text.contains(
        "PASSES with a source that is not its own, such as 10.60.0.10, the address of shop/web: TCP 80\n(--source-check local)"
      )
        || text.contains("such as 10.60.0.10, the address of shop/web: TCP 80 (--source-check local)"),
      "\(text)")
    #expect(
      try run("--source-check", "pods").output.contains(
        "no source that is not its own makes more pass (--source-check pods)"))
    let json = try run("--source-check", "local", "--format", "json").output
    #expect(
      json.contains(
        #""forgedSource":{"sourceCheck":"local","passes":true,"address":"10.60.0.10","pod":"shop/web","traffic":"#
      ))
    // The rules of the check come first, so that all others are two further down.
    let plain = try run("--path").output
    let checked = try run("--path", "--source-check", "local").output
    #expect(plain.contains("chain forward") && plain != checked)
    #expect(try run("--source-check", "local", "--history", "HEAD~1..HEAD").status == 2)
  }
}
