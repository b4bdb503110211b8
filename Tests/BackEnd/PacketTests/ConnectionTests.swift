import Addresses
import Lowering
import PacketLab
import PolicyModel
import Reachability
import Ruleset
import RulesetText
import TestSupport
import Testing
import Verification

/// The corner cases that no table of new connections can show.
@Suite(
  "connections, translated addresses and the node itself",
  .needsRoot, .bounded)
struct ConnectionTests {
  static let web = IPAddress(.ipv4, bits: 0x0af4_0101)
  static let client = IPAddress(.ipv4, bits: 0x0af4_0102)
  static let stranger = IPAddress(.ipv4, bits: 0xcb00_7109)

  /// A web pod that takes 8080 from a client pod and sends nothing of its own accord.
  static let yaml = """
    apiVersion: v1
    kind: Pod
    metadata: {name: web, labels: {app: web}}
    spec: {nodeName: node-a}
    status: {phase: Running, podIPs: [{ip: 10.244.1.1}, {ip: "fd00:10:244:1::1"}]}
    ---
    apiVersion: v1
    kind: Pod
    metadata: {name: client, labels: {app: client}}
    spec: {nodeName: node-a}
    status: {phase: Running, podIPs: [{ip: 10.244.1.2}, {ip: "fd00:10:244:1::2"}]}
    ---
    apiVersion: networking.k8s.io/v1
    kind: NetworkPolicy
    metadata: {name: web}
    spec:
      podSelector: {matchLabels: {app: web}}
      policyTypes: [Ingress, Egress]
      ingress:
        - from: [{podSelector: {matchLabels: {app: client}}}]
          ports: [{port: 8080}, {port: 5353, protocol: UDP}]
        - from: [{ipBlock: {cidr: 203.0.113.0/24}}]
          ports: [{port: 8080}]
    """

  private func run() throws -> PacketRun {
    let scenario = Scenario(yaml: Self.yaml)
    #expect(scenario.errors.isEmpty)
    return try PacketRun(scenario.cluster)
  }

  @Test("row 22: ports and addresses are those behind a Service's translation")
  func translated() throws {
    let run = try run()
    try run.lab.load(
      """
      table ip services {
        chain pre {
          type nat hook prerouting priority dstnat;
          ip daddr 10.96.0.1 tcp dport 80 dnat to 10.244.1.1:8080
          ip daddr 10.96.0.1 tcp dport 8080 dnat to 10.244.1.1:9090
        }
      }
      """)
    let service = IPAddress(.ipv4, bits: 0x0a60_0001)
    let arrived = try run.lab.probe([
      Probe(from: Self.client, to: service, .tcp(port: 80)),
      Probe(from: Self.client, to: service, .tcp(port: 8080)),
    ])
    #expect(arrived == [true, false], "the Service's port 80 is the pod's 8080, which the policy allows")
  }

  @Test("row 25: replies pass, though the pod that replies may send nothing of its own accord")
  func replies() throws {
    let run = try run()
    let flow = try #require(try run.lab.connect(from: Self.client, to: Self.web, port: 8080))
    #expect(flow.exchange())
    #expect(try run.lab.connect(from: Self.web, to: Self.client, port: 8080) == nil)
    let datagrams = try run.lab.datagrams(from: Self.client, to: Self.web, port: 5353)
    #expect(datagrams.exchange() == .answered)
    let backwards = try run.lab.datagrams(from: Self.web, to: Self.client, port: 5353)
    #expect(backwards.exchange() == .lost)
  }

  @Test("row 25: IPv6 finds its neighbours behind a policy that denies everything")
  func neighbours() throws {
    let run = try run()
    let (web, client) = (
      IPAddress(.ipv6, bits: 0xfd00_0010_0244_0001 << 64 + 1),
      IPAddress(.ipv6, bits: 0xfd00_0010_0244_0001 << 64 + 2)
    )
    let flow = try #require(try run.lab.connect(from: client, to: web, port: 8080))
    #expect(flow.exchange())
  }

  @Test(
    "row 27: what the node starts reaches its pods, whatever the policies; the node's own address is open")
  func node() throws {
    let run = try run()
    let node = PacketLab.defaultNodeAddresses[0]
    let arrived = try run.lab.probe([
      Probe(from: node, to: Self.web, .tcp(port: 9999)), Probe(from: node, to: Self.web, .echo),
      Probe(from: Self.web, to: node, .tcp(port: 10250)),
      Probe(from: Self.web, to: Self.stranger, .tcp(port: 10250)),
    ])
    #expect(arrived == [true, true, true, false])
  }

  @Test("row 27: with the option, egress policies hold for the node's own address too")
  func podToNode() throws {
    let scenario = Scenario(yaml: Self.yaml)
    var lowerer = Lowerer(scenario.cluster)
    let lowered = lowerer.lower(LoweringOptions(modes: EnforcementModes(podToNode: .policies)))
    let proof = Verifier(Specification(scenario.cluster, in: DiagramStore())).verify(lowered.table)
    #expect(proof.isProven, "\(proof)")
    let run = try run()
    try run.lab.load(NFTPrinter.replacing(lowered.table))
    let node = PacketLab.defaultNodeAddresses[0]
    let arrived = try run.lab.probe([
      Probe(from: node, to: Self.web, .tcp(port: 9999)), Probe(from: Self.web, to: node, .tcp(port: 10250)),
      Probe(from: Self.client, to: node, .tcp(port: 10250)),
    ])
    #expect(arrived == [true, false, true])
    // The proof sees a hole at this hook as well.
    var hole = lowered.table
    for index in hole.chains.indices where hole.chains[index].name == "node4" {
      hole.chains[index].rules = []
    }
    let refuted = Verifier(Specification(scenario.cluster, in: DiagramStore())).verify(hole)
    guard case .counterexample(let found) = refuted else {
      Issue.record("\(refuted)")
      return
    }
    #expect(found.first?.requirement == .toNode)
  }
}
