import PolicyExplain
import PolicyTrace
import Proving
import Reachability
import Ruleset
import Verification

extension RulesetPath {
  /// The way of an explained connection's first packet; nil where it has no protocol or an end has no address yet.
  init?(_ answer: Explanation, through table: Table) {
    guard let traffic = answer.traffic, let source = answer.sourceAddress,
      let destination = answer.destinationAddress
    else { return nil }
    var packet = Packet(
      source, destination, transport: traffic.transport, destinationPort: traffic.port,
      isTranslated: answer.isSelf)
    if let node = answer.nodeTraffic {
      // Neither meets the forward hook, and without a chain at the input hook nothing of the table.
      if node.isAlwaysAllowed { return nil }
      packet.path = .toNode
    }
    let trace = PacketTrace(of: packet, through: table)
    self.init(
      passes: trace.passes,
      steps: trace.steps.map { step in
        Step(
          chain: step.chain, rule: step.rule, verdict: step.verdict, comment: step.comment,
          element: step.element.map { Element(set: $0.set, key: $0.key) })
      })
  }
}
