public import PolicyExplain
import PolicyTrace
public import Wording

extension ExplanationExtras {
  /// As text for a terminal, behind the explanation it stands beside.
  public func text(_ answer: Explanation, _ style: TerminalStyle = TerminalStyle()) -> String {
    let plans = answer.isAllowed ? nil : edits.map { Self.text($0, style) }
    let way = hasNoPath ? "\nthrough the ruleset: an end has no address yet, so no packet goes\n" : path?.text
    return (plans ?? "") + (way ?? "")
  }

  private static func text(_ edits: [AllowingEdits], _ style: TerminalStyle) -> String {
    if edits.isEmpty { return "\nno small edit of policies or labels was found that allows this\n" }
    var lines = ["", "any one of these would allow it:"]
    for (number, plan) in edits.enumerated() {
      lines.append("  \(number + 1). \(plan.words.joined(separator: "; and "))")
      guard let effects = plan.effects else { continue }
      lines.append("       \(effects.summary)")
      lines += effects.words.prefix(3).map { "       \($0)" }
      if effects.words.count > 3 {
        lines.append("       … \(Counting.of(effects.words.count - 3, "more change"))")
      }
    }
    return lines.map { style.wrapped(TerminalStyle.printable(plain: $0), indent: 4) + "\n" }.joined()
  }
}
