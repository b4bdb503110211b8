/// Sets of labels by what they carry, to find those that a selector matches without asking all.
public struct LabelIndex: Sendable {
  private let sets: [Labels]
  private var ofPair: [Labels.Pair: [Int]] = [:]
  private var ofKey: [String: [Int]] = [:]

  /// Sorts sets of labels by their labels. O(n) in all labels.
  public init(_ sets: [Labels]) {
    self.sets = sets
    for (place, labels) in sets.enumerated() {
      for pair in labels.pairs {
        ofPair[pair, default: []].append(place)
        ofKey[pair.key, default: []].append(place)
      }
    }
  }

  /// The places of the sets that a selector matches, ascending. O(sets that meet the rarest of its conditions that asks for a
  /// label), and O(n) where none does.
  public func matching(_ selector: LabelSelector) -> [Int] {
    var fewest: [Int]?
    for requirement in selector.requirements {
      guard let places = places(requirement) else { continue }
      if fewest.map({ places.count < $0.count }) ?? true { fewest = places }
    }
    guard let fewest else { return sets.indices.filter { selector.matches(sets[$0]) } }
    return fewest.filter { selector.matches(sets[$0]) }
  }

  /// The places of the sets that meet a condition; nil for one that sets without the label meet.
  private func places(_ requirement: LabelSelector.Requirement) -> [Int]? {
    switch requirement.relation {
    case .exists: ofKey[requirement.key] ?? []
    case .isIn where requirement.values.count == 1:
      ofPair[Labels.Pair(requirement.key, requirement.values[0])] ?? []
    case .isIn:
      // A set has one value of a key, so that none comes twice.
      requirement.values.flatMap { ofPair[Labels.Pair(requirement.key, $0)] ?? [] }.sorted()
    case .notIn, .doesNotExist: nil
    }
  }
}

/// The names and labels of namespaces, to find those that a `namespaceSelector` matches.
public struct NamespaceIndex: Sendable {
  private let names: [String]
  private let index: LabelIndex

  /// An index of some namespaces of a cluster.
  ///
  /// - Parameters:
  ///   - names: the namespaces, each once.
  ///   - cluster: the cluster that has their labels.
  public init(_ names: some Sequence<String>, of cluster: Cluster) {
    self.names = names.sorted()
    index = LabelIndex(self.names.map { cluster.labels(ofNamespace: $0) })
  }

  /// The namespaces whose labels a selector matches, ascending; `{}` is all of them.
  public func matching(_ selector: LabelSelector) -> [String] {
    selector.isEverything ? names : index.matching(selector).map { names[$0] }
  }
}
