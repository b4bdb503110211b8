import Addresses
import Diagnostics
public import PolicyModel
import PolicyTrace
public import Ruleset
import RulesetText
public import Verification

/// A counterexample with the names that a reader needs: pods, policies with their places, chains, rules and elements.
public struct CounterexampleText: Sendable {
  /// The counterexample to describe.
  public let counterexample: Counterexample
  private let cluster: Cluster
  private let table: Table

  /// Names the parts of a counterexample.
  ///
  /// - Parameters:
  ///   - counterexample: the counterexample.
  ///   - cluster: the cluster that it is about.
  ///   - table: the table that it is about.
  public init(counterexample: Counterexample, cluster: Cluster, table: Table) {
    self.counterexample = counterexample
    self.cluster = cluster
    self.table = table
  }

  /// Several lines, each ended: the packet, the policies' verdict with its causes, the rules that decided.
  public var text: String {
    var lines = ["counterexample: a packet that \(should)"]
    lines.append("  packet    \(packet)")
    lines.append("  promise   \(counterexample.requirement.rawValue)")
    for (trace, pod) in [
      (counterexample.egress, counterexample.sourcePod),
      (counterexample.ingress, counterexample.destinationPod),
    ] {
      guard let trace, let pod else { continue }
      lines += policies(trace, cluster.pods[pod])
    }
    lines.append("  ruleset   \(counterexample.actual == .accept ? "accepts it:" : "drops it:")")
    lines += counterexample.evaluation.trace.map(step)
    return lines.joined(separator: "\n") + "\n"
  }

  /// One clause: the packet, and the difference between both verdicts.
  public var summary: String { "\(packet) \(should)" }

  private var should: String {
    counterexample.expected == .accept
      ? "should be accepted, but is dropped" : "should be dropped, but is accepted"
  }

  private var packet: String {
    let packet = counterexample.packet
    return "\(end(packet.source, counterexample.sourcePod)) -> "
      + "\(end(packet.destination, counterexample.destinationPod)), \(traffic), \(packet.state.name) connection"
  }

  private var traffic: String {
    let packet = counterexample.packet
    switch packet.transport {
    case 6: return "TCP port \(packet.destinationPort)"
    case 17: return "UDP port \(packet.destinationPort)"
    case 132: return "SCTP port \(packet.destinationPort)"
    case 1: return "ICMP type \(packet.firstBytes >> 8)"
    case 58: return "ICMPv6 type \(packet.firstBytes >> 8)"
    default: return "protocol \(packet.transport)"
    }
  }

  private func end(_ address: IPAddress, _ pod: Int?) -> String {
    pod.map { "\(cluster.pods[$0].displayName) (\(address))" } ?? "\(address)"
  }

  private func policies(_ trace: DirectionTrace, _ pod: Pod) -> [String] {
    let subject = "  policies  \(trace.direction.rawValue.lowercased()) of \(pod.displayName):"
    if trace.isOpen { return ["\(subject) no policy isolates it"] }
    switch trace.decision {
    case .undecided: return ["\(subject) no rule decides, and no policy isolates it"]
    case .isolated(let tier):
      let names = trace.policies.filter { $0.tier == tier }.map(\.policy.description).joined(separator: ", ")
      return ["\(subject) isolated by \(names), no rule allows it"]
    case .rule(_, let first):
      return trace.decidingRules.flatMap { policy, rule in
        let name = policy.policy.kind == .networkPolicy ? "\(policy.policy)" : policy.policy.words
        let entries = rule.peers.filter(\.matches).map(\.origin)
        return (entries.isEmpty ? [rule.origin] : entries).map { origin in
          "\(subject) \(first.action == .deny ? "denied" : "allowed") by \(name) "
            + "\(origin.field) (\(origin.location))"
        }
      }
    }
  }

  private func step(_ step: TraceStep) -> String {
    guard let chain = table.chains.first(where: { $0.name == step.chain }) else { return "    \(step.chain)" }
    guard let position = step.rule else {
      return
        "    \(step.chain): no rule decided; the chain's policy is \(chain.hook?.policy.rawValue ?? "return")"
    }
    var line = "    \(step.chain) rule \(position + 1)"
    if chain.rules.indices.contains(position) { line += ": \(NFTPrinter.text(of: chain.rules[position]))" }
    if let element = step.element {
      let types = element.set.flatMap { name in
        table.sets.first { $0.name == name }?.key ?? table.maps.first { $0.name == name }?.key
      }
      if let types { line += "  [element \(NFTPrinter.text(of: element.key, types))]" }
    }
    return line
  }
}
