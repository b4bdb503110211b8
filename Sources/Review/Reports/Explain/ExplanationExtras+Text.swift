public import PolicyExplain
import PolicyModel
import PolicyTrace
public import Wording

extension ExplanationExtras {
  /// As text for a terminal, behind the explanation it stands beside.
  public func text(_ answer: Explanation, _ style: TerminalStyle = TerminalStyle()) -> String {
    let plans = answer.isAllowed ? nil : edits.map { Self.text($0, style) }
    let reason =
      answer.nodeTraffic == nil
      ? "an end has no address yet, so no packet goes"
      : "no chain of it sees what passes between a node and its own pods"
    let way = hasNoPath ? "\nthrough the ruleset: \(reason)\n" : path?.text
    return (forgery.map { Self.text($0, style) } ?? "") + (plans ?? "") + (way ?? "")
  }

  private static func text(_ forgery: ForgedSource, _ style: TerminalStyle) -> String {
    let mode = "(--source-check \(forgery.check.rawValue))"
    guard let passing = forgery.passing else {
      return (["", "no source that is not its own makes more pass \(mode)"] as [PlainText]).wrapped(style)
    }
    let owner = passing.owner.map { ", the address of \($0)" } ?? ", the address of no pod"
    let line: PlainText =
      "\(style.paint("PASSES", .red)) with a source that is not its own, such as \(passing.address)\(owner): \(passing.traffic.words) \(mode)"
    return ["", line].wrapped(style)
  }

  private static func text(_ edits: [AllowingEdits], _ style: TerminalStyle) -> String {
    if edits.isEmpty { return "\nno small edit of policies or labels was found that allows this\n" }
    let directions = Direction.allCases.filter { direction in edits.contains { $0.direction == direction } }
    var lines: [PlainText] = []
    for direction in directions {
      let own = edits.filter { $0.direction == direction }
      let which = "for \(direction.rawValue.lowercased())"
      lines += [
        "",
        directions.count == 1
          ? "any one of these would allow it:" : "both directions deny; \(which) any one of these:",
      ]
      for (number, plan) in own.enumerated() {
        lines.append("  \(number + 1). \(plan.words.joined(separator: "; and "))")
        if plan.concernsOthers { lines.append("       it edits a policy of other pods too") }
        if let effects = plan.effects {
          lines.append("       \(effects.summary)")
          lines += effects.words.prefix(3).map { "       \($0)" }
          if effects.words.count > 3 {
            lines.append("       … \(Counting.of(effects.words.count - 3, "more change"))")
          }
        }
      }
      if let first = own.first, let yaml = first.yaml {
        lines += ["", "the first as YAML:"]
        lines += yaml.split(separator: "\n").map { "    \($0)" }
      }
    }
    return lines.wrapped(style)
  }
}
