import LinuxNet
import Addresses
import Enforcement
import Foundation
import NFTables
import PacketLab
import PolicyModel
import TestSupport
import Testing

/// An address that the test wrote itself.
func address(_ text: String) throws -> IPAddress { try #require(IPAddress(text)) }

@Suite("modes of enforcement, with real connections", .needsRoot, .bounded)
struct ModeTests {
  let lab: PacketLab
  let node: TrialNode

  /// The server, a client that loses its policy, and one that keeps it.
  static let server = ("10.244.1.5", "fd00:1::5")
  static let loser = ("10.244.1.6", "fd00:1::6")
  static let keeper = ("10.244.1.7", "fd00:1::7")
  /// A pod that the inventory does not have at first.
  static let newcomer = ("10.244.1.8", "fd00:1::8")

  init() throws {
    lab = try PacketLab(
      pods: try [
        ("server", Self.server), ("loser", Self.loser), ("keeper", Self.keeper), ("newcomer", Self.newcomer),
      ].map { name, addresses in .init(name, [try address(addresses.0), try address(addresses.1)]) },
      executable: BuiltProgram.netpolc)
    node = try TrialNode(in: lab.node)
    try write(inventory: ["server": Self.server, "loser": Self.loser, "keeper": Self.keeper])
    try write(policy: "both", clients: ["loser", "keeper"])
    try write(policy: "one", clients: ["keeper"])
  }

  /// The number of packets that chains counted, of chains that counted any.
  static func packets(_ status: InstalledStatus) -> [String: UInt64] {
    Dictionary(uniqueKeysWithValues: status.counted.map { ($0.chain, $0.packets) }).filter { $0.value > 0 }
  }

  func file(_ name: String) -> URL { node.directory.appendingPathComponent(name) }

  private func write(inventory pods: [String: (String, String)]) throws {
    var text = "apiVersion: v1\nkind: Namespace\nmetadata: {name: default}\n"
    text +=
      "---\napiVersion: v1\nkind: Node\nmetadata: {name: node-1}\nspec: {podCIDRs: [10.244.1.0/24, 'fd00:1::/64']}\n"
    for (name, addresses) in pods {
      text += """
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: \(name), namespace: default, labels: {app: \(name)}}
        spec: {nodeName: node-1}
        status: {phase: Running, podIP: \(addresses.0), podIPs: [{ip: \(addresses.0)}, {ip: '\(addresses.1)'}]}

        """
    }
    try text.write(to: file("inventory.yaml"), atomically: true, encoding: .utf8)
  }

  private func write(policy name: String, clients: [String]) throws {
    let peers = clients.map { "    - podSelector: {matchLabels: {app: \($0)}}\n" }.joined()
    let text = """
      apiVersion: networking.k8s.io/v1
      kind: NetworkPolicy
      metadata: {name: server, namespace: default}
      spec:
        podSelector: {matchLabels: {app: server}}
        ingress:
        - from:
      \(peers)    ports: [{port: 8080}, {port: 5353, endPort: 5354, protocol: UDP}]

      """
    try text.write(to: file("\(name).yaml"), atomically: true, encoding: .utf8)
  }

  @discardableResult
  func apply(_ policy: String, _ more: [String] = []) throws -> String {
    let ended = try node.run(
      [
        "compile", file("\(policy).yaml").path, "--inventory", file("inventory.yaml").path, "--node",
        "node-1",
        "--apply",
      ]
        + more)
    #expect(ended.status == 0, "\(ended.errors)")
    return ended.errors
  }

  /// What is alive while policies change.
  private struct Flows {
    let tcp: TCPFlow
    let udp: UDPFlow

    init(_ lab: PacketLab, from client: String, to server: String, udpPort: UInt16 = 5353) throws {
      tcp = try #require(try lab.connect(from: address(client), to: address(server), port: 8080))
      udp = try lab.datagrams(from: address(client), to: address(server), port: udpPort)
      #expect(tcp.exchange())
      #expect(udp.exchange() == .answered)
    }
  }

  @Test(
    "connections that lose their policy, and such that keep it", .long,
    arguments: ["keep", "recheck", "cut"], [4, 6])
  func established(mode: String, family: Int) throws {
    func of(_ pair: (String, String)) -> String { family == 4 ? pair.0 : pair.1 }
    try apply("both", ["--established", mode])
    let lost = try Flows(lab, from: of(Self.loser), to: of(Self.server))
    let kept = try Flows(lab, from: of(Self.keeper), to: of(Self.server), udpPort: 5354)
    let said = try apply("one", ["--established", mode])
    if mode == "cut" { #expect(said.contains("cut 2 connections of 4"), "\(said)") }
    // What the server sends on its own comes first, since nothing else may open the way for it.
    #expect(lost.udp.answer() == (mode != "recheck"))
    if mode == "cut" {
      // To the kernel that was a new connection from the server, which no policy forbids; declared in docs.
      #expect(lost.udp.exchange() == .answered)
    } else {
      #expect(lost.udp.exchange() == (mode == "keep" ? .answered : .lost))
    }
    #expect(lost.tcp.exchange() == (mode == "keep"))
    #expect(kept.tcp.exchange())
    #expect(kept.udp.exchange() == .answered)
    #expect(kept.udp.answer())
    #expect(try lab.connect(from: address(of(Self.loser)), to: address(of(Self.server)), port: 8080) == nil)
    #expect(try lab.connect(from: address(of(Self.keeper)), to: address(of(Self.server)), port: 8080) != nil)
  }

  @Test("a connection that was cut while its client speaks first stays cut")
  func cutClientFirst() throws {
    try apply("both")
    let lost = try Flows(lab, from: Self.loser.0, to: Self.server.0)
    try apply("one", ["--established", "cut"])
    #expect(lost.udp.exchange() == .lost)
    #expect(!lost.tcp.exchange())
  }

  @Test("a preview tells the flows that would be denied, and changes nothing")
  func preview() throws {
    try apply("both")
    let lost = try Flows(lab, from: Self.loser.0, to: Self.server.0)
    let before = try node.client.list(.netpolc, options: .stateless)
    let output = file("preview").path
    let ended = try node.run(
      [
        "compile", file("one.yaml").path, "--inventory", file("inventory.yaml").path, "--node", "node-1",
        "--apply",
        "--dry-run",
      ], output: output)
    #expect(ended.status == 0, "\(ended.errors)")
    let text = try String(contentsOfFile: output, encoding: .utf8)
    #expect(
      text.contains(
        "2 open connections (2 pods) would be denied if opened now; they continue (--established keep)"),
      "\(text)")
    #expect(text.contains("10.244.1.6 -> 10.244.1.5 tcp/8080"))
    #expect(text.contains("10.244.1.6 -> 10.244.1.5 udp/5353"))
    #expect(try node.client.list(.netpolc, options: .stateless) == before)
    #expect(lost.tcp.exchange())
  }

  @Test("an address of the node's that no pod of the inventory has neither sends nor receives")
  func unknownPods() throws {
    let pairs = try [
      (Self.newcomer, Self.keeper), (Self.keeper, Self.newcomer),
      (("8.8.8.8", "2001:4860::8"), Self.newcomer),
      (Self.newcomer, ("8.8.8.8", "2001:4860::8")), (Self.keeper, ("8.8.8.8", "2001:4860::8")),
    ].flatMap { from, to in
      [(try address(from.0), try address(to.0)), (try address(from.1), try address(to.1))]
    }
    let probes = pairs.flatMap { from, to in
      [Probe.Payload.tcp(port: 80), .udp(port: 53), .echo].map { Probe(from: from, to: to, $0) }
    }
    func involvesNewcomer(_ probe: Probe) -> Bool {
      let ends = ["\(probe.source)", "\(probe.destination)"]
      return ends.contains(Self.newcomer.0) || ends.contains(Self.newcomer.1)
    }
    try apply("both", ["--unknown-pods", "deny"])
    for (probe, arrived) in zip(probes, try lab.probe(probes)) {
      #expect(arrived == !involvesNewcomer(probe), "\(probe)")
    }
    // Known, and right, in one and the same transaction.
    try write(inventory: [
      "server": Self.server, "loser": Self.loser, "keeper": Self.keeper, "newcomer": Self.newcomer,
    ])
    let said = try apply("both", ["--unknown-pods", "deny"])
    // Each of its two addresses is one of a known pod, and one of a sender whose interface is checked.
    #expect(said.contains("4 elements added"), "\(said)")
    for (probe, arrived) in zip(probes, try lab.probe(probes)) { #expect(arrived, "\(probe)") }
  }

  @Test("each rule of ClusterNetworkPolicy that denies is counted and logged by its own name")
  func rulesOfClusterPolicy() throws {
    func rule(_ app: String) -> String {
      "{name: no-\(app), action: Deny, from: [{pods: {podSelector: {matchLabels: {app: \(app)}}}}], protocols: [{tcp: {destinationPort: {number: 8080}}}]}"
    }
    // Walked as a list, and, from nine rules on, as lookups.
    for more in [0, 12] {
      let others = (0..<more).map {
        "{name: other-\($0), action: Accept, from: [{pods: {podSelector: {matchLabels: {app: x\($0)}}}}]}"
      }
      let rules = ([rule("loser"), rule("keeper")] + others).joined(separator: ", ")
      let text = """
        apiVersion: policy.networking.k8s.io/v1alpha2
        kind: ClusterNetworkPolicy
        metadata: {name: q\(more)}
        spec: {tier: Admin, priority: 1, subject: {namespaces: {}}, ingress: [\(rules)]}

        """
      try text.write(to: file("quarantine.yaml"), atomically: true, encoding: .utf8)
      try apply("quarantine", ["--log-denied", "--log-group", "7"])
      var probes: [Probe] = []
      for (from, to) in [
        (Self.loser.0, Self.server.0), (Self.loser.1, Self.server.1), (Self.keeper.0, Self.server.0),
      ] {
        probes.append(Probe(from: try address(from), to: try address(to), .tcp(port: 8080)))
      }
      probes.append(Probe(from: try address(Self.loser.0), to: try address(Self.server.0), .udp(port: 8080)))
      #expect(try lab.probe(probes) == [false, false, false, true])
      let status = try node.namespace.run { try node.enforcer.status() }
      let counts = Self.packets(status)
      #expect(
        counts == [
          "rule-admin/q\(more)/ingress-1/no-loser": 2, "rule-admin/q\(more)/ingress-2/no-keeper": 1,
        ])
      #expect(
        status.counted.allSatisfy {
          $0.packets == 0 || $0.subject?.description == "ingress of q\(more)"
        })
      let table = try #require(try node.client.list(.netpolc))
      #expect(
        table.contains(#"log prefix "netpolc deny rule-admin/q\#(more)/ingress-1/no-loser: " group 7"#))
    }
  }

  @Test("audit lets everything pass and counts it; denials that are logged are still denied")
  func auditAndLog() throws {
    let probes = try [(Self.loser.0, Self.server.0), (Self.loser.1, Self.server.1)].map { from, to in
      Probe(from: try address(from), to: try address(to), .tcp(port: 8080))
    }
    try apply("one", ["--audit", "--log-denied", "--log-group", "7"])
    #expect(try lab.probe(probes) == [true, true])
    let status = try node.namespace.run { try node.enforcer.status() }
    #expect(status.counted.map(\.packets).reduce(0, +) == 2)
    #expect(
      status.counted.allSatisfy { $0.packets == 0 || $0.subject?.description == "ingress of default/server" })
    try apply("one", ["--log-denied", "--log-rate", "100/minute", "--log-group", "7"])
    #expect(try lab.probe(probes) == [false, false])
    let table = try #require(try node.client.list(.netpolc))
    #expect(table.contains(#"limit rate 100/minute"#))
    #expect(table.contains(#"log prefix "netpolc deny in4-default/server: " group 7"#))
  }
}
