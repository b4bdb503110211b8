/// A policy as it is meant, whatever kind of object it was written as: which pods it selects, and its rules for each
/// direction that it speaks of.
///
/// A reference to what it says, which never changes: an agent's indices have many policies several times.
public struct Policy: Sendable, Hashable {
  private struct Fields: Sendable, Hashable {
    let id: PolicyID
    let tier: TierKind
    let priority: Int
    let subjects: PodSet
    let ingress: [PolicyRule]?
    let egress: [PolicyRule]?
    let subjectsOrigin: Origin
    let origin: Origin
  }

  private final class Content: Sendable {
    let fields: Fields

    init(_ fields: Fields) { self.fields = fields }
  }

  private let content: Content

  /// The object's name.
  public var id: PolicyID { _read { yield content.fields.id } }
  /// The tier that its rules are part of.
  public var tier: TierKind { _read { yield content.fields.tier } }
  /// The place in the tier: lower is asked first, and of two equals the one whose name comes first. Of no matter where a
  /// tier only accepts.
  public var priority: Int { content.fields.priority }
  /// The pods that it selects.
  public var subjects: PodSet { _read { yield content.fields.subjects } }
  /// The rules for what subjects receive, in order; nil: the policy does not select them for ingress.
  public var ingress: [PolicyRule]? { _read { yield content.fields.ingress } }
  /// The rules for what subjects send, in order; nil: the policy does not select them for egress.
  public var egress: [PolicyRule]? { _read { yield content.fields.egress } }
  /// The place where the subjects were written, or the object.
  public var subjectsOrigin: Origin { _read { yield content.fields.subjectsOrigin } }
  /// The place where the object begins.
  public var origin: Origin { _read { yield content.fields.origin } }

  /// A policy; a NetworkPolicy's tier and no priority unless others are given.
  public init(
    id: PolicyID, tier: TierKind = .networkPolicy, priority: Int = 0, subjects: PodSet,
    ingress: [PolicyRule]?, egress: [PolicyRule]?, subjectsOrigin: Origin? = nil, origin: Origin
  ) {
    content = Content(
      Fields(
        id: id, tier: tier, priority: priority, subjects: subjects, ingress: ingress, egress: egress,
        subjectsOrigin: subjectsOrigin ?? origin, origin: origin))
  }

  /// Equal where all that it says is equal.
  public static func == (left: Policy, right: Policy) -> Bool {
    left.content === right.content || left.content.fields == right.content.fields
  }

  /// Hashes all that it says.
  public func hash(into hasher: inout Hasher) { hasher.combine(content.fields) }

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
