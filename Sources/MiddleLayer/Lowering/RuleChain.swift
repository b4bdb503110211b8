import Digest
public import PolicyModel
import TableLayout

/// A rule of ClusterNetworkPolicy with a chain of its own, which counts for it, so that a counter says which rule it was. That of a
/// rule that denies also logs and drops; others have one where rules are counted.
public struct RuleChain: Sendable, Hashable {
  /// The name of the chain: `rule-admin/deny-egress/egress-2/no-internet`.
  public let chain: String
  /// The effect of the rule.
  public let action: RuleAction
  /// The policy of the rule.
  public let policy: PolicyID
  /// The tier of the policy.
  public let tier: TierKind
  /// The direction of the rule, seen from the policy's pods.
  public let direction: Direction
  /// The place of the rule among those that were written, from 1.
  public let number: Int
  /// The name that its author gave it; nil where it has none.
  public let name: String?

  /// The comment of the chain's counter, where that is all it has: the rule's place and name.
  let comment: String

  /// The direction and the policy, as for the chain of a class.
  public var subject: ClassSubject { ClassSubject(direction, [policy]) }

  /// The limit of the name's length in bytes: prefixes of log lines are cut at 111, and chains of replies have six more.
  private static let longest = 100

  init(of rule: PolicyRule, at place: Int, _ policy: PolicyID, _ direction: Direction, _ tier: TierKind) {
    // Rules that are closed are not there, and one may stand for two: the field counts what was written.
    let written = rule.origin.field.split(separator: "[").last.flatMap { Int($0.prefix { $0.isNumber }) }
    number = (written ?? place) + 1
    name = rule.name
    action = rule.action
    comment = RuleComment.make(policy, [rule.origin], name: rule.name)
    self.policy = policy
    self.tier = tier
    self.direction = direction
    let label = rule.name.map { Name.clean($0) } ?? ""
    let start = "\(ChainName.rulePrefix(action))\(tier.name)/"
    let end = "/\(direction.rawValue.lowercased())-\(number)" + (label.isEmpty ? "" : "/\(label)")
    let whole = start + policy.name + end
    if whole.utf8.count <= Self.longest, label == rule.name ?? "", policy.kind == .clusterNetworkPolicy {
      chain = whole
      return
    }
    // The digest has the parts that are left out, or written otherwise.
    let identity = [policy.words, rule.name ?? "", "\(number)"].joined(separator: "\n")
    let room = Self.longest - start.utf8.count - end.utf8.count - 9
    chain = "\(start)\(policy.name.prefix(max(8, room)))\(end)-\(SHA256.hex(identity).prefix(8))"
  }
}
