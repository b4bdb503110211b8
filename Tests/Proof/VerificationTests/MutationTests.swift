import Addresses
import Lowering
import PolicyModel
import Reachability
import Ruleset
import TestSupport
import Testing

@testable import Verification

@Suite("every edit of a ruleset is caught, or is harmless", .long, .bounded)
struct MutationTests {
  /// Whether an evaluator that shares no code with the specification allows a packet: its ends, whether its destination
  /// was translated, its way.
  private typealias PlainVerdict = (ConnectionAttempt, Bool, PacketPath) -> Bool

  /// Fifty-two rulesets, twenty edits each: 1,040 in all.
  @Test("random edits", arguments: 1_000..<1_052)
  func edits(seed: UInt64) {
    edits(RandomCluster(seed: seed, pods: 5, policies: 4).contents, seed)
  }

  /// Twenty-four rulesets of several tiers, twenty edits each.
  @Test("random edits where the order of rules counts", arguments: 2_000..<2_024)
  func editsOfTiers(seed: UInt64) { edits(RandomTiers(seed: seed, pods: 5, policies: 3).contents, seed) }

  /// Twenty-four rulesets with ClusterNetworkPolicies, twenty edits each.
  @Test("random edits of rulesets with ClusterNetworkPolicies", arguments: 3_000..<3_024)
  func editsOfClusterPolicies(seed: UInt64) { editsOfClusterPolicies(seed, .denied) }

  /// Twelve rulesets in which each rule has a counter, twenty edits each.
  @Test("random edits of rulesets with counters of ClusterNetworkPolicies' rules", arguments: 4_000..<4_012)
  func editsOfCountedRules(seed: UInt64) { editsOfClusterPolicies(seed, .rules) }

  private func editsOfClusterPolicies(_ seed: UInt64, _ counts: EnforcementModes.Counts) {
    let random = RandomClusterPolicies(seed: seed, pods: 5, policies: 3)
    let oracle = ClusterPolicyOracle(random, node: nil)
    edits(random.contents, seed, counts) { attempt, isTranslated, path in
      path == .toNode ? oracle.allowsToNode(attempt) : oracle.allows(attempt, isTranslated: isTranslated)
    }
  }

  private func edits(_ contents: ManifestContents, _ seed: UInt64) {
    let plain = PlainEvaluator(contents, node: nil)
    edits(contents, seed) { attempt, isTranslated, _ in plain.allows(attempt, isTranslated: isTranslated) }
  }

  private func edits(
    _ contents: ManifestContents, _ seed: UInt64, _ counts: EnforcementModes.Counts = .denied,
    _ plain: PlainVerdict
  ) {
    let cluster = Cluster.resolve(contents).cluster
    var lowerer = Lowerer(cluster)
    // One in four has lists that are walked whatever their lengths.
    let lowered = lowerer.lower(
      LoweringOptions(
        denseFrom: seed % 2 == 0 ? 1 : 9, orderedCopies: seed % 4 == 0 ? 0 : 1 << 16,
        modes: EnforcementModes(counts: counts))
    ).table
    let specification = Specification(cluster)
    let verifier = Verifier(specification, limit: 2)
    var mutator = Mutator(generator: SeededGenerator(seed: seed))
    var edits = 0
    var draws = 0
    while edits < 20, draws < 400 {
      draws += 1
      guard let (table, what) = mutator.mutate(lowered) else { continue }
      edits += 1
      switch verifier.verify(table) {
      case .counterexample(let found):
        for example in found {
          let right = plainly(example.packet, plain)
          let caught = right == (example.expected == .accept ? .pass : .noPass)
          #expect(
            caught && example.evaluation.decision == example.actual,
            "seed \(seed), \(what): \(example.packet)")
        }
      case .undecided(let reasons):
        Issue.record("seed \(seed), \(what): \(reasons)")
      case .proven:
        let missed = Representatives(table, specification).firstMismatch()
        #expect(missed.packet == nil, "seed \(seed), \(what): missed \(String(describing: missed.packet))")
      }
    }
    #expect(edits == 20)
  }

  /// What must become of a packet, by the plain evaluator and not by the specification.
  private func plainly(_ packet: Packet, _ allows: PlainVerdict) -> Obligation {
    if packet.path == .fromNode { return .pass }
    if packet.state == .established || packet.state == .related { return .pass }
    let type = packet.firstBytes >> 8
    let isOnLink = packet.source.bits == 0 || packet.source.bits >> 118 == 0xfe80 >> 6
    let neighbour =
      packet.transport == 58 && packet.family == .ipv6
      && ((133...137).contains(type) && packet.hopLimit == 255
        || ([130, 131, 132, 143].contains(type) && packet.hopLimit == 1 && isOnLink))
    let hasConnection = packet.state != .invalid && packet.state != .untracked
    let allowed =
      neighbour
      || allows(
        ConnectionAttempt(packet.source, packet.destination, packet.transport, packet.destinationPort),
        packet.isTranslated && hasConnection, packet.path)
    switch packet.state {
    case .new: return allowed ? .pass : .noPass
    case .untracked where neighbour: return .pass
    default: return allowed ? .either : .noPass
    }
  }
}
