public import Diagnostics
import KubernetesManifests
import PolicyModel

/// One kind of finding: a stable id, its severity, and the text of `lint --explain`.
public struct LintRule: Sendable {
  /// The stable id, in kebab case.
  public let id: String
  /// The severity of findings; notes do not make the exit status 1.
  public let severity: Severity
  /// The rule in one line.
  public let title: String
  /// The reason why it matters, and the remedy.
  public let explanation: String
  /// True where the rule says nothing of use unless pods are known.
  public let needsPods: Bool
  let check: @Sendable (LintContext) -> [LintFinding]

  init(
    _ id: String, _ severity: Severity, _ title: String, _ explanation: String, needsPods: Bool = false,
    check: @escaping @Sendable (LintContext) -> [LintFinding]
  ) {
    self.id = id
    self.severity = severity
    self.title = title
    self.explanation = explanation
    self.needsPods = needsPods
    self.check = check
  }

  /// A rule whose findings are warnings.
  init(
    _ id: String, _ title: String, _ explanation: String, needsPods: Bool = false,
    check: @escaping @Sendable (LintContext) -> [LintFinding]
  ) {
    self.init(id, .warning, title, explanation, needsPods: needsPods, check: check)
  }

  /// The rule's page, as `lint --explain` prints it.
  public var page: String { "\(id) (\(severity.rawValue)): \(title)\n\n\(explanation)\n" }

  /// Every rule, by id.
  public static let all: [LintRule] =
    (selectorRules + peerRules + portRules + coverageRules + isolationRules + accessRules + serviceRules
    + suppressionRules + clusterPolicyRules + nodeRules)
    .sorted { $0.id < $1.id }
}
