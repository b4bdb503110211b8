import Diagnostics
import KubernetesManifests
import PolicyModel

/// The findings that a policy's annotation suppresses.
struct Suppressions {
  /// The reason for each id; empty where none was given.
  private(set) var reasons: [String: String] = [:]

  init(_ policy: NetworkPolicy) {
    guard let text = policy.annotations[Linter.annotation] else { return }
    for entry in text.split(whereSeparator: { $0 == ";" || $0 == "\n" }) {
      let parts = entry.split(separator: ":", maxSplits: 1).map { part in
        String(part.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
      }
      guard let id = parts.first, !id.isEmpty else { continue }
      reasons[id] = parts.count > 1 ? parts[1] : ""
    }
  }
}

extension LintRule {
  static let suppressionRules: [LintRule] = [
    LintRule(
      "bad-suppression", "a suppression without a reason, or of no rule",
      """
      The annotation netpolc.io/lint-ignore reads "id: reason", several parted by a semicolon. A reason is asked for
      because the next reader needs it; an id that no rule has suppresses nothing.
      """
    ) { context in
      let known = Set(LintRule.all.map(\.id))
      return context.written.flatMap { policy in
        Suppressions(policy).reasons.sorted { $0.key < $1.key }.compactMap { id, reason -> LintFinding? in
          let origin = Origin(policy.origin.location, field: "metadata.annotations")
          if !known.contains(id) { return LintFinding(policy, at: origin, "no rule is called \"\(id)\"") }
          return reason.isEmpty
            ? LintFinding(
              policy, at: origin, "\"\(id)\" is suppressed without a reason: write \"\(id): why\"") : nil
        }
      }
    }
  ]
}
