import Addresses
import Lowering
import PolicyModel
import PolicyTrace
import Ruleset
import TableLayout
import TestSupport
import Testing
import Verification

/// Counters of all rules of ClusterNetworkPolicy: each packet is counted by the rules that decide about it, tier by tier, and by no
/// others; and none is treated otherwise.
@Suite("rules of ClusterNetworkPolicy are counted", .bounded)
struct RuleCountTests {
  /// A rule as the reading of policies finds it, and as the name of its chain tells it.
  private struct Counted: Hashable, CustomStringConvertible {
    let policy: PolicyID
    let direction: Direction
    let number: Int
    let action: RuleAction
    let name: String?

    init(_ chain: RuleChain) {
      (policy, direction, number) = (chain.policy, chain.direction, chain.number)
      (action, name) = (chain.action, chain.name)
    }

    init(_ policy: PolicyTrace, _ rule: RuleTrace, _ direction: Direction) {
      (self.policy, self.direction) = (policy.policy, direction)
      number = Int(rule.words.split(separator: " ")[1]) ?? 0
      (action, name) = (rule.action, rule.name)
    }

    var description: String { "\(policy) \(direction) \(number) \(action)" }
  }

  /// The rules that decide about a packet in a direction, in order, and whether they let it pass.
  private func expected(_ trace: DirectionTrace) -> (rules: [Counted], allows: Bool) {
    var found: [Counted] = []
    for tier in [TierKind.admin, .baseline] {
      // Of Admin each rule comes before NetworkPolicy, and what that isolates never meets Baseline.
      if tier == .baseline, trace.policies.contains(where: { $0.tier == .networkPolicy }) { break }
      let rules = trace.policies.filter { $0.tier == tier }.flatMap { policy in
        policy.rules.filter(\.matches).map { (policy, $0) }
      }
      guard let (policy, rule) = rules.first else { continue }
      found.append(Counted(policy, rule, trace.direction))
      if rule.action != .pass { break }
    }
    return (found, trace.allows)
  }

  private static func options(_ seed: UInt64, _ counts: EnforcementModes.Counts) -> LoweringOptions {
    LoweringOptions(
      denseFrom: [9, 1, 4][Int(seed % 3)], copyAtMost: Int(seed % 5),
      orderedCopies: [1 << 16, 0, 12][Int(seed / 3 % 3)], modes: EnforcementModes(counts: counts))
  }

  @Test("the rules that decide about a packet count it, each once, and no others", arguments: 0..<9)
  func attribution(slice: UInt64) throws {
    for seed in slice * 20..<slice * 20 + 20 { try attribution(seed: seed) }
  }

  private func attribution(seed: UInt64) throws {
    let random = RandomClusterPolicies(seed: seed)
    let cluster = random.cluster
    var lowerer = Lowerer(cluster)
    let plain = RulesetEvaluator(lowerer.lower(Self.options(seed, .denied)).table)
    let lowered = lowerer.lower(Self.options(seed, .rules))
    let chains = Dictionary(uniqueKeysWithValues: lowered.provenance.ruleChains.map { ($0.chain, $0) })
    // Every such chain has one counter, and nothing else counts but what denies.
    for chain in lowered.table.chains {
      let counters = chain.rules.flatMap(\.statements).count { $0 == .counter }
      let counts = chains[chain.name] != nil || chain.denies
      #expect(counters == (counts ? 1 : 0), "seed \(seed): \(chain)")
    }
    let evaluator = RulesetEvaluator(lowered.table)
    let tracer = Tracer(cluster)
    func pod(_ address: IPAddress) -> Pod? { cluster.pods.first { $0.addresses.contains(address) } }
    var generator = SeededGenerator(seed: seed)
    for attempt in ClusterPolicyOracle(random, node: nil).randomProbes(60, &generator) {
      let (source, destination) = (pod(attempt.source), pod(attempt.destination))
      let packet = Packet(
        attempt.source, attempt.destination, transport: attempt.transport, destinationPort: attempt.port)
      let evaluation = evaluator.evaluate(packet)
      #expect(evaluation.decision == plain.evaluate(packet).decision, "seed \(seed): \(packet)")
      let ends =
        [(source, Direction.egress, attempt.destination, destination)]
        + [(destination, .ingress, attempt.source, source)]
      var wanted: [Counted] = []
      for (subject, direction, address, peer) in ends {
        guard let subject else { continue }
        let (rules, allows) = expected(
          tracer.trace(
            subject, direction, peer: TracedPeer(address: address, pod: peer),
            traffic: (attempt.transport, attempt.port)))
        wanted += rules
        if !allows { break }
      }
      let found = evaluation.trace.compactMap { $0.verdict.target.flatMap { chains[$0] } }.map(Counted.init)
      try #require(found == wanted, "seed \(seed): \(packet)")
    }
  }

  @Test("one cluster is lowered with counters, without, and with them again")
  func again() {
    let cluster = Scenario("scenarios/ten-ordered-rules").cluster
    var (lowerer, other) = (Lowerer(cluster), Lowerer(cluster))
    let counted = lowerer.lower(Self.options(0, .rules)).table
    let plain = lowerer.lower(Self.options(0, .denied)).table
    #expect(plain != counted)
    #expect(plain == other.lower(Self.options(0, .denied)).table)
    #expect(lowerer.lower(Self.options(0, .rules)).table == counted)
  }

  @Test(
    "NetworkPolicy alone has the same table with and without counters of rules", arguments: UInt64(1)...20)
  func plainPolicies(seed: UInt64) {
    var lowerer = Lowerer(RandomCluster(seed: seed).cluster)
    #expect(
      lowerer.lower(Self.options(seed, .rules)).table == lowerer.lower(Self.options(seed, .denied)).table)
  }
}
