public import Diagnostics
public import PolicyModel

/// Findings about the name of the node that a ruleset is made for.
public enum NodeFindings {
  /// A finding where the node is unknown: most likely a typo, and its ruleset would isolate nothing.
  ///
  /// - Parameters:
  ///   - node: the name; nil: every pod is isolated, and there is no finding.
  ///   - cluster: the inventory.
  /// - Returns: an error where the inventory has nodes, a warning where it has none; empty for a known node.
  public static func diagnostics(_ node: String?, _ cluster: Cluster) -> [Diagnostic] {
    guard let node, !cluster.pods.contains(where: { $0.isOn(node) }) else { return [] }
    if cluster.nodes.contains(where: { $0.name == node }) { return [] }
    let known = Set(cluster.nodes.map(\.name) + cluster.pods.compactMap(\.node)).sorted()
    let shown = known.prefix(5).joined(separator: ", ") + (known.count > 5 ? ", …" : "")
    let words = "no pod runs on node \"\(node)\"" + (known.isEmpty ? "" : "; the inventory has \(shown)")
    return [
      Diagnostic(
        cluster.nodes.isEmpty ? .warning : .error, id: "unknown-node", at: nil, field: "--node", words)
    ]
  }
}
