import Addresses
public import Ruleset
import Verification

/// The way of one packet through a ruleset: which chains and rules give verdicts, and which elements they find.
public struct RulesetPath: Sendable {
  private let evaluation: Evaluation
  private let table: Table

  /// The way of an explained connection's first packet; nil where it has no protocol or an end has no address yet.
  public init?(_ answer: Explanation, through table: Table) {
    guard let traffic = answer.traffic, let source = answer.sourceAddress,
      let destination = answer.destinationAddress
    else { return nil }
    evaluation = RulesetEvaluator(table).evaluate(
      Packet(source, destination, transport: traffic.transport, destinationPort: traffic.port))
    self.table = table
  }

  /// Whether the ruleset lets the packet pass; nil where that is undecided.
  public var passes: Bool? { evaluation.decision.map { $0 == .accept } }

  /// As text, each line ended.
  public var text: String {
    let end = passes.map { $0 ? "passes" : "is dropped" } ?? "is undecided"
    let steps = evaluation.trace.map { step -> String in
      let rule = step.rule.map { " rule \($0)" } ?? " policy"
      let remark = step.rule.flatMap { self.comment(step.chain, $0) }.map { " # \($0)" } ?? ""
      let found = step.element?.set.map { " found in @\($0)" } ?? ""
      return "  chain \(step.chain)\(rule):\(found) \(Self.words(step.verdict))\(remark)\n"
    }
    return "\nthrough the ruleset: the packet \(end)\n" + steps.joined()
  }

  private func comment(_ chain: String, _ rule: Int) -> String? {
    table.chains.first { $0.name == chain }.flatMap {
      $0.rules.indices.contains(rule) ? $0.rules[rule].comment : nil
    }
  }

  private static func words(_ verdict: Verdict) -> String {
    switch verdict {
    case .accept: "accept"
    case .drop: "drop"
    case .continue: "continue"
    case .return: "return"
    case .jump(let chain): "jump \(chain)"
    case .goto(let chain): "goto \(chain)"
    }
  }
}
