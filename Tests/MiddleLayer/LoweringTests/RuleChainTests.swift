import Addresses
import Diagnostics
import PolicyModel
import PolicyTrace
import Ruleset
import TableLayout
import TestSupport
import Testing
import Verification

@testable import Lowering

/// Each rule of ClusterNetworkPolicy that denies has a chain of its own, and where rules are counted each rule: log lines and
/// counters say which rule it was.
@Suite("chains of ClusterNetworkPolicy's rules", .bounded)
struct RuleChainTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var action = RuleAction.deny
    var kind = PolicyKind.clusterNetworkPolicy
    var policy = "deny-egress"
    var name: String? = "no-internet"
    var field = "spec.egress[1]"
    let chain: String
    var testDescription: String { chain }
  }

  static let cases: [Case] = [
    Case(chain: "rule-admin/deny-egress/egress-2/no-internet"),
    Case(name: nil, chain: "rule-admin/deny-egress/egress-2"),
    Case(action: .accept, chain: "accept-admin/deny-egress/egress-2/no-internet"),
    Case(action: .pass, name: nil, chain: "pass-admin/deny-egress/egress-2"),
    Case(name: nil, field: "spec.egress[24]", chain: "rule-admin/deny-egress/egress-25"),
    // Without a field the place in the list counts.
    Case(name: nil, field: "", chain: "rule-admin/deny-egress/egress-8"),
    Case(policy: "a.b", name: "x_y/z", chain: "rule-admin/a.b/egress-2/x_y/z"),
    Case(name: "no internet, please!", chain: "rule-admin/deny-egress/egress-2/no.internet.please-"),
    Case(name: "Πρώτο", chain: "rule-admin/deny-egress/egress-2-"),
    Case(kind: .adminNetworkPolicy, name: nil, chain: "rule-admin/deny-egress/egress-2-"),
    Case(
      policy: String(repeating: "p", count: 253), name: String(repeating: "n", count: 100),
      chain: "rule-admin/pppp"),
  ]

  private static func ruleChain(_ example: Case) -> RuleChain {
    let origin = Origin(RandomCluster.origin.location, field: example.field)
    let rule = PolicyRule(
      example.action, name: example.name, peers: .everything, ports: .everything, origin: origin)
    return RuleChain(
      of: rule, at: 7, PolicyID(example.kind, namespace: nil, name: example.policy), .egress, .admin)
  }

  @Test("the name of a rule's chain says tier, policy, direction, place and name", arguments: cases)
  func names(example: Case) {
    let chain = Self.ruleChain(example).chain
    if example.chain.hasSuffix("-") || example.chain.hasSuffix("pppp") {
      // A digest distinguishes names with parts that are left out, or written otherwise.
      #expect(chain.hasPrefix(example.chain))
      #expect(chain.split(separator: "-").last?.count == 8)
      var other = example
      other.name = (example.name ?? "") + "!"
      #expect(Self.ruleChain(other).chain != chain)
    } else {
      #expect(chain == example.chain)
    }
    // The prefix of a log line holds it whole, that of replies too.
    let reply = ChainName.reply(chain)
    #expect(DenialPrefix(isAudit: true, chain: reply).chain == reply)
    #expect(ChainName.countedAction(chain) == (example.action == .deny ? nil : example.action))
  }

  @Test("several rules about one large peer that only deny have their own chains")
  func samePeer() {
    let origin = RandomCluster.origin
    let address = IPAddress(.ipv4, bits: 0x0af4_0101)
    let everyone = Peer(.pods(.matching(LabelSelector()), LabelSelector()), origin: origin)
    let rules = (0..<12).map { number in
      PolicyRule(
        .deny, name: "r\(number)", peers: .anyOf([everyone]),
        ports: .anyOf([PolicyPort(.tcp, .range(Interval(UInt16(80 + number))), origin: origin)]),
        origin: origin)
    }
    let policy = Policy(
      id: PolicyID(.clusterNetworkPolicy, namespace: nil, name: "c"), tier: .admin, priority: 1,
      subjects: PodSet(.matching(LabelSelector()), LabelSelector()), ingress: rules, egress: nil,
      origin: origin)
    let pod = Pod(namespace: "n", name: "p", labels: [:], addresses: [address], node: "node", origin: origin)
    var lowerer = Lowerer(
      Cluster(policies: [policy], namespaces: ["n": ["kubernetes.io/metadata.name": "n"]], pods: [pod]))
    let evaluator = RulesetEvaluator(lowerer.lower(LoweringOptions(copyAtMost: 0)).table)
    for number in 0..<12 {
      let packet = Packet(address, address, transport: 6, destinationPort: UInt16(80 + number))
      let evaluation = evaluator.evaluate(packet)
      #expect(evaluation.decision == .drop)
      #expect(evaluation.trace.last?.chain == "rule-admin/c/ingress-\(number + 1)/r\(number)")
    }
  }

  @Test("the chain that drops a packet is that of the rule that decides", arguments: UInt64(0)..<40)
  func attribution(seed: UInt64) throws {
    let random = RandomClusterPolicies(seed: seed)
    let cluster = random.cluster
    var lowerer = Lowerer(cluster)
    let lowered = lowerer.lower(
      LoweringOptions(denseFrom: [9, 1, 4][Int(seed % 3)], copyAtMost: Int(seed % 5)))
    let denials = Dictionary(uniqueKeysWithValues: lowered.provenance.ruleChains.map { ($0.chain, $0) })
    #expect(lowered.table.chains.count { denials[$0.name] != nil } == denials.count)
    let evaluator = RulesetEvaluator(lowered.table)
    let tracer = Tracer(cluster)
    func pod(_ address: IPAddress) -> Pod? { cluster.pods.first { $0.addresses.contains(address) } }
    var generator = SeededGenerator(seed: seed)
    for attempt in ClusterPolicyOracle(random, node: nil).randomProbes(120, &generator) {
      let (source, destination) = (pod(attempt.source), pod(attempt.destination))
      let packet = Packet(
        attempt.source, attempt.destination, transport: attempt.transport, destinationPort: attempt.port)
      let evaluation = evaluator.evaluate(packet)
      guard evaluation.decision == .drop, let last = evaluation.trace.last else { continue }
      let traces = [
        source.map {
          tracer.trace(
            $0, .egress, peer: TracedPeer(address: attempt.destination, pod: destination),
            traffic: (attempt.transport, attempt.port))
        },
        destination.map {
          tracer.trace(
            $0, .ingress, peer: TracedPeer(address: attempt.source, pod: source),
            traffic: (attempt.transport, attempt.port))
        },
      ]
      let deciding = try #require(traces.compactMap(\.self).first { !$0.allows }, "seed \(seed): \(packet)")
      switch deciding.decision {
      case .rule(let policy, let rule):
        let denial = try #require(denials[last.chain], "seed \(seed): \(packet) in \(last.chain)")
        #expect(denial.policy == policy.policy && denial.direction == deciding.direction, "seed \(seed)")
        #expect(denial.tier == policy.tier && denial.name == rule.name, "seed \(seed): \(packet)")
        #expect(rule.words.split(separator: " ")[1] == "\(denial.number)", "seed \(seed): \(packet)")
      default: #expect(denials[last.chain] == nil, "seed \(seed): \(packet) in \(last.chain)")
      }
    }
  }
}
