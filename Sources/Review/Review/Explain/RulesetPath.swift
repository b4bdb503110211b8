import Addresses
import JSONText
public import Proving
public import Ruleset
import Verification

/// The way of one packet through a ruleset: which chains and rules give verdicts, and which elements they find.
public struct RulesetPath: Sendable {
  private let trace: PacketTrace

  /// Whether the ruleset lets the packet pass; nil where that is undecided.
  public var passes: Bool? { trace.passes }
  /// The rules that gave verdicts, in order.
  public var steps: [PacketTrace.Step] { trace.steps }

  /// The way of an explained connection's first packet; nil where it has no protocol or an end has no address yet.
  public init?(_ answer: Explanation, through table: Table) {
    guard let traffic = answer.traffic, let source = answer.sourceAddress,
      let destination = answer.destinationAddress
    else { return nil }
    let packet = Packet(source, destination, transport: traffic.transport, destinationPort: traffic.port)
    trace = PacketTrace(of: packet, through: table)
  }

  /// As text, each line ended.
  public var text: String {
    let end = passes.map { $0 ? "passes" : "is dropped" } ?? "is undecided"
    return "\nthrough the ruleset: the packet \(end)\n" + steps.map { "  \($0.words)\n" }.joined()
  }

  func write(to json: inout JSONWriter) {
    json.object { json in
      if let passes {
        json.key("passes")
        json.bool(passes)
      }
      json.key("steps")
      json.array { json in
        for step in steps {
          json.object { json in
            json.text("chain", step.chain)
            if let rule = step.rule { json.count("rule", rule) }
            if let element = step.element {
              json.text("set", element.set)
              json.text("element", element.key)
            }
            json.text("verdict", step.verdict)
            if let comment = step.comment { json.text("comment", comment) }
          }
        }
      }
    }
  }
}

extension PacketTrace.Step {
  /// `chain new4 rule 2: 10.244.1.5 found in @ingress4 jump in4-default/web`.
  fileprivate var words: String {
    let place = rule.map { " rule \($0)" } ?? " policy"
    let found = element.map { " \($0.key) found in @\($0.set)" } ?? ""
    return "chain \(chain)\(place):\(found) \(verdict)\(comment.map { " # \($0)" } ?? "")"
  }
}
