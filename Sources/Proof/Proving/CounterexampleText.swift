import Addresses
import Diagnostics
public import PolicyModel
import Reachability
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
    for (causes, pod) in [
      (counterexample.egress, counterexample.sourcePod),
      (counterexample.ingress, counterexample.destinationPod),
    ] {
      guard let causes, let pod else { continue }
      lines += policies(causes, cluster.pods[pod])
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

  private func policies(_ causes: Causes, _ pod: Pod) -> [String] {
    let direction = causes.direction.rawValue.lowercased()
    if causes.selecting.isEmpty {
      return ["  policies  \(direction) of \(pod.displayName): no policy isolates it"]
    }
    let denying = causes.deciding.filter { $0.action == .deny }
    if let match = denying.first {
      let id = cluster.policies[match.policy].id
      return [
        "  policies  \(direction) of \(pod.displayName): denied by \(id.words) \(match.ruleOrigin.field) (\(match.ruleOrigin.location))"
      ]
    }
    if causes.allows, causes.allowing.isEmpty {
      return ["  policies  \(direction) of \(pod.displayName): no rule decides, and no policy isolates it"]
    }
    if causes.allowing.isEmpty {
      let names = causes.selecting.map { cluster.policies[$0].id.description }.joined(separator: ", ")
      return ["  policies  \(direction) of \(pod.displayName): isolated by \(names), no rule allows it"]
    }
    return causes.allowing.map { match in
      let origin = match.peer?.origin ?? match.ruleOrigin
      return
        "  policies  \(direction) of \(pod.displayName): allowed by \(cluster.policies[match.policy].id) "
        + "\(origin.field) (\(origin.location))"
    }
  }

  private func step(_ step: TraceStep) -> String {
    guard let chain = table.chains.first(where: { $0.name == step.chain }) else { return "    \(step.chain)" }
    guard let position = step.rule else {
      return
        "    \(step.chain): no rule decided; the chain's policy is \(chain.hook?.policy.rawValue ?? "return")"
    }
    var line = "    \(step.chain) rule \(position + 1): \(NFTPrinter.text(of: chain.rules[position]))"
    if let element = step.element {
      let types = element.set.flatMap { name in
        table.sets.first { $0.name == name }?.key ?? table.maps.first { $0.name == name }?.key
      }
      if let types { line += "  [element \(NFTPrinter.text(of: element.key, types))]" }
    }
    return line
  }
}
