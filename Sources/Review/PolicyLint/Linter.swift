import Connectivity
public import Diagnostics
public import KubernetesManifests
public import PolicyModel
import Reachability

/// Runs every rule over policies and inventory, and leaves out findings that are suppressed with a reason.
public struct Linter: Sendable {
  /// The annotation of a policy that suppresses findings about it: `id: reason`, several parted by `;`.
  public static let annotation = "netpolc.io/lint-ignore"

  private let ignored: Set<String>
  private let podToNode: EnforcementModes.PodToNode
  private let sourceCheck: EnforcementModes.SourceCheck?
  private let isSuppressed: @Sendable (Diagnostic) -> Bool

  /// A linter that leaves out the rules of the given ids, and findings that `isSuppressed` is true of.
  ///
  /// - Parameters:
  ///   - ignored: the ids.
  ///   - podToNode: the treatment of what pods send to their own node.
  ///   - sourceCheck: the check of the sources that pods write into their packets; nil: it is not asked about.
  ///   - isSuppressed: true for findings to leave out.
  public init(
    ignoring ignored: Set<String> = [], podToNode: EnforcementModes.PodToNode = .open,
    sourceCheck: EnforcementModes.SourceCheck? = nil,
    isSuppressed: @escaping @Sendable (Diagnostic) -> Bool = { _ in false }
  ) {
    (self.ignored, self.isSuppressed) = (ignored, isSuppressed)
    (self.podToNode, self.sourceCheck) = (podToNode, sourceCheck)
  }

  /// The findings of a run.
  public struct Outcome: Sendable {
    /// Findings in reading order; the id is the rule's.
    public let findings: [Diagnostic]
    /// The number of findings that annotations or settings suppressed.
    public let suppressed: Int
    /// The rules that were left out because they need pods and there are none, by id.
    public let withoutInventory: [String]
    /// True where no policy was read, so that nothing could be found.
    public let isWithoutPolicies: Bool
    /// True where a finding is graver than a note.
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
      PlacedClusters([cluster]).clusters[0], contents, networkPolicies, readerFindings: readerFindings,
      podToNode: podToNode, sourceCheck: sourceCheck)
    var findings: [Diagnostic] = []
    var suppressed = 0
    let hasPods = !cluster.pods.isEmpty || !contents.pods.isEmpty
    var withoutInventory: [String] = []
    for rule in LintRule.all where !ignored.contains(rule.id) {
      if rule.needsPods, !hasPods {
        withoutInventory.append(rule.id)
        continue
      }
      for finding in rule.check(context) {
        if let policy = finding.policy, Suppressions(policy).reasons[rule.id].map({ !$0.isEmpty }) == true {
          suppressed += 1
          continue
        }
        let found = Diagnostic(
          rule.severity, id: rule.id, at: finding.location, field: finding.field, finding.message,
          notes: finding.notes)
        if isSuppressed(found) { suppressed += 1 } else { findings.append(found) }
      }
    }
    return Outcome(
      findings: findings.sorted(by: Diagnostic.inReadingOrder), suppressed: suppressed,
      withoutInventory: withoutInventory, isWithoutPolicies: contents.policies.isEmpty)
  }
}
