import Addresses
import Diagnostics
import PolicyModel
import Reachability

extension LintRule {
  static let coverageRules: [LintRule] = [
    LintRule(
      "rule-covered", "a rule allows nothing that others do not",
      """
      For every pod that the policy selects, the other rules together, of this policy and of others, already allow all
      that this rule allows. It can go without changing anything; or it was meant to say something else. Worked out
      exactly from the sets of traffic, so a rule that is covered only by several others together is found too.
      """
    ) { context in
      let rules = context.cluster.policies.reduce(0) { $0 + $1.ingress.count + $1.egress.count }
      // Each rule costs an analysis of its namespace's pods.
      guard rules * max(1, context.cluster.pods.count) <= 20_000_000 else {
        let words =
          "not worked out for \(rules) rules and \(context.cluster.pods.count) pods at once: give one namespace at a time"
        return [LintFinding(nil, at: nil, words)]
      }
      let store = DiagramStore()
      let whole = Specification(context.cluster, in: store)
      return context.cluster.policies.enumerated().flatMap { index, policy -> [LintFinding] in
        let selected = context.selected[index]
        guard !selected.isEmpty else { return [] }
        return Direction.allCases.flatMap { direction in
          policy.effectiveRules(direction).enumerated().compactMap { place, rule -> LintFinding? in
            let lacking = context.cluster.replacing(index, by: policy.without(place, of: direction))
            let subjects = Set(selected.map { context.cluster.pods[$0].name })
            let rest = Specification(lacking, in: store) {
              $0.namespace == policy.id.namespace && subjects.contains($0.name)
            }
            let covered = selected.allSatisfy { pod in
              let (before, after) = (
                whole.profile(ofPod: pod, direction), rest.profile(ofPod: pod, direction)
              )
              return before.ipv4 == after.ipv4 && before.ipv6 == after.ipv6
            }
            guard covered, !rule.allowsNobody(in: context, policy) else { return nil }
            return LintFinding(policy, at: rule.origin, "other rules already allow all that this one does")
          }
        }
      }
    },
    LintRule(
      "duplicate-policy", "two policies of one content",
      "Both select the same pods and allow the same. One of them can go; whoever edits one will forget the other."
    ) { context in
      var seen: [String: [NetworkPolicy]] = [:]
      return context.cluster.policies.compactMap { policy in
        defer { seen[policy.id.namespace, default: []].append(policy) }
        guard let twin = seen[policy.id.namespace]?.first(where: { $0.hasContent(of: policy) }) else {
          return nil
        }
        return LintFinding(
          policy, at: policy.origin, "says the same as \(twin.id)",
          notes: [.init("\(twin.id) is here", at: twin.origin.location)])
      }
    },
  ]
}

extension Cluster {
  func replacing(_ index: Int, by policy: NetworkPolicy) -> Cluster {
    var policies = policies
    policies[index] = policy
    return Cluster(policies: policies, namespaces: namespaces, pods: pods, nodes: nodes, omitted: omitted)
  }
}

extension NetworkPolicy {
  /// The policy without one rule; it isolates as before.
  func without(_ place: Int, of direction: Direction) -> NetworkPolicy {
    var (ingress, egress) = (ingress, egress)
    if direction == .ingress { ingress.remove(at: place) } else { egress.remove(at: place) }
    return NetworkPolicy(
      id: id, podSelector: podSelector, policyTypes: Array(isolates), ingress: ingress, egress: egress,
      annotations: annotations, origin: origin, origins: origins)
  }
}

extension PolicyRule {
  /// Whether its peers match nobody or its port names nothing: other rules of lint say so.
  fileprivate func allowsNobody(in context: LintContext, _ policy: NetworkPolicy) -> Bool {
    let peerless =
      peers != .everything
      && peers.entries.allSatisfy { peer in
        switch peer.kind {
        case .ipBlock(let block):
          IntervalSet(block.cidr.interval).subtracting(IntervalSet(block.except.map(\.interval))).isEmpty
        case .pods: context.pods(of: peer, policy).isEmpty
        }
      }
    let onlyNames =
      ports != .everything
      && ports.entries.allSatisfy { if case .named = $0.ports { true } else { false } }
    return peerless || onlyNames
  }
}
