import Addresses
import Diagnostics
import Lowering
import PolicyModel
import Ruleset
import TestSupport
import Testing
import Verification

/// Lists of ordered rules whose lookups would copy too many addresses.
@Suite("ordered rules that are walked", .bounded)
struct OrderedWalkTests {
  /// Forty pods under one policy of the tier Admin with twenty-five rules; a NetworkPolicy isolates some of them for ingress.
  private static let cluster = cluster(rulesOfIngress: 25)

  /// The same with fewer rules of ingress.
  private static func cluster(rulesOfIngress: Int) -> Cluster {
    let origin = RandomCluster.origin
    let pods = (0..<40).map { number in
      Pod(
        namespace: "n", name: "pod-\(number)", labels: ["app": "a\(number)"],
        addresses: [IPAddress(.ipv4, bits: 0x0af4_0101 + UInt128(number))], node: "node", origin: origin)
    }
    let rules = (0..<25).map { number in
      let port = PolicyPort(
        number % 5 == 4 ? .udp : .tcp, .range(Interval(UInt16(1_000 + number % 7))), origin: origin)
      return PolicyRule(
        [.accept, .deny, .pass][number % 3],
        peers: .anyOf([
          Peer(
            .pods(.matching(LabelSelector()), LabelSelector(matchLabels: ["app": "a\(number % 20)"])),
            origin: origin)
        ]), ports: number % 6 == 5 ? .everything : .anyOf([port]), origin: origin)
    }
    let policy = Policy(
      id: PolicyID(.clusterNetworkPolicy, namespace: nil, name: "c"), tier: .admin, priority: 1,
      subjects: PodSet(.matching(LabelSelector()), LabelSelector()),
      ingress: Array(rules.prefix(rulesOfIngress)), egress: rules,
      origin: origin)
    let isolating = Policy(
      id: PolicyID(namespace: "n", name: "p"),
      subjects: PodSet(
        .own, LabelSelector([.init("app", .isIn, ["a0", "a1", "a2"])])),
      ingress: [
        PolicyRule(
          peers: .anyOf([
            Peer(.pods(.own, LabelSelector(matchLabels: ["app": "a3"])), origin: origin)
          ]), ports: .everything, origin: origin)
      ], egress: nil, origin: origin)
    return Cluster(
      policies: [policy, isolating], namespaces: ["n": ["kubernetes.io/metadata.name": "n"]], pods: pods)
  }

  private static func lowered(
    _ copies: Int, _ modes: EnforcementModes = EnforcementModes()
  ) -> LoweredRuleset {
    var lowerer = Lowerer(cluster)
    return lowerer.lower(LoweringOptions(orderedCopies: copies, modes: modes))
  }

