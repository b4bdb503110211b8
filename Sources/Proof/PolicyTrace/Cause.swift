import Diagnostics
public import PolicyModel
import Wording

/// The reason why one direction of one end lets a packet pass or denies it.
public struct Cause: Sendable, Hashable {
  /// The verdict of the direction.
  public enum Verdict: String, Sendable, Hashable {
    /// No policy isolates the pod in this direction, and no rule decides.
    case open
    /// A rule allows it.
    case allowed
    /// Policies isolate the pod, and none of their rules allows it; or a rule denies it.
    case denied
    /// The revision has no such pod.
    case absent
  }

  /// A policy that has to do with it.
  public struct Source: Sendable, Hashable {
    /// The policy's namespace and name.
    public let policy: PolicyID
    /// The rule or entry that decides, or the policy that isolates.
    public let origin: Origin
    /// The tier and the rule, as in `tier Admin` and `rule 2 "name"`, where rules are ordered; nil for NetworkPolicy.
    public let place: Place?

    /// A rule of a tier whose rules are ordered.
    public struct Place: Sendable, Hashable {
      /// The tier's kind.
      public let tier: TierKind
      /// The words for the rule, `rule 2 "name"`.
      public let rule: String

      /// A rule by its words.
      public init(tier: TierKind, rule: String) { (self.tier, self.rule) = (tier, rule) }
    }

    /// A policy with the place that decides.
    public init(policy: PolicyID, origin: Origin, place: Place? = nil) {
      (self.policy, self.origin, self.place) = (policy, origin, place)
    }
  }

  /// The pod that is asked.
  public private(set) var pod: String
  /// Seen from the pod.
  public let direction: Direction
  /// The verdict of the policy.
  public let verdict: Verdict
  /// Rules that decide, or policies that isolate; none when it is open.
  public private(set) var sources: [Source]
  /// True where policies select the pod in the direction, of whatever tier.
  private let hasPolicies: Bool

  /// The cause that a revision has no such pod.
  public init(missing pod: String, _ direction: Direction) {
    (self.pod, self.direction) = (pod, direction)
    (verdict, sources, hasPolicies) = (.absent, [], false)
  }

  /// The cause behind a trace.
  public init(_ trace: DirectionTrace) {
    pod = trace.pod
    direction = trace.direction
    switch trace.decision {
    case .undecided: (verdict, sources) = (.open, [])
    case .isolated(let tier):
      verdict = .denied
      sources = trace.policies.filter { $0.tier == tier }.map { Source(policy: $0.policy, origin: $0.origin) }
    case .rule(let policy, let rule) where policy.tier.selectedDefault == .pass:
      verdict = rule.action == .deny ? .denied : .allowed
      let place = Source.Place(tier: policy.tier, rule: rule.words)
      sources = [Source(policy: policy.policy, origin: rule.cause, place: place)]
    case .rule(let policy, let rule):
      verdict = rule.action == .deny ? .denied : .allowed
      // Of a tier that only accepts, every rule that does has a part in it.
      sources = trace.policies.filter { $0.tier == policy.tier }.flatMap { policy in
        policy.rules.filter(\.allows).map { Source(policy: policy.policy, origin: $0.cause) }
      }
    }
    hasPolicies = !trace.isOpen
  }

  /// The same cause with words in place of a pod's name.
  public func naming(_ words: [String: String]) -> Cause {
    var copy = self
    copy.pod = words[pod] ?? pod
    return copy
  }

  /// The same cause where sources have other names.
  public func renamingFiles(_ name: (String) -> String) -> Cause {
    var copy = self
    copy.sources = sources.map { source in
      let place = source.origin.location
      let location = SourceLocation(file: name(place.file), line: place.line, column: place.column)
      return Source(
        policy: source.policy, origin: Origin(location, field: source.origin.field), place: source.place)
    }
    return copy
  }

  /// `ingress of default/hello-1 allowed by default/my-network-policy spec.ingress[0].from[1] (policy.yaml:24:11)`.
  public var words: String {
    let subject = "\(direction.rawValue.lowercased()) of \(pod)"
    switch verdict {
    case .open:
      return hasPolicies
        ? "\(subject) is open: no rule decides, and no policy isolates it"
        : "\(subject) is open: no policy isolates it"
    case .absent: return "\(pod) is not there"
    case .allowed: return "\(subject) allowed by \(Counting.first(3, of: sources.map(Self.words)))"
    case .denied where sources.contains { $0.place != nil }:
      return "\(subject) denied by \(Counting.first(3, of: sources.map(Self.words)))"
    case .denied:
      return
        "\(subject) denied: isolated by \(Counting.first(3, of: sources.map(Self.words))), no rule matches"
    }
  }

  private static func words(_ source: Source) -> String {
    let field = source.origin.field.isEmpty ? "" : " \(source.origin.field)"
    if let place = source.place {
      return
        "tier \(place.tier.title) \(ForeignText(source.policy.name).quoted) \(place.rule)\(field) (\(source.origin.location))"
    }
    return "\(source.policy)\(field) (\(source.origin.location))"
  }
}
