/// Selectors by one condition of each, to find those that match a set of labels without asking all.
public struct SelectorIndex: Sendable {
  private let selectors: [LabelSelector]
  /// Selectors with a condition on the value of a label, by each of the values.
  private var ofPair: [Labels.Pair: [Int]] = [:]
  /// Selectors that want a label of any value.
  private var ofKey: [String: [Int]] = [:]
  /// Selectors that labels may match without having any of those.
  private var others: [Int] = []

  /// Sorts selectors by their conditions. O(n) in these.
  public init(_ selectors: [LabelSelector]) {
    self.selectors = selectors
    for (place, selector) in selectors.enumerated() {
      let requirements = selector.requirements
      var best: Int?
      for index in requirements.indices where requirements[index].relation == .isIn {
        if let best, requirements[best].values.count <= requirements[index].values.count { continue }
        best = index
      }
      if let best {
        let key = requirements[best].key
        for value in requirements[best].values { ofPair[Labels.Pair(key, value), default: []].append(place) }
      } else if let key = requirements.first(where: { $0.relation == .exists })?.key {
        ofKey[key, default: []].append(place)
      } else {
        others.append(place)
      }
    }
  }

  /// The places of the selectors that match a set of labels, ascending. O(selectors that want one of its labels, and of those
  /// that want none).
  public func matching(_ labels: Labels) -> [Int] {
    var found = others
    for pair in labels.pairs {
      if let places = ofPair[pair] { found += places }
      if let places = ofKey[pair.key] { found += places }
    }
    // A selector is in the list of one condition, of which the labels have one value.
    return found.filter { selectors[$0].matches(labels) }.sorted()
  }
}
