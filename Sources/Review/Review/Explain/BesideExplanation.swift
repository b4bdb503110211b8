import Reachability
public import Wording

/// What is told beside an explanation, where it was asked for.
public struct BesideExplanation: Sendable {
  /// Edits that would let the connection pass.
  public var edits: [AllowingEdits]?
  /// The packet's way through the ruleset.
  public var path: RulesetPath?
  /// Whether a way was asked for that is none, since an end has no address yet.
  public var hasNoPath: Bool

  /// Nothing unless given.
  public init(edits: [AllowingEdits]? = nil, path: RulesetPath? = nil, hasNoPath: Bool = false) {
    self.edits = edits
    self.path = path
    self.hasNoPath = hasNoPath
  }

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
