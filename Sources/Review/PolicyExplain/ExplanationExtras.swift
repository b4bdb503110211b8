import Reachability

/// The results that were requested in addition to an explanation.
public struct ExplanationExtras: Sendable {
  /// Edits that would let the connection pass.
  public var edits: [AllowingEdits]?
  /// The packet's way through the ruleset.
  public var path: RulesetPath?
  /// True where a way was asked for that is none, since an end has no address yet.
  public var hasNoPath: Bool
  /// The answer about packets with a source that is not the sender's; nil where it was not asked for, or does not matter.
  public var forgery: ForgedSource?

  /// Nothing unless given.
  public init(
    edits: [AllowingEdits]? = nil, path: RulesetPath? = nil, hasNoPath: Bool = false,
    forgery: ForgedSource? = nil
  ) {
    self.edits = edits
    self.path = path
    self.hasNoPath = hasNoPath
    self.forgery = forgery
  }
}
