import Addresses
import Diagnostics
import Lowering
import PolicyModel
import PolicyTrace
import Reachability
import Ruleset
import TestSupport
import Testing
import Verification

/// A mistake that compilers of policies have made: what goes into the lowering is bent as the mistake would bend it, and
/// the specification keeps the truth. The numbers are rows of the semantics checklist.
struct DeliberateBug: Sendable, CustomTestStringConvertible {
  let name: String
  var policies: @Sendable ([Policy]) -> [Policy] = { $0 }
  var pods: @Sendable ([Pod]) -> [Pod] = { $0 }
  var table: @Sendable (Table) -> Table = { $0 }

  var testDescription: String { name }
}

private let origin = Origin(SourceLocation(file: "test", line: 1, column: 1), field: "")

private func address(_ text: String) -> IPAddress { IPAddress(text) ?? IPAddress(.ipv4, bits: 0) }

private func block(_ text: String, except: [String] = []) -> Peer.Kind {
  func parsed(_ text: String) -> CIDR {
    (try? CIDR.parse(text).block) ?? CIDR(address("0.0.0.0"), prefixLength: 0)
  }
  return .ipBlock(IPBlock(parsed(text), except: except.map(parsed)))
}

private func rule(_ peers: [Peer.Kind], _ ports: [(TransportProtocol, PolicyPort.Ports)]) -> PolicyRule {
  PolicyRule(
    peers: OneOf(list: peers.map { Peer($0, origin: origin) }),
    ports: OneOf(list: ports.map { PolicyPort($0.0, $0.1, origin: origin) }), origin: origin)
}

/// The policy with other rules.
private func rebuilt(
  _ policy: Policy, types: [Direction]? = nil, ingress: [PolicyRule]? = nil,
  egress: [PolicyRule]? = nil
) -> Policy {
  let types = types ?? policy.directions
  return Policy(
    id: policy.id, subjects: policy.subjects,
    ingress: types.contains(.ingress) ? ingress ?? policy.ingress ?? [] : nil,
    egress: types.contains(.egress) ? egress ?? policy.egress ?? [] : nil, origin: policy.origin)
}

private func eachPort(
  _ policies: [Policy], _ change: (PolicyPort) -> PolicyPort?
) -> [Policy] {
  func changed(_ rules: [PolicyRule]) -> [PolicyRule] {
    rules.map {
      PolicyRule(peers: $0.peers, ports: OneOf(list: $0.ports.entries.compactMap(change)), origin: $0.origin)
    }
  }
  return policies.map { rebuilt($0, ingress: changed($0.ingress ?? []), egress: changed($0.egress ?? [])) }
}

private func eachPeer(_ policies: [Policy], _ change: ([Peer]) -> [Peer]) -> [Policy] {
  func changed(_ rules: [PolicyRule]) -> [PolicyRule] {
    rules.map { PolicyRule(peers: OneOf(list: change($0.peers.entries)), ports: $0.ports, origin: $0.origin) }
  }
  return policies.map { rebuilt($0, ingress: changed($0.ingress ?? []), egress: changed($0.egress ?? [])) }
}

/// A cluster in which each of the mistakes shows.
private let truth: Cluster = {
  func pod(
    _ namespace: String, _ name: String, _ labels: Labels, _ addresses: [String], _ ports: [NamedPort] = []
  ) -> Pod {
    Pod(
      namespace: namespace, name: name, labels: labels, addresses: addresses.map(address), node: "a",
      namedPorts: ports, origin: origin)
  }
  func policy(
    _ name: String, _ selector: Labels, _ types: [Direction], ingress: [PolicyRule] = [],
    egress: [PolicyRule] = []
  ) -> Policy {
    Policy(
      id: .init(namespace: "default", name: name),
      subjects: PodSet(.own, LabelSelector(matchLabels: selector)),
      ingress: types.contains(.ingress) ? ingress : nil, egress: types.contains(.egress) ? egress : nil,
      origin: origin)
  }
  return Cluster(
    policies: [
      policy(
        "web", ["app": "web"], [.ingress],
        ingress: [
          rule(
            [
              block("172.17.0.0/16", except: ["172.17.1.0/24"]),
              block("172.17.0.0/20", except: ["172.17.2.0/24"]),
              block("2001:db8::/32", except: ["2001:db8:1::/48"]),
            ], [(.tcp, .range(Interval(8000, 8010)))]),
          rule(
            [.pods(.own, LabelSelector(matchLabels: ["app": "client"]))],
            [(.tcp, .named("http")), (.udp, .range(Interval(53)))]),
          rule(
            [
              .pods(
                .matching(LabelSelector(matchLabels: ["team": "x"])),
                LabelSelector(matchLabels: ["app": "client"]))
            ],
            [(.sctp, .all)]),
          rule([block("192.168.0.0/24")], []),
        ]),
      policy(
        "client", ["app": "client"], [.egress],
        egress: [
          rule([.pods(.own, LabelSelector())], [(.tcp, .named("http"))]),
          rule([block("0.0.0.0/0")], [(.udp, .range(Interval(53)))]),
        ]),
      policy("locked", ["app": "locked"], [.ingress, .egress]),
    ],
    namespaces: ["default": [Namespace.nameLabel: "default"], "x": [Namespace.nameLabel: "x", "team": "x"]],
    pods: [
      pod("default", "web-1", ["app": "web"], ["10.0.0.1", "fd00::1"], [NamedPort("http", .tcp, 8080)]),
      pod("default", "web-2", ["app": "web"], ["10.0.0.2"], [NamedPort("http", .tcp, 9090)]),
      pod("default", "web-3", ["app": "web"], ["10.0.0.3"]),
      pod("default", "client", ["app": "client"], ["10.0.0.4", "fd00::4"]),
      pod("default", "locked", ["app": "locked"], ["10.0.0.5"]),
      pod("x", "client", ["app": "client"], ["10.0.0.6", "fd00::6"]),
      pod("x", "other", ["app": "other"], ["10.0.0.7"]),
    ])
}()

