import Addresses
import Diagnostics
import KubernetesManifests
import PolicyModel
import Reachability

/// The input of rules: the policies, the pods they select, and the reader's findings.
///
/// Pods are given as places in `Cluster.podRuns`, ascending: what no selector can distinguish is looked at once.
struct LintContext {
  let cluster: Cluster
  let contents: ManifestContents
  let readerFindings: [Diagnostic]
  /// The treatment of what pods send to their own node.
  let podToNode: EnforcementModes.PodToNode
  /// The check of the sources that pods write into their packets; nil: it is not asked about.
  let sourceCheck: EnforcementModes.SourceCheck?
  /// The NetworkPolicy objects that took effect, in the order of `Cluster.policies`.
  let written: [NetworkPolicy]
  /// The pods of each of `written`.
  let selected: [[Int]]
  /// The place of each of `written`.
  private let places: [PolicyID: Int]
  private let finder: RunFinder
  private let lazyMeaning: LazyMeaning
  private let namespaces: NamespaceIndex

  /// The meaning of the policies, worked out when a rule asks for it.
  var meaning: Specification { lazyMeaning.value }

  /// The rules that decide nothing that others do not, worked out when a rule asks for them.
  var coveredRules: [RuleCoverage.Rule] { lazyMeaning.coverage.rules }

  /// True where some traffic of the pods of today meets a rule, and rules before it do not decide it all.
  func isReached(_ rule: RuleCoverage.Rule) -> Bool { lazyMeaning.coverage.coverage.isReached(rule) }

  /// The pods that a policy of the cluster selects, as places in `Cluster.podRuns`; worked out once.
  func subjects(of policy: Policy) -> [Int] { lazyMeaning.subjects(of: policy) }

  private final class LazyMeaning {
    private let cluster: Cluster
    private var subjects: [PolicyID: [Int]] = [:]
    private lazy var policies = GroupedPolicies(cluster)
    lazy var value = Specification(policies)
    lazy var coverage: (coverage: RuleCoverage, rules: [RuleCoverage.Rule]) = {
      var coverage = RuleCoverage(policies)
      let rules = coverage.coveredRules()
      return (coverage, rules)
    }()
    init(_ cluster: Cluster) { self.cluster = cluster }

    func subjects(of policy: Policy) -> [Int] {
      if let known = subjects[policy.id] { return known }
      guard case .matching(let namespaces) = policy.subjects.namespaces else { return [] }
      let found = cluster.podRuns.indices.filter { run in
        let pod = cluster.pods[cluster.podRuns[run].lowerBound]
        return policy.subjects.pods.matches(pod.labels)
          && namespaces.matches(cluster.labels(ofNamespace: pod.namespace))
      }
      subjects[policy.id] = found
      return found
    }
  }

  init(
    _ cluster: Cluster, _ contents: ManifestContents, _ networkPolicies: [NetworkPolicy],
    readerFindings: [Diagnostic], podToNode: EnforcementModes.PodToNode,
    sourceCheck: EnforcementModes.SourceCheck?
  ) {
    self.cluster = cluster
    namespaces = NamespaceIndex(cluster.namespaces.keys, of: cluster)
    (self.podToNode, self.sourceCheck) = (podToNode, sourceCheck)
    lazyMeaning = LazyMeaning(cluster)
    // Two of one name are an error; of one place that was read twice, either will do.
    let byName = Dictionary(networkPolicies.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    written = cluster.policies.compactMap { byName[$0.id] }
    self.contents = contents
    self.readerFindings = readerFindings
    let finder = RunFinder(cluster)
    self.finder = finder
    selected = written.map { finder.runs(.own, $0.podSelector, of: $0.namespace) }
    places = Dictionary(
      written.enumerated().map { ($0.element.id, $0.offset) }, uniquingKeysWith: { first, _ in first })
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

  /// True where a selector matches a namespace of the inventory or of the policies. O(namespaces that meet the rarest of its
  /// conditions).
  func hasNamespace(_ selector: LabelSelector) -> Bool { !namespaces.matching(selector).isEmpty }

  /// The pods that a peer's selectors match.
  func runs(of peer: Peer, _ policy: NetworkPolicy) -> [Int] {
    guard case .pods(let scope, let selector) = peer.kind else { return [] }
    return finder.runs(scope, selector, of: policy.namespace)
  }

  /// The NetworkPolicy object of an id; nil for one that did not take effect. O(1).
  func policy(_ id: PolicyID) -> NetworkPolicy? { places[id].map { written[$0] } }

  /// The pods that a policy selects; nil for one that did not take effect. O(1).
  func runs(ofSubjectsOf policy: NetworkPolicy) -> [Int]? { places[policy.id].map { selected[$0] } }

  /// True where pods of a namespace were read that are no endpoints: on the host network, or finished.
  func hasOmitted(_ namespace: String) -> Bool {
    contents.pods.contains { $0.namespace == namespace }
      || contents.workloads.contains { $0.namespace == namespace }
  }

  /// The pods of a namespace.
  func runs(ofNamespace name: String) -> [Int] { finder.runs(.own, LabelSelector(), of: name) }

  /// The pods of runs, as indices of `Cluster.pods`.
  func pods(in runs: [Int]) -> some Collection<Int> {
    runs.lazy.flatMap { cluster.podRuns[$0] }
  }
}

extension NetworkPolicy {
  /// Where its pod selector was written, or the policy itself.
  var selectorOrigin: Origin { origins["spec.podSelector"] ?? origins["spec"] ?? origin }
}
