/// Edits that together let a denied connection pass; tried on the model, not guessed.
public struct AllowingEdits: Sendable, Hashable {
  /// The edits, in words of the manifests.
  public let words: [String]
  /// The edits of the plan.
  public let edits: [PolicyEdit]
  /// The other effects of the edits. Nil where the cluster is too large to compare for each plan.
  public let effects: EditEffects?

  /// The least that is allowed besides first, then the least that is denied, then the fewest edits.
  static func inReportOrder(_ left: AllowingEdits, _ right: AllowingEdits) -> Bool {
    if left.measure != right.measure { return left.measure < right.measure }
    return left.edits.count < right.edits.count
  }

  private var measure: (UInt128, UInt128, Int) {
    effects.map { ($0.allowed.total, $0.denied.total, $0.excess) } ?? (0, 0, 0)
  }
}
