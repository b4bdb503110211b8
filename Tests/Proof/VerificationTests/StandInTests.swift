import Addresses
import Lowering
import PolicyModel
import Reachability
import Ruleset
import TestSupport
import Testing

@testable import Verification

/// A few pods stand for all of a large cluster: the answer is the same as with every pod.
@Suite("proofs by stand-ins", .bounded)
struct StandInTests {
  private static func modes(_ seed: UInt64, _ cluster: Cluster) -> EnforcementModes {
    switch seed % 4 {
    case 0:
      return EnforcementModes(
        unknownPodBlocks: [CIDR(IPAddress(.ipv4, bits: 0x0af4_0100), prefixLength: 24)], log: nil)
    case 1:
      return EnforcementModes(
        log: nil, sourceCheck: .pods, podInterfaces: ["cali*"],
        uncheckedSources: Array(cluster.pods.flatMap(\.addresses).suffix(1)))
    case 2: return EnforcementModes(established: .recheck, log: nil, isAudit: seed % 8 == 2)
    default: return EnforcementModes(counts: seed % 8 == 3 ? .rules : .denied)
    }
  }

  @Test("what the compiler emits is proved", arguments: 0..<60)
  func proven(seed: UInt64) {
    let cluster = RandomClusterPolicies(seed: seed, pods: 40).cluster
    let modes = Self.modes(seed, cluster)
    for node in [nil, RandomCluster.node] {
      var lowerer = Lowerer(cluster)
      let table = lowerer.lower(
        LoweringOptions(
          node: node, denseFrom: [9, 1, 4][Int(seed % 3)],
          orderedCopies: seed % 4 == 1 ? 0 : 1 << 16, modes: modes)
      ).table
      let result = Verifier.verify(table, for: cluster, node: node, modes: modes, standInsFrom: 0)
      #expect(result.isProven, "seed \(seed), node \(node ?? "all"): \(result)")
    }
  }

