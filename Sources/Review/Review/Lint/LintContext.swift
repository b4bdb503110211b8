import Addresses
import Diagnostics
import KubernetesManifests
import PolicyModel
import Reachability

/// What rules look at: the policies, the pods they select, and what the reader said.
///
/// Pods are told as places in `Cluster.podRuns`, ascending: what no selector can tell apart is looked at once.
struct LintContext {
  let cluster: Cluster
  let contents: ManifestContents
  let readerFindings: [Diagnostic]
  /// The NetworkPolicy objects that took effect, in the order of `Cluster.policies`.
  let written: [NetworkPolicy]
  /// The pods of each of `written`.
  let selected: [[Int]]
  private let finder: RunFinder

  init(
    _ cluster: Cluster, _ contents: ManifestContents, _ networkPolicies: [NetworkPolicy],
    readerFindings: [Diagnostic]
  ) {
    self.cluster = cluster
    // Two of one name are an error; of one place that was read twice, either will do.
    let byName = Dictionary(networkPolicies.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    written = cluster.policies.compactMap { byName[$0.id] }
    self.contents = contents
    self.readerFindings = readerFindings
    let finder = RunFinder(cluster)
    self.finder = finder
    selected = written.map { finder.runs(.own, $0.podSelector, of: $0.namespace) }
  }

  /// Every NetworkPolicy with the pods it selects.
  var policies: some Sequence<(policy: NetworkPolicy, runs: [Int])> {
    zip(written, selected).lazy.map { (policy: $0, runs: $1) }
  }

  /// For each run of pods the policies that isolate it in a direction, as ascending indices of `written`.
  func isolating(_ direction: Direction) -> [[Int]] {
    var result: [[Int]] = Array(repeating: [], count: cluster.podRuns.count)
    for policy in written.indices where written[policy].isolates.contains(direction) {
      for run in selected[policy] { result[run].append(policy) }
    }
    return result
  }

  /// A finding for each rule of each policy for which `body` has one.
  func eachRule(
    _ body: (NetworkPolicy, Direction, PolicyRule) -> [LintFinding]
  ) -> [LintFinding] {
    written.flatMap { policy in
      Direction.allCases.flatMap { direction in
        policy.effectiveRules(direction).flatMap { body(policy, direction, $0) }
      }
    }
  }

  /// A finding for each peer for which `body` has one.
  func eachPeer(_ body: (NetworkPolicy, Direction, Peer) -> String?) -> [LintFinding] {
    eachRule { policy, direction, rule in
      rule.peers.entries.compactMap { peer in
        body(policy, direction, peer).map { LintFinding(policy, at: peer.origin, $0) }
      }
    }
  }

  /// The pods that a peer's selectors match.
  func runs(of peer: Peer, _ policy: NetworkPolicy) -> [Int] {
    guard case .pods(let scope, let selector) = peer.kind else { return [] }
    return finder.runs(scope, selector, of: policy.namespace)
  }

  /// The pods of a namespace.
  func runs(ofNamespace name: String) -> [Int] { finder.runs(.own, LabelSelector(), of: name) }

  /// The pods of runs, as indices of `Cluster.pods`.
  func pods(in runs: [Int]) -> some Collection<Int> {
    runs.lazy.flatMap { cluster.podRuns[$0] }
  }
}

/// Finds runs of pods by selectors, each question once.
private final class RunFinder {
  private let cluster: Cluster
  private var ofNamespace: [String: [Int]] = [:]
  private var withLabel: [Labels.Pair: [Int]] = [:]
  private var known: [Question: [Int]] = [:]
  private var knownNamespaces: [LabelSelector: [String]] = [:]

  private struct Question: Hashable {
    /// The namespace that is meant by `own`.
    let namespace: String
    let scope: NamespaceScope
    let selector: LabelSelector
  }

  init(_ cluster: Cluster) {
    self.cluster = cluster
    for (place, run) in cluster.podRuns.enumerated() {
      ofNamespace[cluster.pods[run.lowerBound].namespace, default: []].append(place)
      for label in cluster.pods[run.lowerBound].labels.pairs { withLabel[label, default: []].append(place) }
    }
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
    if let rare, rare.count < count {
      let wanted = Set(namespaces)
      return rare.filter { run in
        let pod = cluster.podRuns[run].lowerBound
        return wanted.contains(cluster.pods[pod].namespace) && selector.matches(cluster.pods[pod].labels)
      }
    }
    let candidates =
      namespaces.count == 1
      ? ofNamespace[namespaces[0]] ?? [] : namespaces.flatMap { ofNamespace[$0] ?? [] }.sorted()
    if selector.isEverything { return candidates }
    return candidates.filter { selector.matches(cluster.pods[cluster.podRuns[$0].lowerBound].labels) }
  }

  private func namespaces(matching selector: LabelSelector) -> [String] {
    if let known = knownNamespaces[selector] { return known }
    let result = ofNamespace.keys.filter { selector.matches(cluster.labels(ofNamespace: $0)) }
    knownNamespaces[selector] = result
    return result
  }
}

extension NetworkPolicy {
  /// Where its pod selector was written, or the policy itself.
  var selectorOrigin: Origin { origins["spec.podSelector"] ?? origins["spec"] ?? origin }
}
