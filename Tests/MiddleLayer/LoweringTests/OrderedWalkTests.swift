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
  /// Forty pods, under one policy of the tier Admin with twenty-five rules.
  private static let cluster: Cluster = {
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
      subjects: PodSet(.matching(LabelSelector()), LabelSelector()), ingress: rules, egress: rules,
      origin: origin)
    return Cluster(policies: [policy], namespaces: ["n": ["kubernetes.io/metadata.name": "n"]], pods: pods)
  }()

  private static func lowered(_ copies: Int) -> LoweredRuleset {
    var lowerer = Lowerer(cluster)
    return lowerer.lower(LoweringOptions(orderedCopies: copies))
  }

  @Test("where lookups would copy more addresses than allowed, the lists are walked, and a warning says so")
  func warning() {
    let walked = Self.lowered(24)
    #expect(
      walked.warnings.map(\.message) == [
        "2 lists of ordered rules are walked rule by rule: the lookups of all lists would copy more than 24 addresses; a new connection may pass hundreds of rules"
      ])
    #expect(walked.warnings.map(\.id) == ["ordered-walk"])
    #expect(!walked.table.maps.contains { $0.name.hasSuffix(".pods") })
    let partly = Self.lowered(25)
    #expect(
      partly.warnings.map(\.message) == [
        "1 list of ordered rules is walked rule by rule: the lookups of all lists would copy more than 25 addresses; a new connection may pass hundreds of rules"
      ])
    #expect(partly.table.maps.filter { $0.name.hasSuffix(".pods") }.count == 1)
    #expect(Self.lowered(50).warnings.isEmpty)
  }

  @Test("a walk is parted by protocol: what is not TCP meets no rule about TCP alone")
  func protocols() throws {
    let table = Self.lowered(0).table
    let chains = Dictionary(uniqueKeysWithValues: table.chains.map { ($0.name, $0) })
    for prefix in ["in4-c", "out4-c"] {
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

  @Test("walks do what lookups do, and are proved")
  func sameAsLookups() {
    let (walked, mapped) = (Self.lowered(0), Self.lowered(1_000))
    for lowered in [walked, mapped] {
      #expect(Verifier.verify(lowered.table, for: Self.cluster, node: nil).isProven)
    }
    let (one, other) = (RulesetEvaluator(walked.table), RulesetEvaluator(mapped.table))
    for peer in 1..<25 {
      for (transport, port) in [(6, 1_000), (6, 1_003), (17, 1_004), (17, 1_002), (1, 0), (132, 1_000)] {
        let packet = Packet(
          Self.cluster.pods[peer].addresses[0], Self.cluster.pods[0].addresses[0],
          transport: UInt8(transport), destinationPort: UInt16(port))
        #expect(one.evaluate(packet).decision == other.evaluate(packet).decision, "\(packet)")
      }
    }
  }
}
