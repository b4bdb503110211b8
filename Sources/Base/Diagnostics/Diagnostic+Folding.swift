extension Diagnostic {
  /// Of findings that are alike so many are shown, if there are many more.
  private static let mostAlike = 5

  /// Findings in their order; of many of one severity and id only the first ones. O(n).
  ///
  /// - Parameter findings: all of them.
  /// - Returns: those to show, each with the number of others that are like it and are not shown: it stands at the last one
  ///   that is shown, and is 0 elsewhere.
  public static func folded(_ findings: [Diagnostic]) -> [(finding: Diagnostic, others: Int)] {
    struct Kind: Hashable {
      let severity: Severity
      let id: String
    }
    var counts: [Kind: Int] = [:]
    for one in findings { counts[Kind(severity: one.severity, id: one.id), default: 0] += 1 }
    var shown: [Kind: Int] = [:]
    var result: [(finding: Diagnostic, others: Int)] = []
    for one in findings {
      let kind = Kind(severity: one.severity, id: one.id)
      let count = counts[kind] ?? 0
      // Leaving out a few is not worth a line.
      let limit = count > mostAlike * 2 ? mostAlike : count
      let place = shown[kind, default: 0] + 1
      shown[kind] = place
      if place <= limit { result.append((one, place == limit ? count - limit : 0)) }
    }
    return result
  }
}
