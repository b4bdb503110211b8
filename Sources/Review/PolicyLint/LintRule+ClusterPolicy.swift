import Diagnostics
import KubernetesManifests
import PolicyModel
import PolicyTrace
import Reachability

extension LintRule {
  /// Rules about ClusterNetworkPolicy and its earlier kinds.
  static let clusterPolicyRules: [LintRule] = [
    LintRule(
      "cluster-rule-without-effect", "a rule of a ClusterNetworkPolicy decides nothing",
      """
      No traffic of the pods of today comes as far as this rule and matches it: rules before it, of this policy or of one with
      a lower priority number, decide all that it matches (a Pass does so too, for its tier), or an earlier tier does; or it
      matches nothing. Pods to come may be others. Rules are asked in order, and the first that matches decides: move it up,
      give the policy a lower number, or remove it where pods to come do not need it.
      """
    ) { context in
      context.coveredClusterRules(isReached: false) { rule in
        let verb =
          switch rule.action {
          case .accept: "accepts nothing"
          case .deny: "denies nothing"
          case .pass: "passes nothing on"
          }
        return "\(verb): it matches nothing that rules before it leave, for the pods of today"
      }
    },
    LintRule(
      "cluster-rule-agrees", .note, "a rule of a ClusterNetworkPolicy says what would hold without it",
      """
      Traffic meets this rule, and what comes behind it (the rest of the tier, NetworkPolicy, the Baseline tier, or nothing)
      decides the same for the pods of today. That may be the purpose: an Accept of the Admin tier holds against policies and
      pods to come. It can go where they need not be kept from deciding otherwise.
      """
    ) { context in
      context.coveredClusterRules(isReached: true) { rule in
        let words =
          switch rule.action {
          case .accept: "accepts nothing that would be denied without it"
          case .deny: "denies nothing that would be allowed without it"
          case .pass: "passes nothing on that would be decided otherwise without it"
          }
        return "\(words), for the pods and policies of today"
      }
    },
    LintRule(
      "port-names-at-networks", "a port name beside networks in a ClusterNetworkPolicy",
      """
      Only pods have names for their ports: at the addresses of networks the name matches nothing. Servers with the
      experimental channel's definitions refuse such a rule, those with the standard channel's store it.
      """
    ) { context in
      context.readerFindings.filter { $0.id == "names-without-pods" }.map { finding in
        LintFinding(nil, at: finding.location.map { Origin($0, field: finding.field) }, finding.message)
      }
    },
    LintRule(
      "cluster-policy-selects-no-pod", "a ClusterNetworkPolicy has no subjects",
      """
      No pod of the inventory is in a namespace and has labels that the subject asks for: none of the policy's rules has
      an effect. Pods of the host's network are never subjects.
      """
    ) { context in
      context.clusterPolicies.filter { context.subjects(of: $0).isEmpty }.map { policy in
        LintFinding(nil, at: policy.subjectsOrigin, "\(policy.id.words) selects no pod")
      }
    },
    LintRule(
      "baseline-unreached", "a policy of the Baseline tier that nothing reaches",
      """
      Every pod that the policy selects is isolated by a NetworkPolicy in this direction, and NetworkPolicy decides finally
      about the pods that it isolates: the Baseline tier is never asked about them.
      """
    ) { context in
      context.clusterPolicies.filter { $0.tier == .baseline }.flatMap { policy in
        policy.directions.compactMap { direction -> LintFinding? in
          let subjects = context.subjects(of: policy)
          guard !subjects.isEmpty else { return nil }
          let isolating = context.isolating(direction)
          guard subjects.allSatisfy({ !isolating[$0].isEmpty }) else { return nil }
          return LintFinding(
            nil, at: policy.rules(direction)?.first?.origin ?? policy.origin,
            "NetworkPolicy isolates every pod of \(policy.id.words) for \(direction.rawValue.lowercased()), so the Baseline tier is not asked"
          )
        }
      }
    },
    LintRule(
      "priority-tie", "two ClusterNetworkPolicies of one priority contradict each other",
      """
      Both are of one tier and one priority, select a pod in common, and have rules for the same traffic with different
      effects. The API leaves it to the enforcer which of them is asked first: netpolc asks the one whose name comes first,
      another enforcer may not. Give them different priorities.
      """
    ) { context in
      guard context.hasClusterPolicies else { return [] }
      let ordered = context.clusterPolicies.sorted {
        ($0.tier, $0.priority, $0.id) < ($1.tier, $1.priority, $1.id)
      }
      return zip(ordered.indices, ordered).flatMap { place, policy -> [LintFinding] in
        ordered[(place + 1)...].prefix { $0.tier == policy.tier && $0.priority == policy.priority }
          .filter { context.order(of: policy, and: $0, mattersIn: ordered) }
          .map { other in
            LintFinding(
              nil, at: other.origin,
              "\(other.id.words) and \(policy.id.words) have the priority \(policy.priority) and decide the same traffic differently: which of them counts depends on their names",
              notes: [.init("\(policy.id.words) is here", at: policy.origin.location)])
          }
      }
    },
  ]
}

