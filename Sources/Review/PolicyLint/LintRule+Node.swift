import Addresses
import Diagnostics
import KubernetesManifests
import PolicyModel
import Reachability
import Wording

extension LintRule {
  /// Rules about what the node does beside the policies.
  static let nodeRules: [LintRule] = [
    LintRule(
      "own-node-excepted", .note,
      "an egress rule leaves out the pods' own node, which they reach all the same",
      """
      What a pod sends to the node that it runs on is not looked at, unless netpolc is told to: an address of a node in the
      `except` of an egress rule keeps out the pods of other nodes only. `--pod-to-node policies` makes policies hold there; so
      does the node's own packet filter. lint takes the option too.
      """, needsPods: true
    ) { context in
      guard context.podToNode == .open else { return [] }
      let nodes = NodeAddresses(context.cluster, podToNode: context.podToNode)
      return context.eachRule { policy, direction, rule in
        guard direction == .egress else { return [] }
        return rule.peers.entries.compactMap { peer in
          guard case .ipBlock(let block) = peer.kind, !block.except.isEmpty else { return nil }
          for run in context.runs(ofSubjectsOf: policy) ?? [] {
            for pod in context.pods(in: [run]).lazy.map({ context.cluster.pods[$0] }) {
              let own = nodes.ofNode(of: pod).sorted().first { address in
                block.except.contains { $0.contains(address) }
              }
              guard let own else { continue }
              return LintFinding(
                policy, at: peer.origin,
                "`except` has \(own) of node \(pod.node ?? ""), which \(pod.endpointName) runs on and reaches all the same (--pod-to-node open)"
              )
            }
          }
          return nil
        }
      }
    },
    LintRule(
      "egress-by-other-source", .note, "egress policies hold for pods that use their own address only",
      """
      Policies go by addresses, and a packet's source is what its sender writes. Unless nodes drop what a pod's interface brings
      with a source that is not routed there (`--source-check pods`), a pod that can write another source is not held by its
      egress policies, and what it sends to isolated pods is judged by that source. Looked for with `--source-check off` or
      `local`, and reported once for each namespace, and once for policies of the cluster.
      """
    ) { context in
      guard let check = context.sourceCheck, SourceClaims(check).areOpen else { return [] }
      let words =
        "its pods are held by it as long as they use their own address (--source-check \(check.rawValue))"
      let ofCluster = context.clusterPolicies.first { $0.directions.contains(.egress) }.map {
        LintFinding(nil, at: $0.rules(.egress)?.first?.origin ?? $0.origin, words)
      }
      return Dictionary(grouping: context.written.filter { $0.isolates.contains(.egress) }, by: \.namespace)
        .sorted { $0.key < $1.key }.compactMap { _, policies in
          policies.first.map { policy in
            LintFinding(
              policy, at: policy.origins["spec.policyTypes"] ?? policy.origin, words)
          }
        } + (ofCluster.map { [$0] } ?? [])
    },
  ]
}
