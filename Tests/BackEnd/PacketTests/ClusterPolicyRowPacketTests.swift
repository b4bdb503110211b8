import Addresses
import Lowering
import PacketLab
import PolicyModel
import Ruleset
import RulesetText
import TestSupport
import Testing

/// Rows of the checklist of ClusterNetworkPolicy that ask for more than single packets: a Service, answers, a label that
/// changes. The other rows are tables of traffic in `Fixtures/cluster-policies/rows`.
@Suite("rows of the checklist of ClusterNetworkPolicy: answers and changes", .needsRoot, .bounded)
struct ClusterPolicyRowPacketTests {
  private static let ends: [(web: String, client: String)] = [
    ("10.244.1.1", "10.244.1.2"), ("fd00:10:244:1::1", "fd00:10:244:1::2"),
  ]

  private static func addresses() throws -> [(web: IPAddress, client: IPAddress)] {
    try ends.map { (try #require(IPAddress($0.web)), try #require(IPAddress($0.client))) }
  }

  private static func scenario(_ rules: String, tier: String = "Admin", clientTeam: String = "a") -> Scenario
  {
    Scenario(
      yaml: """
        {apiVersion: v1, kind: Namespace, metadata: {name: shop}}
        ---
        {apiVersion: v1, kind: Namespace, metadata: {name: guests, labels: {team: \(clientTeam)}}}
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: web, namespace: shop, labels: {app: web}}
        spec: {nodeName: node-a, containers: [{name: c}]}
        status: {phase: Running, podIPs: [{ip: \(ends[0].web)}, {ip: "\(ends[1].web)"}]}
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: client, namespace: guests, labels: {app: client}}
        spec: {nodeName: node-a, containers: [{name: c}]}
        status: {phase: Running, podIPs: [{ip: \(ends[0].client)}, {ip: "\(ends[1].client)"}]}
        ---
        apiVersion: policy.networking.k8s.io/v1alpha2
        kind: ClusterNetworkPolicy
        metadata: {name: c}
        spec: {tier: \(tier), priority: 1, subject: {namespaces: {}}, \(rules)}
        """)
  }

  private static func run(_ scenario: Scenario) throws -> PacketRun {
    #expect(scenario.errors.isEmpty, "\(scenario.errors)")
    return try PacketRun(scenario.cluster)
  }

  @Test("P8: rules hold for the address behind a Service, not for the Service's own")
  func services() throws {
    for (denied, arrives) in [
      ("{networks: [100.64.0.0/10, \"3fff:ffe::/32\"]}", true),
      ("{pods: {podSelector: {matchLabels: {app: web}}}}", false),
      ("{networks: [10.244.1.1/32, \"fd00:10:244:1::1/128\"]}", false),
    ] {
      let run = try Self.run(Self.scenario("egress: [{action: Deny, to: [\(denied)]}]"))
      var services = ServiceTranslation()
      let ends = try Self.addresses()
      let visible = ends.map { services.address(for: $0.web, transport: 6, port: 8080) }
      try run.lab.load(services.script)
      let arrived = try run.lab.probe(
        zip(ends, visible).map {
          Probe(from: $0.client, to: $1, .tcp(port: ServiceTranslation.port))
        })
      #expect(arrived == [arrives, arrives], "\(denied)")
    }
  }

  @Test("E4: what is denied is dropped, and no rule answers it")
  func silent() throws {
    for row in Fixtures.folders(in: "cluster-policies/rows") {
      let scenario = Scenario("cluster-policies/rows/\(row)", "conformance/inventory.yaml")
      for denseFrom in [9, 1] {
        var lowerer = Lowerer(scenario.cluster)
        let table = lowerer.lower(LoweringOptions(denseFrom: denseFrom)).table
        #expect(!table.chains.flatMap(\.rules).contains { $0.statements.contains(.reject) }, "\(row)")
      }
    }
    let run = try Self.run(Self.scenario("ingress: [{action: Deny, from: [{namespaces: {}}]}]"))
    for ends in try Self.addresses() {
      // Refused would be at once: an answer, by a reset or an error.
      let flow = try run.lab.connect(from: ends.client, to: ends.web, port: 8080, within: .milliseconds(200))
      #expect(flow == nil)
      #expect(try run.lab.datagrams(from: ends.client, to: ends.web, port: 8080).exchange() == .lost)
    }
  }

  @Test("E9: answers and errors of an accepted connection pass, whatever the way back would say")
  func answers() throws {
    let run = try Self.run(
      Self.scenario(
        "ingress: [{action: Accept, from: [{pods: {podSelector: {matchLabels: {app: client}}}}]}, {action: Deny, from: [{namespaces: {}}]}], egress: [{action: Accept, to: [{pods: {podSelector: {matchLabels: {app: web}}}}]}, {action: Deny, to: [{namespaces: {}}]}]"
      ))
    for ends in try Self.addresses() {
      let flow = try #require(try run.lab.connect(from: ends.client, to: ends.web, port: 8080))
      #expect(flow.exchange())
      #expect(
        try run.lab.connect(from: ends.web, to: ends.client, port: 8081, within: .milliseconds(200)) == nil)
      #expect(try run.lab.datagrams(from: ends.client, to: ends.web, port: 8082).exchange() == .answered)
    }
  }

  @Test("E9: an ICMP error about an accepted connection passes, where all else that way is denied")
  func errors() throws {
    func run(_ first: String) throws -> PacketRun {
      try Self.run(
        Self.scenario(
          "ingress: [\(first), {action: Deny, from: [{namespaces: {}}]}], egress: [{action: Accept, to: [{pods: {podSelector: {matchLabels: {app: web}}}}]}, {action: Deny, to: [{networks: [0.0.0.0/0, \"::/0\"]}]}]"
        ))
    }
    let accepted = try run("{action: Accept, from: [{pods: {podSelector: {matchLabels: {app: client}}}}]}")
    let denied = try run("{action: Accept, from: [{pods: {podSelector: {matchLabels: {app: nobody}}}}]}")
    for ends in try Self.addresses() {
      #expect(try accepted.lab.isRefused(from: ends.client, to: ends.web, port: 9999), "\(ends.web)")
      #expect(try !denied.lab.isRefused(from: ends.client, to: ends.web, port: 9999), "\(ends.web)")
    }
  }

  @Test("E13: labels of a pod and of a node that change change who is meant by rules in force")
  func labelsOfPodsAndNodes() throws {
    let node = PacketLab.defaultNodeAddresses[0]
    func scenario(app: String, pool: String) -> Scenario {
      Scenario(
        yaml: """
          {apiVersion: v1, kind: Namespace, metadata: {name: shop}}
          ---
          apiVersion: v1
          kind: Node
          metadata: {name: node-a, labels: {pool: \(pool)}}
          status: {addresses: [{type: InternalIP, address: \(node)}]}
          ---
          apiVersion: v1
          kind: Pod
          metadata: {name: web, namespace: shop, labels: {app: web}}
          spec: {nodeName: node-a, containers: [{name: c}]}
          status: {phase: Running, podIPs: [{ip: \(Self.ends[0].web)}]}
          ---
          apiVersion: v1
          kind: Pod
          metadata: {name: client, namespace: shop, labels: {app: \(app)}}
          spec: {nodeName: node-a, containers: [{name: c}]}
          status: {phase: Running, podIPs: [{ip: \(Self.ends[0].client)}]}
          ---
          apiVersion: policy.networking.k8s.io/v1alpha2
          kind: ClusterNetworkPolicy
          metadata: {name: c}
          spec:
            tier: Admin
            priority: 1
            subject: {pods: {podSelector: {matchLabels: {app: client}}}}
            egress:
              - {action: Deny, to: [{pods: {podSelector: {matchLabels: {app: web}}}}]}
              - {action: Deny, to: [{nodes: {matchLabels: {pool: closed}}}]}
          """)
    }
    let run = try Self.run(scenario(app: "client", pool: "closed"))
    let ends = try Self.addresses()[0]
    let probes = [
      Probe(from: ends.client, to: ends.web, .tcp(port: 80)),
      Probe(from: ends.client, to: node, .tcp(port: 80)),
    ]
    for (app, pool, arrives) in [
      ("client", "closed", [false, false]), ("client", "open", [false, true]),
      ("other", "closed", [true, true]),
      ("client", "closed", [false, false]),
    ] {
      var lowerer = Lowerer(scenario(app: app, pool: pool).cluster)
      try run.lab.load(NFTPrinter.replacing(lowerer.lower().table))
      #expect(try run.lab.probe(probes) == arrives, "\(app), \(pool)")
    }
  }

  @Test("E13: a namespace's label that changes changes who is meant by rules in force")
  func labels() throws {
    let rules = "ingress: [{action: Deny, from: [{namespaces: {matchLabels: {team: a}}}]}]"
    let run = try Self.run(Self.scenario(rules))
    let probes = try Self.addresses().flatMap { ends in
      [
        Probe(from: ends.client, to: ends.web, .tcp(port: 80)),
        Probe(from: ends.client, to: ends.web, .sctp(port: 9003)),
      ]
    }
    for (team, arrives) in [("a", false), ("b", true), ("a", false)] {
      var lowerer = Lowerer(Self.scenario(rules, clientTeam: team).cluster)
      try run.lab.load(NFTPrinter.replacing(lowerer.lower().table))
      #expect(try run.lab.probe(probes).allSatisfy { $0 == arrives }, "\(team)")
    }
  }
}
