import Reachability

/// The results that were requested in addition to an explanation.
public struct ExplanationExtras: Sendable {
  /// Edits that would let the connection pass.
  public var edits: [AllowingEdits]?
  /// The packet's way through the ruleset.
  public var path: RulesetPath?
  /// True where a way was asked for that is none, since an end has no address yet.
  public var hasNoPath: Bool

  /// Nothing unless given.
  public init(edits: [AllowingEdits]? = nil, path: RulesetPath? = nil, hasNoPath: Bool = false) {
    self.edits = edits
    self.path = path
    self.hasNoPath = hasNoPath
  }
}
