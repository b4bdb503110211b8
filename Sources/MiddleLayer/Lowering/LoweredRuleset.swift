public import Diagnostics
public import PolicyModel
public import Ruleset

/// A ruleset with the words about it and the origins of its parts.
public struct LoweredRuleset: Sendable {
  /// The table `inet netpolc`.
  public let table: Table
  /// Words for readers of its text, without a header.
  public let annotations: Annotations
  /// Where its parts come from.
  public let provenance: Provenance
  /// The sizes of the ruleset's parts.
  public let counts: Counts
  /// The ways in which it enforces the policies.
  public let modes: EnforcementModes

  /// The sizes of a ruleset's parts.
  public struct Counts: Sendable, Hashable {
    /// Pods whose traffic the ruleset looks at.
    public var subjects = 0
    /// Pods of these that at least one policy isolates.
    public var isolated = 0
    /// Classes of pods with the same policies in a direction.
    public var classes = 0
    /// The number of rules.
    public var rules = 0
    /// Elements of sets and maps.
    public var elements = 0
    /// Tiers of classes whose ordered rules are walked, because lookups would be too large.
    public var walkedTiers = 0
    /// The limit of addresses that lookups of ordered rules copy, all together.
    public var orderedCopies = 0
    /// Addresses of the peers of long lists of ordered rules, each peer's once: what sets that all rules share would hold.
    public var orderedPeers = 0
  }

  /// The warnings about the ruleset's size.
  public var warnings: [Diagnostic] {
    if counts.walkedTiers == 0 { return [] }
    let lists = counts.walkedTiers == 1 ? "list of ordered rules is" : "lists of ordered rules are"
    return [
      Diagnostic(
        .warning, id: "ordered-walk", at: nil,
        "\(counts.walkedTiers) \(lists) walked rule by rule: the lookups of all lists would copy more than \(counts.orderedCopies) addresses; a new connection may pass hundreds of rules"
      )
    ]
  }
}
