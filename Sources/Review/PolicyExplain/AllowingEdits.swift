public import PolicyModel

/// Edits that together let a denied connection pass; tried on the model, not guessed.
public struct AllowingEdits: Sendable, Hashable {
  /// The edits, in words of the manifests.
  public let words: [String]
  /// The direction that they open; where both directions deny, one plan of each is needed.
  public let direction: Direction
  /// The same to paste, as YAML; nil where an edited rule is not there.
  public let yaml: String?
  /// True where a default deny is edited, or a policy of pods that are not of the question.
  public let concernsOthers: Bool
  /// The number of pods whose policies or labels are edited.
  public let touchedPods: Int
  /// The edits of the plan.
  public let edits: [PolicyEdit]
  /// The other effects of the edits. Nil where the cluster is too large to compare for each plan.
  public let effects: EditEffects?

  /// Edits of a default deny or of policies of other pods last; then the least that is allowed besides first, then the least
  /// that is denied, then the fewest pods touched, then the fewest edits.
  static func inReportOrder(_ left: AllowingEdits, _ right: AllowingEdits) -> Bool {
    if left.concernsOthers != right.concernsOthers { return right.concernsOthers }
    if left.measure != right.measure { return left.measure < right.measure }
    if left.touchedPods != right.touchedPods { return left.touchedPods < right.touchedPods }
    return left.edits.count < right.edits.count
  }

  private var measure: (UInt128, UInt128, Int) {
    effects.map { ($0.allowed.total, $0.denied.total, $0.excess) } ?? (0, 0, 0)
  }
}
