public import PolicyModel
import Wording

/// The reason why one direction of one end lets a packet pass or denies it.
public struct Cause: Sendable, Hashable {
  /// The verdict of the direction.
  public enum Verdict: String, Sendable, Hashable {
    /// No policy isolates the pod in this direction.
    case open
    /// A rule allows it.
    case allowed
    /// Policies isolate the pod, and none of their rules allows it.
    case denied
  }

  /// A policy that has to do with it.
  public struct Source: Sendable, Hashable {
    /// The policy's namespace and name.
    public let policy: PolicyID
    /// The rule or entry that allows, or the policy that isolates.
    public let origin: Origin

    /// A policy with the place that decides.
    public init(policy: PolicyID, origin: Origin) { (self.policy, self.origin) = (policy, origin) }
  }

  /// The pod that is asked.
  public let pod: String
  /// Seen from the pod.
  public let direction: Direction
  /// The verdict of the policy.
  public let verdict: Verdict
  /// Rules that allow, or policies that isolate; none when it is open.
  public let sources: [Source]

  /// The cause behind a trace.
  public init(_ trace: DirectionTrace) {
    pod = trace.pod
    direction = trace.direction
    verdict = trace.isOpen ? .open : trace.allows ? .allowed : .denied
    sources =
      trace.allows
      ? trace.policies.flatMap { policy in
        policy.rules.filter(\.allows).map { Source(policy: policy.policy, origin: $0.cause) }
      }
      : trace.policies.map { Source(policy: $0.policy, origin: $0.origin) }
  }

  /// `ingress of default/hello-1 allowed by default/my-network-policy spec.ingress[0].from[1] (policy.yaml:24:11)`.
  public var words: String {
    let subject = "\(direction.rawValue.lowercased()) of \(pod)"
    switch verdict {
    case .open: return "\(subject) is open: no policy isolates it"
    case .allowed: return "\(subject) allowed by \(Counting.first(3, of: sources.map(Self.words)))"
    case .denied:
      return
        "\(subject) denied: isolated by \(Counting.first(3, of: sources.map(Self.words))), no rule matches"
    }
  }

  private static func words(_ source: Source) -> String {
    let field = source.origin.field.isEmpty ? "" : " \(source.origin.field)"
    return "\(source.policy)\(field) (\(source.origin.location))"
  }
}
