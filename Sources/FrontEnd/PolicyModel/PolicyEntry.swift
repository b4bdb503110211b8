/// The rules that one policy puts on the pods it selects, for one direction.
public struct PolicyEntry: Sendable, Hashable {
  /// The policy.
  public let policy: PolicyID
  /// The pods that it selects.
  public let subjects: PodSet
  /// The direction.
  public let direction: Direction
  /// The rules; the first that matches decides.
  public let rules: [PolicyRule]

  /// An entry.
  public init(policy: PolicyID, subjects: PodSet, direction: Direction, rules: [PolicyRule]) {
    self.policy = policy
    self.subjects = subjects
    self.direction = direction
    self.rules = rules
  }
}