  @Test("edits are caught as they are with every pod", arguments: 4_000..<4_030)
  func edits(seed: UInt64) {
    let cluster = RandomClusterPolicies(seed: seed, pods: 25, policies: 3).cluster
    let node = seed.isMultiple(of: 2) ? nil : RandomCluster.node
    var lowerer = Lowerer(cluster)
    let lowered = lowerer.lower(
      LoweringOptions(
        node: node, denseFrom: seed.isMultiple(of: 3) ? 1 : 9,
        orderedCopies: seed.isMultiple(of: 6) ? 0 : 1 << 16)
    ).table
    let specification = Specification(cluster, node: node)
    var mutator = Mutator(generator: SeededGenerator(seed: seed))
    var edits = 0
    var draws = 0
    while edits < 12, draws < 300 {
      draws += 1
      guard let (table, what) = mutator.mutate(lowered) else { continue }
      edits += 1
      let whole = Verifier(specification).verify(table)
      let result = Verifier.verify(table, for: cluster, node: node, standInsFrom: 0)
      #expect(result.isProven == whole.isProven, "seed \(seed), \(what): \(result)")
      guard case .counterexample(let found) = result else { continue }
      for example in found {
        let (obligation, _) = example.packet.obligation(specification)
        #expect(
          obligation == (example.expected == .accept ? .pass : .noPass)
            && RulesetEvaluator(table).evaluate(example.packet).decision == example.actual,
          "seed \(seed), \(what): \(example.packet)")
        #expect(example.sourcePod == specification.pod(at: example.packet.source), "seed \(seed), \(what)")
        #expect(
          example.destinationPod == specification.pod(at: example.packet.destination), "seed \(seed), \(what)"
        )
      }
    }
    #expect(edits == 12)
  }

  /// Four hundred pods of two kinds; all but those of the node are alike but for their kind.
  private static func cluster() -> Cluster {
    let origin = RandomCluster.origin
    let pods = (0..<400).map { number in
      Pod(
        namespace: number.isMultiple(of: 2) ? "even" : "odd", name: "pod-\(number)", labels: ["app": "a"],
        addresses: [IPAddress(.ipv4, bits: 0x0af4_0000 + UInt128(number))], node: number < 4 ? "a" : "b",
        origin: origin)
    }
    func rule(_ action: RuleAction, _ namespace: String) -> PolicyRule {
      let selector = LabelSelector(matchLabels: [Namespace.nameLabel: namespace])
      return PolicyRule(
        action, peers: .anyOf([Peer(.pods(.matching(selector), LabelSelector()), origin: origin)]),
        ports: .everything, origin: origin)
    }
    let policy = Policy(
      id: PolicyID(.clusterNetworkPolicy, namespace: nil, name: "c"), tier: .admin, priority: 1,
      subjects: PodSet(.matching(LabelSelector()), LabelSelector()),
      ingress: [rule(.deny, "odd")], egress: nil, origin: origin)
    return Cluster(
      policies: [policy],
      namespaces: ["even": [Namespace.nameLabel: "even"], "odd": [Namespace.nameLabel: "odd"]],
      pods: pods)
  }

  @Test("one address of hundreds that are alike is missed in no set, and one too many neither")
  func oneOfMany() throws {
    let cluster = Self.cluster()
    var lowerer = Lowerer(cluster)
    let table = lowerer.lower(LoweringOptions(node: "a")).table
    #expect(Verifier.verify(table, for: cluster, node: "a", standInsFrom: 0).isProven)
    let place = try #require(table.sets.firstIndex { $0.elements.count == 200 })
    for number in [0, 7, 101, 199] {
      var less = table
      let address = less.sets[place].elements.remove(at: number)
      let missing = try #require(address.fields.first?.lower)
      guard case .counterexample(let found) = Verifier.verify(less, for: cluster, node: "a", standInsFrom: 0)
      else {
        Issue.record("\(missing) is missed")
        continue
      }
      #expect(found.allSatisfy { $0.packet.source.bits == missing })
    }
    var more = table
    more.sets[place].elements.append(ElementKey(0x0af4_0000 + 150))
    more.sets[place].elements.sort()
    guard case .counterexample(let found) = Verifier.verify(more, for: cluster, node: "a", standInsFrom: 0)
    else {
      Issue.record("an address too many is missed")
      return
    }
    #expect(found.allSatisfy { $0.packet.source.bits == 0x0af4_0000 + 150 && $0.expected == .accept })
  }

  @Test("a table as the policies say needs no stand-ins of its own; one that parts alike pods does")
  func suffice() throws {
    let cluster = Self.cluster()
    var lowerer = Lowerer(cluster)
    let table = lowerer.lower(LoweringOptions(node: "a")).table
    let parts = try #require(
      StandInParts(cluster, subjects: cluster.pods.map { $0.isOn("a") }, [.ipv4], EnforcementModes()))
    #expect(parts.suffice(for: [(family: .ipv4, table: table)]))
    let place = try #require(table.sets.firstIndex { $0.elements.count > 20 })
    var less = table
    less.sets[place].elements.remove(at: 10)
    #expect(!parts.suffice(for: [(family: .ipv4, table: less)]))
    var ranged = table
    ranged.chains[0].rules.append(
      Rule([
        .match(Match(.ipSaddr, .equal, .value(.single(Interval(0x0af4_0000, 0x0af4_007f))))),
        .verdict(.return),
      ]))
    #expect(!parts.suffice(for: [(family: .ipv4, table: ranged)]))
  }

  @Test("stand-ins are few: of each kind of pods two, and the node's own")
  func few() throws {
    let cluster = Self.cluster()
    var lowerer = Lowerer(cluster)
    let table = lowerer.lower(LoweringOptions(node: "a")).table
    let standIns = try #require(
      StandIns(
        cluster, subjects: cluster.pods.map { $0.isOn("a") }, [(family: .ipv4, table: table)],
        EnforcementModes()))
    #expect(standIns.cluster.pods.count == 8)
    #expect(standIns.subjects.count { $0 } == 4)
  }
}
