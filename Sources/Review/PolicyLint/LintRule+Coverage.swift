import Addresses
import Diagnostics
import KubernetesManifests
import PolicyModel
import Reachability

extension LintRule {
  static let coverageRules: [LintRule] = [
    LintRule(
      "rule-covered", "a rule allows nothing that others do not",
      """
      For every pod that the policy selects, the other rules together, of this policy and of others, already allow all
      that this rule allows. It can go; or it was meant to say something else. Worked out exactly from the sets of
      traffic, so a rule that is covered only by several others together is found too. Where the message says so, this
      is true of the pods of today only: to pods to come the rule may open more, and may be a hole. Rules of the Admin
      tier count among the others, also those that deny: what they decide is never asked of a NetworkPolicy.
      """, needsPods: true
    ) { context in
      let lasting = LastingCoverage(context.written)
      return context.coveredRules.compactMap { covered -> LintFinding? in
        let id = context.cluster.policies[covered.policy].id
        guard let policy = context.policy(id) else { return nil }
        let rule = policy.effectiveRules(covered.direction)[covered.place]
        guard !rule.allowsNobody(in: context, policy) else { return nil }
        let words: String
        if !context.isReached(covered) {
          words =
            "for the pods of today the Admin tier decides all that this rule allows; it may open more to pods to come"
        } else if lasting.covers(policy, covered.direction, covered.place) {
          words = "other rules already allow all that this one does"
        } else {
          let decide = context.hasClusterPolicies ? "allow, or deny before it," : "already allow"
          words =
            "for the pods of today other rules \(decide) all that this one does; it may open more to pods to come"
        }
        return LintFinding(policy, at: rule.origin, words)
      }
    },
    LintRule(
      "duplicate-policy", "two policies of one content",
      "Both select the same pods and allow the same. One of them can go; it is easy to edit one and forget the other."
    ) { context in
      var seen: [NetworkPolicy.Content: NetworkPolicy] = [:]
      return context.written.compactMap { policy in
        let content = NetworkPolicy.Content(policy)
        guard let twin = seen[content] else {
          seen[content] = policy
          return nil
        }
        return LintFinding(
          policy, at: policy.origin, "says the same as \(twin.id)",
          notes: [.init("\(twin.id) is here", at: twin.origin.location)])
      }
    },
  ]
}

extension PolicyRule {
  /// True where its peers or its port names match nothing: other rules of lint report that.
  fileprivate func allowsNobody(in context: LintContext, _ policy: NetworkPolicy) -> Bool {
    let peerless =
      peers != .everything
      && peers.entries.allSatisfy { peer in
        switch peer.kind {
        case .ipBlock(let block):
          IntervalSet(block.cidr.interval).subtracting(IntervalSet(block.except.map(\.interval))).isEmpty
        case .pods: context.runs(of: peer, policy).isEmpty
        }
      }
    let onlyNames =
      ports != .everything
      && ports.entries.allSatisfy { $0.ports.name != nil }
    return peerless || onlyNames
  }
}

extension NetworkPolicy {
  /// The pods that a policy selects and what it allows, by the words of the policy, whatever its name.
  fileprivate struct Content: Hashable {
    let namespace: String
    let podSelector: LabelSelector
    let isolates: Set<Direction>
    let ingress: [PolicyRule.Content]
    let egress: [PolicyRule.Content]

    init(_ policy: NetworkPolicy) {
      (namespace, podSelector, isolates) = (policy.namespace, policy.podSelector, policy.isolates)
      (ingress, egress) = (policy.ingress.map(\.content), policy.egress.map(\.content))
    }
  }
}
