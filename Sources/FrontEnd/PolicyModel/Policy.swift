/// A policy as it is meant, whatever kind of object it was written as: which pods it selects, and its rules for each
/// direction that it speaks of.
public struct Policy: Sendable, Hashable {
  /// The object's name.
  public let id: PolicyID
  /// The tier that its rules are part of.
  public let tier: TierKind
  /// The place in the tier: lower is asked first, and of two equals the one whose name comes first. Of no matter where a
  /// tier only accepts.
  public let priority: Int
  /// The pods that it selects.
  public let subjects: PodSet
  /// The rules for what subjects receive, in order; nil: the policy does not select them for ingress.
  public let ingress: [PolicyRule]?
  /// The rules for what subjects send, in order; nil: the policy does not select them for egress.
  public let egress: [PolicyRule]?
  /// The place where the subjects were written, or the object.
  public let subjectsOrigin: Origin
  /// The place where the object begins.
  public let origin: Origin

  /// A policy; a NetworkPolicy's tier and no priority unless others are given.
  public init(
    id: PolicyID, tier: TierKind = .networkPolicy, priority: Int = 0, subjects: PodSet,
    ingress: [PolicyRule]?, egress: [PolicyRule]?, subjectsOrigin: Origin? = nil, origin: Origin
  ) {
    self.id = id
    self.tier = tier
    self.priority = priority
    self.subjects = subjects
    self.ingress = ingress
    self.egress = egress
    self.subjectsOrigin = subjectsOrigin ?? origin
    self.origin = origin
  }

  /// The rules of a direction, in order; nil: the policy does not select pods for it.
  public func rules(_ direction: Direction) -> [PolicyRule]? {
    direction == .ingress ? ingress : egress
  }

  /// The directions that the policy selects pods for.
  public var directions: [Direction] { Direction.allCases.filter { rules($0) != nil } }

  /// The policy's entry for a direction; nil where it has none.
  public func entry(_ direction: Direction) -> PolicyEntry? {
    rules(direction).map {
      PolicyEntry(policy: id, subjects: subjects, direction: direction, rules: $0)
    }
  }
}
