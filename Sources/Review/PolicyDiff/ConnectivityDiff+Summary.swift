import Wording

extension ConnectivityDiff {
  /// The line that stands first.
  public var summary: String {
    let unchanged = "\(comparedPods - changedPods) of \(Counting.of(comparedPods, "pod")) unchanged"
    if isEquivalent {
      return policiesDiffer
        ? "equivalent: the policies differ in their text only; \(unchanged)"
        : "same: no policy differs; \(unchanged)"
    }
    var words = ["\(count(.widened)) widened", "\(count(.narrowed)) narrowed"]
    if count(.changed) > 0 { words.insert("\(count(.changed)) changed both ways", at: 1) }
    words.append(unchanged)
    return words.joined(separator: ", ")
  }
}