private let bugs: [DeliberateBug] = [
  DeliberateBug(
    name: "excepts of a rule are pooled (14)",
    policies: { policies in
      eachPeer(policies) { peers in
        let excepts: [CIDR] = peers.flatMap { peer -> [CIDR] in
          if case .ipBlock(let block) = peer.kind { block.except } else { [] }
        }
        return peers.map { peer in
          guard case .ipBlock(let block) = peer.kind else { return peer }
          let pooled = excepts.filter { $0.isStrictSubset(of: block.cidr) }
          return Peer(.ipBlock(IPBlock(block.cidr, except: pooled)), origin: origin)
        }
      }
    }),
  DeliberateBug(
    name: "excepts are ignored",
    policies: { policies in
      eachPeer(policies) { peers in
        peers.map { peer in
          guard case .ipBlock(let block) = peer.kind else { return peer }
          return Peer(.ipBlock(IPBlock(block.cidr)), origin: origin)
        }
      }
    }),
  DeliberateBug(
    name: "a name that a pod lacks allows all ports (18)",
    policies: { policies in
      eachPort(policies) { port in
        if case .named = port.ports { PolicyPort(port.transport, .all, origin: origin) } else { port }
      }
    }),
  DeliberateBug(
    name: "a named port is one number for all pods (18)",
    policies: { policies in
      eachPort(policies) { port in
        guard case .named = port.ports else { return port }
        return PolicyPort(port.transport, .range(Interval(8080)), origin: origin)
      }
    }),
  DeliberateBug(
    name: "a named port comes from the host's services table (18)",
    policies: { policies in
      eachPort(policies) { port in
        guard case .named = port.ports else { return port }
        return PolicyPort(port.transport, .range(Interval(80)), origin: origin)
      }
    }),
  DeliberateBug(
    name: "IPv6 addresses of pods are forgotten (16)",
    pods: { pods in
      pods.map { pod in
        var pod = pod
        pod.addresses.removeAll { $0.family == .ipv6 }
        return pod
      }
    }),
  DeliberateBug(
    name: "IPv6 blocks are forgotten (16)",
    policies: { policies in
      eachPeer(policies) {
        $0.filter { if case .ipBlock(let block) = $0.kind { block.cidr.family == .ipv4 } else { true } }
      }
    }),
  DeliberateBug(
    name: "isolation is forgotten where a policy has no rules (3)",
    policies: { policies in
      policies.filter { $0.ingress?.isEmpty == false || $0.egress?.isEmpty == false }
    }),
  DeliberateBug(
    name: "an empty list allows everything (3)",
    policies: { policies in
      policies.map { policy in
        let everything = [rule([], [])]
        return rebuilt(
          policy, ingress: policy.ingress?.isEmpty == false ? nil : everything,
          egress: policy.egress?.isEmpty == false ? nil : everything)
      }
    }),
  DeliberateBug(
    name: "egress is not enforced (12)",
    policies: { policies in
      policies.map {
        rebuilt($0, types: $0.ingress != nil ? [.ingress] : [.egress], egress: [rule([], [])])
      }
    }),
  DeliberateBug(
    name: "a range ends one early (21)",
    policies: { policies in
      eachPort(policies) { port in
        guard case .range(let range) = port.ports, !range.isSingle else { return port }
        return PolicyPort(port.transport, .range(Interval(range.lower, range.upper - 1)), origin: origin)
      }
    }),
  DeliberateBug(
    name: "a range is its first port only (21)",
    policies: { policies in
      eachPort(policies) { port in
        guard case .range(let range) = port.ports else { return port }
        return PolicyPort(port.transport, .range(Interval(range.lower)), origin: origin)
      }
    }),
  DeliberateBug(
    name: "SCTP is taken for TCP (23)",
    policies: { policies in
      eachPort(policies) { $0.transport == .sctp ? PolicyPort(.tcp, $0.ports, origin: origin) : $0 }
    }),
  DeliberateBug(
    name: "a rule without ports allows only TCP, UDP and SCTP (24)",
    policies: { policies in
      policies.map { policy in
        rebuilt(
          policy,
          ingress: policy.ingress?.map {
            $0.ports == .everything
              ? rule($0.peers.entries.map(\.kind), [(.tcp, .all), (.udp, .all), (.sctp, .all)]) : $0
          })
      }
    }),
  DeliberateBug(
    name: "podSelector and namespaceSelector are ORed (9)",
    policies: { policies in
      eachPeer(policies) { peers in
        peers.flatMap { peer -> [Peer] in
          guard case .pods(.matching(let namespaces), let pods) = peer.kind else { return [peer] }
          return [
            Peer(.pods(.matching(namespaces), LabelSelector()), origin: origin),
            Peer(.pods(.own, pods), origin: origin),
          ]
        }
      }
    }),
  DeliberateBug(
    name: "podSelector alone matches pods of every namespace (9)",
    policies: { policies in
      eachPeer(policies) { peers in
        peers.map { peer in
          guard case .pods(.own, let pods) = peer.kind else { return peer }
          return Peer(.pods(.matching(LabelSelector()), pods), origin: origin)
        }
      }
    }),
  DeliberateBug(
    name: "a policy selects pods of every namespace",
    policies: { policies in
      policies
        + policies.map {
          Policy(
            id: .init(namespace: "x", name: $0.id.name), subjects: $0.subjects,
            ingress: $0.ingress, egress: $0.egress, origin: origin)
        }
    }),
  DeliberateBug(
    name: "a pod cannot reach itself (28)",
    table: { table in
      var table = table
      for place in table.sets.indices where table.sets[place].key == [.ipv4Address, .ipv4Address] {
        table.sets[place].elements = []
      }
      return table
    }),
  DeliberateBug(
    name: "a pod reaches its neighbour as if it were itself (28)",
    table: { table in
      var table = table
      for place in table.sets.indices where table.sets[place].key == [.ipv4Address, .ipv4Address] {
        table.sets[place].elements.append(
          .concatenation([Interval(address("10.0.0.1").bits), Interval(address("10.0.0.5").bits)]))
      }
      return table
    }),
  DeliberateBug(
    name: "replies are not let through (25)",
    table: { table in
      var table = table
      for place in table.chains.indices where table.chains[place].hook != nil {
        table.chains[place].rules.removeAll { rule in
          rule.statements.contains { if case .verdictMap([.ctState], _) = $0 { true } else { false } }
        }
      }
      return table
    }),
  DeliberateBug(
    name: "related ICMP errors are dropped (25)",
    table: { table in
      var table = table
      for chain in table.chains.indices where table.chains[chain].hook != nil {
        for rule in table.chains[chain].rules.indices {
          for (number, statement) in table.chains[chain].rules[rule].statements.enumerated() {
            guard case .verdictMap([.ctState], .anonymous(let elements)) = statement else { continue }
            let fewer = elements.filter { $0.key != ElementKey(4) }
            table.chains[chain].rules[rule].statements[number] = .verdictMap([.ctState], .anonymous(fewer))
          }
        }
      }
      return table
    }),
  DeliberateBug(
    name: "neighbour discovery is blocked (25)",
    table: { table in
      var table = table
      for place in table.chains.indices {
        table.chains[place].rules.removeAll { rule in
          rule.statements.contains {
            if case .match(let match) = $0 { match.key.contains(.icmpv6Type) } else { false }
          }
        }
      }
      return table
    }),
  DeliberateBug(
    name: "the class of one pod is given to another",
    table: { table in
      var table = table
      for place in table.maps.indices where table.maps[place].elements.count > 1 {
        let last = table.maps[place].elements.count - 1
        table.maps[place].elements[0].verdict = table.maps[place].elements[last].verdict
      }
      return table
    }),
]

@Suite("mistakes that others made are caught", .bounded)
struct DeliberateBugTests {
  @Test("without a mistake it is proved")
  func truthIsProved() {
    var lowerer = Lowerer(truth)
    let table = lowerer.lower().table
    #expect(Verifier(Specification(truth)).verify(table).isProven)
  }

  @Test("each mistake has its packet", arguments: bugs)
  func caught(bug: DeliberateBug) {
    let bent = Cluster(
      policies: bug.policies(truth.policies), namespaces: truth.namespaces, pods: bug.pods(truth.pods))
    var lowerer = Lowerer(bent)
    let lowered = lowerer.lower().table
    let table = bug.table(lowered)
    guard case .counterexample(let found) = Verifier(Specification(truth)).verify(table) else {
      Issue.record("missed")
      return
    }
    for example in found {
      #expect(example.evaluation.decision == example.actual)
      #expect(example.egress?.allows ?? true || example.expected == .drop || example.requirement != .policies)
    }
  }
}
