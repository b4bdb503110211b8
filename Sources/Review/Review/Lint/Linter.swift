public import Diagnostics
public import KubernetesManifests
public import PolicyModel
import Reachability

/// Runs every rule over policies and inventory, and leaves out what somebody suppressed with a reason.
public struct Linter: Sendable {
  /// The annotation of a policy that suppresses findings about it: `id: reason`, several parted by `;`.
  public static let annotation = "netpolc.io/lint-ignore"

  private let ignored: Set<String>

  /// A linter that leaves out the rules of the given ids.
  public init(ignoring ignored: Set<String> = []) { self.ignored = ignored }

  /// What there is to say.
  public struct Outcome: Sendable {
    /// Findings in reading order; the id is the rule's.
    public let findings: [Diagnostic]
    /// How many findings annotations suppressed.
    public let suppressed: Int
    /// Whether a finding is graver than a note.
    public var fails: Bool { findings.contains { $0.severity != .note } }
  }

  /// Runs the rules.
  ///
  /// - Parameters:
  ///   - contents: what was read.
  ///   - networkPolicies: its NetworkPolicy objects as they were written.
  ///   - cluster: the same put together, workloads standing for pods.
  ///   - readerFindings: what the reader said; a rule takes up some of it.
  /// - Returns: the findings, in reading order.
  public func run(
    _ contents: ManifestContents, _ networkPolicies: [NetworkPolicy], _ cluster: Cluster,
    readerFindings: [Diagnostic] = []
  ) -> Outcome {
    let context = LintContext(
      Cluster.withStandIns([cluster])[0], contents, networkPolicies, readerFindings: readerFindings)
    var findings: [Diagnostic] = []
    var suppressed = 0
    for rule in LintRule.all where !ignored.contains(rule.id) {
      for finding in rule.check(context) {
        if let policy = finding.policy, Suppressions(policy).reasons[rule.id].map({ !$0.isEmpty }) == true {
          suppressed += 1
          continue
        }
        findings.append(
          Diagnostic(
            rule.severity, id: rule.id, at: finding.location, field: finding.field, finding.message,
            notes: finding.notes))
      }
    }
    return Outcome(findings: findings.sorted(by: Diagnostic.inReadingOrder), suppressed: suppressed)
  }
}

/// What a policy's annotation suppresses.
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
      let known = Set(ids)
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

  private static let ids: [String] =
    (selectorRules + peerRules + portRules + coverageRules + isolationRules).map(\.id) + ["bad-suppression"]
}
