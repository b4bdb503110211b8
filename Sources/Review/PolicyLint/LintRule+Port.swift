import Addresses
import Diagnostics
import KubernetesManifests
import PolicyModel
import PolicyTrace
import Wording

extension LintRule {
  static let portRules: [LintRule] = [
    LintRule(
      "unknown-port-name", "no pod has a port of this name",
      """
      A named port is looked up in each destination pod, by name and protocol. No pod that this entry could mean has
      one, so it allows nothing. (Some enforcers would allow every port, or ask the host's list of services.)
      """, needsPods: true
    ) { context in
      named(context) { port, name, numbers in
        numbers.isEmpty
          ? "no pod that this can mean has a \(port.transport.rawValue) port named \"\(name)\": it allows nothing"
          : nil
      }
    },
    LintRule(
      "port-name-differs", .note, "one port name, different numbers",
      """
      Pods that this entry means have different numbers behind the name. Each is allowed its own; a reviewer who reads
      one number off one pod is wrong about the others.
      """, needsPods: true
    ) { context in
      named(context) { _, name, numbers in
        guard numbers.count > 1 else { return nil }
        return
          "\"\(name)\" is \(Counting.first(4, of: numbers.sorted().map(String.init))), depending on the pod"
      }
    },
    LintRule(
      "port-covered", "a port entry is covered by others of its list",
      "Other entries of the same list already allow all of these ports. Remove it, or the wider one if that was a slip."
    ) { context in
      context.eachRule { policy, _, rule in
        var first: [TransportProtocol: [PortSet: Int]] = [:]
        for (index, entry) in rule.ports.entries.enumerated() {
          if let own = entry.ports.numbers, first[entry.transport, default: [:]][own] == nil {
            first[entry.transport, default: [:]][own] = index
          }
        }
        return first.values.flatMap { places -> [Int] in
          PortCoverage(places.keys.compactMap(\.intervals.first)).covered
            .compactMap { places[PortSet($0)] }
        }
        .sorted().map { index in
          LintFinding(
            policy, at: rule.ports.entries[index].origin,
            "\(rule.ports.entries[index].words) is covered by the other ports of this rule")
        }
      }
    },
    LintRule(
      "end-port-same", .note, "endPort is the port itself",
      """
      A range whose end is its beginning is one port: endPort says nothing here. Leave it out; or it was meant to be
      greater, and the ports behind the first are missing.
      """
    ) { context in
      context.eachRule { policy, _, rule in
        rule.ports.entries.compactMap { port in
          guard let end = port.endPort, case .range(let range) = port.ports, range.isSingle else {
            return nil
          }
          return LintFinding(policy, at: end, "endPort is port: this is \(port.words) alone")
        }
      }
    },
    LintRule(
      "world-open-range", "the whole world may reach a range of ports",
      """
      A rule lets every address in, to more than one port in a row or to all of them. What listens there tomorrow will
      be reachable too. Name the ports that are meant, or the peers.
      """
    ) { context in
      context.eachRule { policy, direction, rule in
        guard direction == .ingress else { return [] }
        let open = rule.peers.entries.first {
          if case .ipBlock(let block) = $0.kind { block.cidr.prefixLength == 0 } else { false }
        }
        if open == nil, rule.peers != .everything || rule.ports == .everything { return [] }
        let origin = open?.origin ?? rule.origin
        if rule.ports == .everything {
          return [LintFinding(policy, at: origin, "everybody may reach every port")]
        }
        return rule.ports.entries.compactMap { port in
          guard let numbers = port.ports.numbers else { return nil }
          let count = numbers.intervals.reduce(0) { $0 + Int($1.upper - $1.lower) + 1 }
          if count <= 1 { return nil }
          let words = numbers == .everything ? "" : "\(count) ports: "
          return LintFinding(policy, at: port.origin, "everybody may reach \(words)\(port.words)")
        }
      }
    },
    LintRule(
      "dns-without-tcp", .note, "DNS is allowed over UDP only",
      """
      Answers that do not fit a datagram are asked for again over TCP 53: such names then fail to resolve, rarely and
      confusingly. Allow TCP 53 beside UDP 53.
      """
    ) { context in
      context.eachRule { policy, direction, rule in
        guard direction == .egress else { return [] }
        func allows(_ transport: TransportProtocol) -> PolicyPort? {
          rule.ports.entries.first { $0.transport == transport && $0.ports.numbers?.contains(53) == true }
        }
        guard let udp = allows(.udp), allows(.tcp) == nil else { return [] }
        return [LintFinding(policy, at: udp.origin, "UDP 53 without TCP 53: long answers of DNS fail")]
      }
    },
  ]

  /// Findings about named ports, with the numbers that a name has among the pods it can mean.
  private static func named(
    _ context: LintContext, _ body: (PolicyPort, String, Set<UInt16>) -> String?
  ) -> [LintFinding] {
    context.policies.flatMap { policy, selected in
      Direction.allCases.flatMap { direction in
        policy.effectiveRules(direction).flatMap { rule -> [LintFinding] in
          let entries = rule.ports.entries.filter { $0.ports.name != nil }
          if entries.isEmpty { return [] }
          let runs =
            direction == .ingress
            ? selected
            : rule.peers == .everything
              ? Array(context.cluster.podRuns.indices)
              : rule.peers.entries.flatMap { context.runs(of: $0, policy) }
          if runs.isEmpty { return [] }
          return entries.compactMap { entry in
            guard let name = entry.ports.name else { return nil }
            // The pods of a run have the same ports.
            let numbers = Set(
              runs.compactMap {
                context.cluster.pods[context.cluster.podRuns[$0].lowerBound]
                  .number(ofPort: name, entry.transport)
              })
            return body(entry, name, numbers).map { LintFinding(policy, at: entry.origin, $0) }
          }
        }
      }
    }
  }
}