extension LintContext {
  /// The policies of every kind but NetworkPolicy.
  var clusterPolicies: [Policy] { cluster.policies.filter { $0.id.kind != .networkPolicy } }

  /// True where there is a policy of another kind than NetworkPolicy.
  var hasClusterPolicies: Bool { cluster.policies.contains { $0.id.kind != .networkPolicy } }

  /// Findings about rules of policies of the cluster that decide nothing that others do not.
  ///
  /// - Parameters:
  ///   - isReached: whether they are those that some traffic meets, or those that none does.
  ///   - words: the finding about a rule, behind its name.
  /// - Returns: a finding a rule, in the order of policies.
  fileprivate func coveredClusterRules(isReached: Bool, _ words: (PolicyRule) -> String) -> [LintFinding] {
    guard hasClusterPolicies else { return [] }
    return coveredRules.compactMap { covered in
      let policy = cluster.policies[covered.policy]
      guard policy.id.kind != .networkPolicy, self.isReached(covered) == isReached,
        let rule = policy.rules(covered.direction)?[covered.place]
      else { return nil }
      let name = rule.name.map { " \"\($0)\"" } ?? ""
      return LintFinding(nil, at: rule.origin, "rule\(name) \(words(rule))")
    }
  }

  /// True where a pod is allowed something else when two policies of one priority are asked in the other order.
  fileprivate func order(of first: Policy, and second: Policy, mattersIn ordered: [Policy]) -> Bool {
    let common = Set(subjects(of: first)).intersection(subjects(of: second)).sorted()
    guard !common.isEmpty, first.directions.contains(where: second.directions.contains) else { return false }
    func meaning(_ policies: [Policy], _ store: DiagramStore) -> Specification {
      let others = cluster.policies.filter { $0.id.kind == .networkPolicy }
      let ranked = policies.enumerated().map { $1.with(priority: $0) }
      return Specification(
        Cluster(
          policies: others + ranked, namespaces: cluster.namespaces, pods: cluster.pods, nodes: cluster.nodes),
        in: store
      ) { _ in true }
    }
    var swapped = ordered.filter { $0.id != second.id }
    guard let place = swapped.firstIndex(where: { $0.id == first.id }) else { return false }
    swapped.insert(second, at: place)
    let store = DiagramStore()
    let (before, after) = (meaning(ordered, store), meaning(swapped, store))
    return common.contains { run in
      let pod = cluster.podRuns[run].lowerBound
      return Direction.allCases.contains { direction in
        let (old, new) = (before.profile(ofPod: pod, direction), after.profile(ofPod: pod, direction))
        return old.ipv4 != new.ipv4 || old.ipv6 != new.ipv6
      }
    }
  }
}

extension Policy {
  /// The policy with another priority.
  fileprivate func with(priority: Int) -> Policy {
    Policy(
      id: id, tier: tier, priority: priority, subjects: subjects, ingress: ingress, egress: egress,
      subjectsOrigin: subjectsOrigin, origin: origin)
  }
}
