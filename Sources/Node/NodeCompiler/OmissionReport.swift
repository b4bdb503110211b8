public import Diagnostics
public import PolicyModel
import Wording

/// Findings about objects that were read and are no part of the ruleset.
public struct OmissionReport {
  private let cluster: Cluster
  private let skipped: [String: Int]

  /// Collects the objects that were left out.
  ///
  /// - Parameters:
  ///   - cluster: the cluster, with what was left out of it.
  ///   - skipped: the number of objects of each kind that netpolc does not use.
  public init(cluster: Cluster, skipped: [String: Int]) {
    self.cluster = cluster
    self.skipped = skipped
  }

  /// One finding for each cause, with the first three names.
  public var diagnostics: [Diagnostic] {
    var found: [Diagnostic] = []
    let omitted = cluster.omitted
    found += line(
      "finished-pods", omitted.finished, "finished (Succeeded or Failed), so without an address any more",
      .note)
    found += line(
      "pods-without-address", omitted.withoutAddress, "without an address yet", .note)
    found += line(
      "host-network-pods", omitted.hostNetwork,
      "on the host network, where no policy selects pods", .note)
    if !skipped.isEmpty {
      let kinds = skipped.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
      found.append(
        Diagnostic(
          .note, id: "skipped-kinds", at: nil,
          "skipped objects of kinds that netpolc does not use: \(kinds)"))
    }
    if cluster.policies.isEmpty {
      found.append(
        Diagnostic(.warning, id: "no-policies", at: nil, "no NetworkPolicy was read: every pod is open"))
    }
    if cluster.pods.isEmpty {
      found.append(
        Diagnostic(
          .warning, id: "no-pods", at: nil, "no pod with an address was read: the ruleset isolates nothing"))
    }
    return found
  }

  private func line(
    _ id: String, _ names: [String], _ words: String, _ severity: Severity
  ) -> [Diagnostic] {
    guard !names.isEmpty else { return [] }
    let shown = Counting.first(3, of: names)
    return [
      Diagnostic(severity, id: id, at: nil, "\(Counting.of(names.count, "pod")) left out, \(words): \(shown)")
    ]
  }
}
