import Diagnostics
import KubernetesManifests
import PolicyModel

/// Something that a rule found.
struct LintFinding {
  /// The policy that it is about, whose annotation may suppress it.
  let policy: NetworkPolicy?
  let location: SourceLocation?
  let field: String
  let message: String
  var notes: [Diagnostic.Note] = []

  init(_ policy: NetworkPolicy?, at origin: Origin?, _ message: String, notes: [Diagnostic.Note] = []) {
    self.policy = policy
    location = origin?.location
    field = origin?.field ?? ""
    self.message = message
    self.notes = notes
  }
}
