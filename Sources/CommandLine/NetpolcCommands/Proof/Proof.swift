import PolicyModel
import Reachability
import Ruleset
import Verification
import Wording

/// The comparison of a ruleset with the policies it should enforce, and how long it took.
struct Proof {
  let cluster: Cluster
  let table: Table
  let modes: EnforcementModes
  let result: VerificationResult
  let duration: Duration

  /// Compares a table with what the cluster's policies mean for the pods of a node, or for all.
  init(of table: Table, for cluster: Cluster, node: String?, _ modes: EnforcementModes = EnforcementModes()) {
    self.cluster = cluster
    self.modes = modes
    self.table = table
    var found: VerificationResult = .undecided([])
    duration = ContinuousClock().measure {
      let specification = Specification(cluster, node: node, in: DiagramStore())
      found = Verifier(specification, modes: modes).verify(table)
    }
    result = found
  }

  /// The time in words: `12 ms`, `1.4 s`.
  var time: String {
    let milliseconds =
      duration.components.seconds * 1_000 + duration.components.attoseconds / 1_000_000_000_000_000
    return milliseconds < 1_000
      ? "\(milliseconds) ms" : "\(milliseconds / 1_000).\(milliseconds % 1_000 / 100) s"
  }

  /// One line for a proof that succeeded.
  func success(_ statistics: VerificationResult.Statistics) -> String {
    let words = [
      Counting.of(statistics.classes, "class"), Counting.of(statistics.rules, "rule"),
      Counting.of(statistics.elements, "element"),
    ].joined(separator: ", ")
    return "netpolc: proven in \(time): \(promise) (\(words))\n"
  }

  /// What a proof that succeeded shows, in a clause.
  var promise: String {
    var promise =
      modes.isAudit
      ? "the ruleset drops nothing and counts what the policies deny"
      : "the ruleset does what the policies say"
    if !modes.unknownPodBlocks.isEmpty {
      promise += modes.isAudit ? ", and unknown pods" : " and denies unknown pods"
    }
    if modes.established == .recheck { promise += ", also on connections that exist" }
    return promise + ", for every packet"
  }
}
