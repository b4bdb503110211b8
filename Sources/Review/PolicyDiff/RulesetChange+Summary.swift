import Wording

extension RulesetChange {
  /// `1 chain, 2 sets changed`.
  public var summary: String {
    ["chain", "map", "set"].compactMap { kind in
      let count = parts.count { $0.kind == kind }
      return count == 0 ? nil : Counting.of(count, kind)
    }.joined(separator: ", ")
  }
}

extension RulesetChange.Part {
  /// `changed, 2 rules more, 1 less`.
  public var words: String {
    let noun = kind == "chain" ? "rule" : "element"
    switch fate {
    case .added: return "added, \(Counting.of(added, noun))"
    case .removed: return "removed, \(Counting.of(removed, noun))"
    case .changed: return "changed, \(Counting.of(added, noun)) in, \(removed) out"
    }
  }
}
