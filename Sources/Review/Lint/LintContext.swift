import Addresses
import Diagnostics
import PolicyModel
import Reachability

/// What rules look at: the policies, the pods they select, and what the reader said.
struct LintContext {
  let cluster: Cluster
  let contents: ManifestContents
  let readerFindings: [Diagnostic]
  /// The pods of each policy, as indices of `Cluster.pods`; in the order of `Cluster.policies`.
  let selected: [[Int]]
  let podsOf: [String: [Int]]

  init(_ cluster: Cluster, _ contents: ManifestContents, readerFindings: [Diagnostic]) {
    self.cluster = cluster
    self.contents = contents
    self.readerFindings = readerFindings
    let podsOf = Dictionary(grouping: cluster.pods.indices) { cluster.pods[$0].namespace }
    self.podsOf = podsOf
    selected = cluster.policies.map { policy in
      (podsOf[policy.id.namespace] ?? []).filter { policy.podSelector.matches(cluster.pods[$0].labels) }
    }
  }

  /// Every policy with the pods it selects.
  var policies: [(policy: NetworkPolicy, pods: [Pod])] {
    zip(cluster.policies, selected).map { ($0, $1.map { cluster.pods[$0] }) }
  }

  /// A finding for each rule of each policy for which `body` has one.
  func eachRule(
    _ body: (NetworkPolicy, Direction, PolicyRule) -> [LintFinding]
  ) -> [LintFinding] {
    cluster.policies.flatMap { policy in
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
  func pods(of peer: Peer, _ policy: NetworkPolicy) -> [Pod] {
    guard case .pods(let scope, let selector) = peer.kind else { return [] }
    let candidates: [Int]
    switch scope {
    case .own: candidates = podsOf[policy.id.namespace] ?? []
    case .matching(let namespaces):
      candidates = podsOf.keys.filter { namespaces.matches(cluster.labels(ofNamespace: $0)) }
        .flatMap { podsOf[$0] ?? [] }
    }
    // Matched first, for a copy of a pod costs more than a look at its labels.
    return candidates.filter { selector.matches(cluster.pods[$0].labels) }.map { cluster.pods[$0] }
  }
}

extension NetworkPolicy {
  /// Where its pod selector was written, or the policy itself.
  var selectorOrigin: Origin { origins["spec.podSelector"] ?? origins["spec"] ?? origin }
}
