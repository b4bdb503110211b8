/// The way of one packet through a ruleset: which chains and rules give verdicts, and which elements they find.
///
/// The command that follows the packet fills it in: explanations know no rulesets.
public struct RulesetPath: Sendable, Hashable {
  /// An element that the packet matched.
  public struct Element: Sendable, Hashable {
    /// The name of the set or map.
    public let set: String
    /// The element's key, as nft writes it.
    public let key: String

    /// An element of a named set or map.
    public init(set: String, key: String) { (self.set, self.key) = (set, key) }
  }

  /// A rule that gave a verdict, or a chain's policy.
  public struct Step: Sendable, Hashable {
    /// The chain's name.
    public let chain: String
    /// The rule's place in it, from 0; nil for the chain's policy.
    public let rule: Int?
    /// The verdict, as nft writes it.
    public let verdict: String
    /// The rule's comment, which names the policy; nil where it has none.
    public let comment: String?
    /// The set or map that was looked up, with the element that matched; nil where there was none with a name.
    public let element: Element?

    /// A step of the way.
    public init(chain: String, rule: Int?, verdict: String, comment: String?, element: Element?) {
      (self.chain, self.rule, self.verdict) = (chain, rule, verdict)
      (self.comment, self.element) = (comment, element)
    }
  }

  /// True where the ruleset lets the packet pass; nil where that is undecided.
  public let passes: Bool?
  /// The rules that gave verdicts, in order.
  public let steps: [Step]

  /// A way with its end.
  public init(passes: Bool?, steps: [Step]) { (self.passes, self.steps) = (passes, steps) }
}
