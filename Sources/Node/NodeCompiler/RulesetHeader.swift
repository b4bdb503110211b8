import Lowering
import PolicyModel

/// The lines at the top of a ruleset's text: its inputs, modes and contents.
struct RulesetHeader {
  let cluster: Cluster
  let lowered: LoweredRuleset
  let digests: InputDigests
  let node: String?

  /// The lines, without `#`.
  var lines: [String] {
    let counts = lowered.counts
    let modes = lowered.modes.summary
    return [
      "netpolc \(ProductVersion.current): Kubernetes NetworkPolicy as nftables",
      "policies   \(cluster.policies.count), sha256 \(digests.policies)",
      "inventory  \(cluster.pods.count) pods, \(cluster.namespaces.count) namespaces, sha256 \(digests.inventory)",
      "subjects   \(node.map { "pods of node \($0)" } ?? "every pod"): \(counts.subjects), \(counts.isolated) isolated",
      modes.isEmpty ? nil : "modes      \(modes.joined(separator: "; "))",
      "contents   \(counts.classes) classes, \(counts.rules) rules, \(counts.elements) elements",
      "Loading this replaces table inet netpolc in one transaction and touches nothing else.",
    ].compactMap { $0 }
  }
}
