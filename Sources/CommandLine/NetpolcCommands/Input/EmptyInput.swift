import Diagnostics
import PolicyModel

/// Inputs over which anything holds. A check that found nothing in them must not pass for one that found nothing wrong: a path
/// that is misspelt, or rights that are missing, would stay green for ever.
enum EmptyInput {
  /// The finding about a cluster without policies: an error where nothing is checked then, otherwise a warning; none where it has
  /// some.
  static func withoutPolicies(_ cluster: Cluster, _ severity: Severity, _ consequence: String) -> [Diagnostic]
  {
    guard cluster.policies.isEmpty else { return [] }
    return [
      Diagnostic(
        severity, id: severity == .error ? "no-policy" : "no-policies", at: nil,
        "no policy was read, so that \(consequence)")
    ]
  }

  /// The same about a cluster without pods that have an address.
  static func withoutPods(_ cluster: Cluster, _ severity: Severity, _ consequence: String) -> [Diagnostic] {
    guard cluster.pods.isEmpty else { return [] }
    return [
      Diagnostic(
        severity, id: "no-pods", at: nil, "no pod with an address was read, so that \(consequence)")
    ]
  }
}
