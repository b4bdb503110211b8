import Addresses
import Diagnostics
import KubernetesManifests
import PolicyModel
import Wording

extension LintRule {
  static let selectorRules: [LintRule] = [
    LintRule(
      "selects-no-pod", "a policy selects no pod",
      """
      The podSelector matches no pod or workload of the policy's namespace, so the policy does nothing. Most often a
      label was renamed, or the policy is in another namespace than its pods. Correct the selector, or delete the policy.
      """, needsPods: true
    ) { context in
      context.policies.filter { policy, runs in
        // A namespace without pods is another rule's finding.
        runs.isEmpty && contradiction(in: policy.podSelector) == nil
          && (!context.runs(ofNamespace: policy.namespace).isEmpty || context.hasOmitted(policy.namespace))
      }.map {
        policy, _ in
        LintFinding(
          policy, at: policy.selectorOrigin,
          "\(policy.podSelector) selects no pod of namespace \"\(policy.namespace)\": the policy does nothing"
        )
      }
    },
    LintRule(
      "selector-never-matches", "a selector contradicts itself",
      """
      Requirements of one selector are ANDed. These cannot all be met by any pod or namespace, whatever its labels: a
      policy so selected does nothing, and a peer so selected allows nothing. Use one requirement with several values
      where "or" was meant.
      """
    ) { context in
      context.written.compactMap { policy in
        contradiction(in: policy.podSelector).map {
          LintFinding(policy, at: policy.selectorOrigin, "no pod can ever match this selector: \($0)")
        }
      }
        + context.eachPeer { _, _, peer in
          guard case .pods(let scope, let selector) = peer.kind else { return nil }
          if let reason = contradiction(in: selector) {
            return "no pod can ever match this podSelector: \(reason)"
          }
          guard case .matching(let namespaces) = scope else { return nil }
          return contradiction(in: namespaces).map {
            "no namespace can ever match this namespaceSelector: \($0)"
          }
        }
    },
    LintRule(
      "selects-generated-label", "a selector asks for a label that a controller writes anew",
      """
      Labels such as pod-template-hash change with every rollout: the policy stops matching although nobody edited it.
      Select by a label of your own.
      """
    ) { context in
      let generated: Set = [
        "pod-template-hash", "controller-revision-hash", "pod-template-generation", "controller-uid",
      ]
      func asks(_ selector: LabelSelector) -> String? {
        selector.requirements.first { generated.contains($0.key) }?.key
      }
      return context.written.compactMap { policy in
        asks(policy.podSelector).map {
          LintFinding(
            policy, at: policy.selectorOrigin,
            "\($0) changes with every rollout; the policy will then select nothing")
        }
      }
        + context.eachPeer { _, _, peer in
          guard case .pods(_, let selector) = peer.kind else { return nil }
          return asks(selector).map { "\($0) changes with every rollout; this peer will then match no pod" }
        }
    },
    LintRule(
      "host-network-pod", "a policy selects a pod on the host network",
      """
      A pod with hostNetwork has its node's addresses: no NetworkPolicy applies to it, and no podSelector matches it as
      a peer. What this policy seems to protect is not protected. Guard the node, or take the pod off the host network.
      """, needsPods: true
    ) { context in
      let onHost = Dictionary(
        grouping: context.contents.pods.filter(\.hostNetwork)
          + context.contents.workloads.filter(\.hostNetwork),
        by: \.namespace)
      return context.written.compactMap { policy in
        let pods = (onHost[policy.namespace] ?? []).filter {
          policy.podSelector.matches($0.labels)
        }
        guard !pods.isEmpty else { return nil }
        return LintFinding(
          policy, at: policy.selectorOrigin,
          "\(Counting.first(3, of: pods.map(\.endpointName))) is on the host network: this policy does not apply to it"
        )
      }
    },
  ]

  /// The reason why no labels can meet a selector, or nil where some can.
  static func contradiction(in selector: LabelSelector) -> String? {
    for (key, requirements) in Dictionary(grouping: selector.requirements, by: \.key).sorted(by: {
      $0.key < $1.key
    }) {
      let wanted = requirements.filter { $0.relation == .isIn }.map { Set($0.values) }
      let refused = Set(requirements.filter { $0.relation == .notIn }.flatMap(\.values))
      let mustExist = !wanted.isEmpty || requirements.contains { $0.relation == .exists }
      if mustExist, requirements.contains(where: { $0.relation == .doesNotExist }) {
        return "\(key) must be there and must not"
      }
      guard var possible = wanted.first else { continue }
      for more in wanted { possible.formIntersection(more) }
      if possible.isEmpty { return "\(key) would need two values at once" }
      if possible.isSubset(of: refused) { return "every value that \(key) may have is refused too" }
    }
    return nil
  }
}
