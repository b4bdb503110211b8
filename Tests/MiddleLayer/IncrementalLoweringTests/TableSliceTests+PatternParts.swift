import Addresses
import IncrementalLowering
import Lowering
import PolicyModel
import Ruleset
import TestSupport
import Testing
import Verification

extension TableSliceTests {
  /// Two events of which one makes a table that is right, and wrong for the other one; what tells them apart.
  enum PatternPart: String, CaseIterable {
    case labels, ports, policies, addresses, namespaces, node
    case blocksOfPolicies = "blocks of policies"
    case rulesOfTable = "rules of the table"
  }

  private struct Event {
    var parts: [String]
    var events: String
    var address: String
    /// A change of the chain of the pods `o`, made before the event.
    var mistake: ((inout Chain) throws -> Void)?
  }

  private static let patternModes = EnforcementModes(
    unknownPodBlocks: [CIDR(IPAddress(.ipv4, bits: 0x0a01_0000), prefixLength: 24)], sourceCheck: .local)

  private static func pod(
    _ name: String, _ app: String, _ address: String, on node: String = "elsewhere", port: Int = 80,
    in namespace: String = "default"
  ) -> String {
    """
    ---
    apiVersion: v1
    kind: Pod
    metadata: {namespace: \(namespace), name: \(name), labels: {app: \(app)}}
    spec: {nodeName: \(node), containers: [{name: c, ports: [{name: http, containerPort: \(port)}]}]}
    status: {phase: Running, podIP: \(address), podIPs: [{ip: \(address)}]}

    """
  }

  private static func policy(_ peers: String, port: String = "80") -> String {
    """
    ---
    apiVersion: networking.k8s.io/v1
    kind: NetworkPolicy
    metadata: {namespace: default, name: o}
    spec: {podSelector: {matchLabels: {app: o}}, ingress: [{from: [\(peers)], ports: [{port: \(port)}]}]}

    """
  }

  private static func namespace(_ team: String) -> String {
    "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: team, labels: {team: \(team)}}\n"
  }

  private static func events(_ part: PatternPart) -> (right: Event, other: Event) {
    let q = "{podSelector: {matchLabels: {app: q}}}"
    let own = pod("o", "o", "10.1.0.9", on: "node-a")
    switch part {
    case .labels:
      return (
        Event(parts: [own, policy(q)], events: pod("x", "q", "10.3.0.1"), address: "10.3.0.1"),
        Event(
          parts: [own, policy(q), pod("x", "q", "10.3.0.2")], events: pod("x", "r", "10.3.0.2"),
          address: "10.3.0.2")
      )
    case .ports:
      let parts = [pod("q", "q", "10.3.0.5"), policy(q, port: "http")]
      return (
        Event(parts: parts, events: pod("o", "o", "10.1.0.9", on: "node-a"), address: "10.1.0.9"),
        Event(parts: parts, events: pod("o", "o", "10.1.0.8", on: "node-a", port: 81), address: "10.1.0.8")
      )
    case .policies:
      let come = pod("x", "q", "10.3.0.1")
      return (
        Event(parts: [own, policy(q)], events: come, address: "10.3.0.1"),
        Event(parts: [own, policy(q, port: "81")], events: come, address: "10.3.0.1")
      )
    case .addresses:
      return (
        Event(parts: [pod("q", "q", "10.3.0.5"), policy(q)], events: own, address: "10.1.0.9"),
        Event(parts: [pod("q", "q", "10.3.0.6"), policy(q)], events: own, address: "10.1.0.9")
      )
    case .namespaces:
      let parts = [
        own, pod("x", "x", "10.3.0.1", in: "team"), policy("{namespaceSelector: {matchLabels: {team: a}}}"),
      ]
      return (
        Event(parts: parts + [namespace("b")], events: namespace("a"), address: "10.3.0.1"),
        Event(parts: parts + [namespace("a")], events: namespace("b"), address: "10.3.0.1")
      )
    case .node:
      let parts = [own, policy(q)]
      return (
        Event(parts: parts, events: pod("x", "q", "10.3.0.1"), address: "10.3.0.1"),
        Event(parts: parts, events: pod("x", "q", "10.3.0.1", on: "node-a"), address: "10.3.0.1")
      )
    case .blocksOfPolicies:
      let parts = [
        own, policy(q + "], ports: [{port: 80}]}, {from: [{ipBlock: {cidr: 10.1.0.77/32}}", port: "81"),
      ]
      let mistake: (inout Chain) throws -> Void = { chain in
        chain.rules.removeAll { $0.comment?.contains("ingress[1]") == true }
      }
      return (
        Event(parts: parts, events: pod("x", "q", "10.1.0.50"), address: "10.1.0.50", mistake: mistake),
        Event(parts: parts, events: pod("x", "q", "10.1.0.77"), address: "10.1.0.77", mistake: mistake)
      )
    case .rulesOfTable:
      let parts = [own, policy(q)]
      let mistake: (inout Chain) throws -> Void = { chain in
        let match = Match([.ipSaddr], .equal, .value(ElementKey(0x0a01_004d)))
        chain.rules.insert(Rule([.match(match), .verdict(.return)]), at: 0)
      }
      return (
        Event(parts: parts, events: pod("x", "q", "10.1.0.50"), address: "10.1.0.50", mistake: mistake),
        Event(parts: parts, events: pod("x", "q", "10.1.0.77"), address: "10.1.0.77", mistake: mistake)
      )
    }
  }

  @Test(
    "each part of a pattern tells a slice that is proved from one that is not",
    arguments: PatternPart.allCases)
  func patternParts(part: PatternPart) throws {
    func slice(_ event: Event) throws -> TableSlice {
      var session = try IncrementalCompiler(
        Scenario(yaml: event.parts.joined()).contents,
        LoweringOptions(node: "node-a", denseFrom: 1_000, modes: Self.patternModes))
      if let mistake = event.mistake {
        var chain = try #require(session.table.chains.first { $0.name == "in4-default/o" })
        let right = chain
        try mistake(&chain)
        #expect(chain != right)
        session.spoil(chain)
      }
      let contents = Scenario(yaml: event.events).contents
      let written = contents.namespaces.filter { $0.origin != nil && $0.name == "team" }
      let change = session.apply(contents.pods.map { .pod($0) } + written.map { .namespace($0) })
      let slice = session.slice(of: change)
      return try #require(slice)
    }
    func isProven(_ slice: TableSlice) -> Bool {
      Verifier.verify(
        slice.table, for: slice.cluster, node: "node-a", modes: Self.patternModes, families: slice.families
      ).isProven
    }
    let (first, second) = Self.events(part)
    let (right, other) = (try slice(first), try slice(second))
    let addresses = try (#require(IPAddress(first.address)), #require(IPAddress(second.address)))
    let wrong = other.with(Mistake.exchanging(addresses.0, addresses.1, in: right.table))
    #expect(isProven(right))
    #expect(!isProven(wrong))
    let pattern = try #require(right.pattern(Self.patternModes))
    #expect(wrong.pattern(Self.patternModes) != pattern)
    // Where nothing tells them apart they are one.
    let again = try slice(first)
    #expect(again.pattern(Self.patternModes) == pattern)
  }
}
