import Addresses
import Lowering
import PolicyModel
import Ruleset
import TestSupport
import Testing
import Verification

@Suite("chains of several tiers", .bounded)
struct TierChainTests {
  private static let early = TierKind("early", place: 100, selectedDefault: .pass)

  private static func pod(_ number: UInt128) -> Pod {
    Pod(
      namespace: "shop", name: "pod-\(number)", labels: ["number": "\(number)"],
      addresses: [IPAddress(.ipv4, bits: 0x0a00_0000 + number)], origin: .nowhere)
  }

  private static func rule(_ action: RuleAction, port: UInt16, from number: Int? = nil) -> PolicyRule {
    let peer = number.map {
      Peer(.pods(.own, LabelSelector(matchLabels: ["number": "\($0)"])), origin: .nowhere)
    }
    return PolicyRule(
      action, peers: OneOf(list: peer.map { [$0] } ?? []),
      ports: .anyOf([PolicyPort(.tcp, .range(Interval(port)), origin: .nowhere)]), origin: .nowhere)
  }

  private static func policy(_ name: String, _ tier: TierKind, _ rules: [PolicyRule], on number: Int = 0)
    -> Policy
  {
    Policy(
      id: PolicyID(namespace: "shop", name: name), tier: tier,
      subjects: PodSet(.own, LabelSelector(matchLabels: ["number": "\(number)"])), ingress: rules,
      egress: nil,
      origin: .nowhere)
  }

  private static func table(_ policies: [Policy]) -> Table {
    var lowerer = Lowerer(Cluster(policies: policies, namespaces: [:], pods: (0..<20).map { pod($0) }))
    return lowerer.lower().table
  }

  private static func passes(_ table: Table, from number: UInt128, port: UInt16) -> Bool {
    let packet = Packet(
      pod(number).addresses[0], pod(0).addresses[0], transport: 6, destinationPort: port)
    return RulesetEvaluator(table).evaluate(packet).decision == .accept
  }

  @Test(
    "a tier that only accepts and passes by default drops nothing, with few rules and with many",
    arguments: [3, 12])
  func passingDefault(rules: Int) {
    let table = Self.table([
      Self.policy("p", Self.early, (1...rules).map { Self.rule(.accept, port: 80, from: $0) })
    ])
    for port: UInt16 in [80, 81] {
      for peer: UInt128 in [1, 2, 19] { #expect(Self.passes(table, from: peer, port: port)) }
    }
  }

  @Test("what passes is NetworkPolicy's to decide, and what is accepted or denied is not", arguments: [1, 5])
  func passedOn(times: Int) {
    let rules = (1...times).flatMap { number in
      [
        Self.rule(.deny, port: 22, from: number), Self.rule(.pass, port: 80, from: number),
        Self.rule(.accept, port: 443, from: number),
      ]
    }
    let table = Self.table([
      Self.policy("p", Self.early, rules),
      Self.policy("n", .networkPolicy, [Self.rule(.accept, port: 22), Self.rule(.accept, port: 80)]),
    ])
    #expect(!Self.passes(table, from: 1, port: 22))
    #expect(Self.passes(table, from: 1, port: 80))
    #expect(Self.passes(table, from: 1, port: 443))
    #expect(Self.passes(table, from: 19, port: 22))
    #expect(!Self.passes(table, from: 19, port: 443))
  }

  @Test("no name of a policy is that of another's tier or of a part of it")
  func names() {
    let ordered = (1...6).flatMap {
      [Self.rule(.accept, port: 80, from: $0), Self.rule(.deny, port: 81, from: $0)]
    }
    let policies =
      [Self.policy("p", Self.early, ordered), Self.policy("n", .networkPolicy, [])]
      + ["p.networkpolicy", "p.1", "p-1", "p.pods"].enumerated().map {
        Self.policy($1, .networkPolicy, [], on: $0 + 1)
      }
    var lowerer = Lowerer(
      Cluster(policies: policies, namespaces: [:], pods: (0..<20).map { Self.pod($0) }))
    let table = lowerer.lower(LoweringOptions(copyAtMost: 0)).table
    let names = table.chains.map(\.name)
    #expect(Set(names).count == names.count, "\(names)")
    #expect(table.chains.filter { $0.name.hasPrefix("in4-shop") }.count >= 6)
  }
}