  @Test("where lookups would copy more addresses than allowed, the lists are walked, and a warning says so")
  func warning() {
    let walked = Self.lowered(24)
    #expect(
      walked.warnings.map(\.message) == [
        "3 lists of ordered rules are walked rule by rule: the lookups of all lists would copy more than 24 addresses; a new connection may pass hundreds of rules"
      ])
    #expect(walked.warnings.map(\.id) == ["ordered-walk"])
    #expect(!walked.table.maps.contains { $0.name.hasSuffix(".pods") })
    // Lists of one size are treated alike.
    #expect(Self.lowered(74).counts.walkedTiers == 3)
    #expect(Self.lowered(75).warnings.isEmpty)
  }

  @Test("small lists stay lookups where larger ones are walked")
  func sizes() {
    func lowered(_ copies: Int) -> LoweredRuleset {
      var lowerer = Lowerer(Self.cluster(rulesOfIngress: 12))
      return lowerer.lower(LoweringOptions(orderedCopies: copies))
    }
    // Two lists of ingress with twelve addresses each, and one of egress with twenty-five.
    #expect(lowered(49).warnings.isEmpty)
    let partly = lowered(48)
    #expect(
      partly.warnings.map(\.message) == [
        "1 list of ordered rules is walked rule by rule: the lookups of all lists would copy more than 48 addresses; a new connection may pass hundreds of rules"
      ])
    #expect(partly.table.maps.filter { $0.name.hasSuffix(".pods") }.allSatisfy { $0.name.hasPrefix("in4") })
    #expect(partly.table.maps.filter { $0.name.hasSuffix(".pods") }.count == 2)
    #expect(lowered(24).counts.walkedTiers == 1)
    #expect(lowered(23).counts.walkedTiers == 3)
  }

  @Test("a walk is parted by protocol: what is not TCP meets no rule about TCP alone")
  func protocols() throws {
    let table = Self.lowered(0).table
    let chains = Dictionary(uniqueKeysWithValues: table.chains.map { ($0.name, $0) })
    let walk = try #require(chains.keys.first { $0.hasPrefix("in4_admin-") && !$0.hasSuffix("_other") })
    for prefix in [walk, "out4-c"] {
      let (first, others) = (try #require(chains[prefix]), try #require(chains["\(prefix)_other"]))
      #expect(
        first.rules[0].statements == [
          .match(Match(.metaL4Proto, .notEqual, .value(ElementKey(6)))), .verdict(.goto("\(prefix)_other")),
        ])
      func fields(_ chain: Chain) -> [Field] {
        chain.rules.dropFirst(chain.name == prefix ? 1 : 0).flatMap(\.statements).flatMap { statement in
          if case .match(let match) = statement { match.key } else { [Field]() }
        }
      }
      #expect(fields(first).contains(.tcpDport) && !fields(first).contains(.udpDport))
      #expect(fields(others).contains(.udpDport) && !fields(others).contains(.tcpDport))
      #expect(others.rules.count < first.rules.count)
    }
  }

  @Test("classes under the same list jump to one walk of it for ingress, which returns what it passes")
  func shared() throws {
    let chains = Self.lowered(0).table.chains
    let walks = chains.filter { $0.name.hasPrefix("in4_admin-") && !$0.name.hasSuffix("_other") }
    let walk = try #require(walks.first)
    #expect(walks.count == 1)
    let jumping = chains.filter { $0.rules.first?.statements == [.verdict(.jump(walk.name))] }
    #expect(jumping.count == 2 && jumping.allSatisfy { $0.name.hasPrefix("in4-") })
    let ends = Set(walk.rules.compactMap(\.statements.last))
    #expect(ends.contains(.verdict(.accept)) && ends.contains(.verdict(.return)))
    #expect(
      !ends.contains { if case .verdict(.goto(let chain)) = $0 { chain.hasPrefix("in4-") } else { false } })
  }

  @Test("walks do what lookups do, and are proved, in other modes too")
  func sameAsLookups() {
    let (walked, mapped) = (Self.lowered(0), Self.lowered(1_000))
    for lowered in [walked, mapped] {
      #expect(Verifier.verify(lowered.table, for: Self.cluster, node: nil).isProven)
    }
    for modes in [
      EnforcementModes(established: .recheck), EnforcementModes(isAudit: true),
      EnforcementModes(podToNode: .policies), EnforcementModes(counts: .rules),
      EnforcementModes(isAudit: true, counts: .rules),
      EnforcementModes(established: .recheck, log: .init(), counts: .rules),
    ] {
      for copies in [0, 1_000] {
        let table = Self.lowered(copies, modes).table
        #expect(Verifier.verify(table, for: Self.cluster, node: nil, modes: modes).isProven, "\(modes)")
      }
    }
    let (one, other) = (RulesetEvaluator(walked.table), RulesetEvaluator(mapped.table))
    for (pod, peer) in (1..<25).flatMap({ [(0, $0), (30, $0)] }) {
      for (transport, port) in [(6, 1_000), (6, 1_003), (17, 1_004), (17, 1_002), (1, 0), (132, 1_000)] {
        let packet = Packet(
          Self.cluster.pods[peer].addresses[0], Self.cluster.pods[pod].addresses[0],
          transport: UInt8(transport), destinationPort: UInt16(port))
        #expect(one.evaluate(packet).decision == other.evaluate(packet).decision, "\(packet)")
      }
    }
  }
}
