/// The rules that one policy puts on the pods it selects, for one direction.
public struct PolicyEntry: Sendable, Hashable {
  /// The policy's namespace and name.
  public let policy: PolicyID
  /// The pods that it selects.
  public let subjects: PodSet
  /// The direction of the rules.
  public let direction: Direction
  /// The rules; the first that matches decides.
  public let rules: [PolicyRule]

  /// Creates an entry.
  public init(policy: PolicyID, subjects: PodSet, direction: Direction, rules: [PolicyRule]) {
    self.policy = policy
    self.subjects = subjects
    self.direction = direction
    self.rules = rules
  }
}
