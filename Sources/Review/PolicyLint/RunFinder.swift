import PolicyModel

/// Finds runs of pods by selectors, each question once.
final class RunFinder {
  private let cluster: Cluster
  private var ofNamespace: [String: [Int]] = [:]
  private var withLabel: [Labels.Pair: [Int]] = [:]
  private var known: [Question: [Int]] = [:]
  private var namespaces: NamespaceIndex
  private var knownNamespaces: [LabelSelector: [String]] = [:]

  private struct Question: Hashable {
    /// The namespace that is meant by `own`.
    let namespace: String
    let scope: NamespaceScope
    let selector: LabelSelector
  }

  init(_ cluster: Cluster) {
    self.cluster = cluster
    namespaces = NamespaceIndex([String](), of: cluster)
    for (place, run) in cluster.podRuns.enumerated() {
      ofNamespace[cluster.pods[run.lowerBound].namespace, default: []].append(place)
      for label in cluster.pods[run.lowerBound].labels.pairs { withLabel[label, default: []].append(place) }
    }
    namespaces = NamespaceIndex(ofNamespace.keys, of: cluster)
  }

  func runs(_ scope: NamespaceScope, _ selector: LabelSelector, of namespace: String) -> [Int] {
    let question = Question(namespace: scope == .own ? namespace : "", scope: scope, selector: selector)
    if let known = known[question] { return known }
    let result = find(scope, selector, of: namespace)
    known[question] = result
    return result
  }

  private func find(_ scope: NamespaceScope, _ selector: LabelSelector, of namespace: String) -> [Int] {
    let namespaces =
      switch scope {
      case .own: [namespace]
      case .matching(let selector): self.namespaces(matching: selector)
      }
    let count = namespaces.reduce(0) { $0 + (ofNamespace[$1]?.count ?? 0) }
    // The rarest label that the pods must have, where that leaves fewer to look at.
    let rare = selector.requirements.lazy.filter { $0.relation == .isIn && $0.values.count == 1 }
      .map { self.withLabel[Labels.Pair($0.key, $0.values[0])] ?? [] }.min { $0.count < $1.count }
    let wanted = Set(namespaces)
    func isMatched(_ run: Int) -> Bool {
      let pod = cluster.podRuns[run].lowerBound
      if cluster.pods[pod].claimants.isEmpty {
        return wanted.contains(cluster.pods[pod].namespace) && selector.matches(cluster.pods[pod].labels)
      }
      return cluster.pods[pod].claimants.allSatisfy {
        wanted.contains($0.namespace) && selector.matches($0.labels)
      }
    }
    if let rare, rare.count < count { return rare.filter(isMatched) }
    let candidates =
      namespaces.count == 1
      ? ofNamespace[namespaces[0]] ?? [] : namespaces.flatMap { ofNamespace[$0] ?? [] }.sorted()
    return candidates.filter(isMatched)
  }

  private func namespaces(matching selector: LabelSelector) -> [String] {
    if let known = knownNamespaces[selector] { return known }
    let result = namespaces.matching(selector)
    knownNamespaces[selector] = result
    return result
  }
}
