import Addresses
public import Connectivity
import PolicyModel
import Reachability

/// The effect of a policy change on connections.
public struct ConnectivityDiff: Sendable {
  /// Every change of what is allowed, most pods first within a kind.
  public var changes: [ConnectionChange]
  /// Pods that policies isolate now and did not before, or the other way round.
  public var isolation: [IsolationChange]
  /// Pods that only one of the revisions has, or that have another address in each.
  public var pods: PodChanges
  /// The number of pods that both revisions have at the same address.
  public var comparedPods: Int
  /// The number of these that take part in a change, as an end of a connection.
  public var changedPods: Int
  /// The changes in the ruleset, if they were asked for.
  public var ruleset: RulesetChange?
  /// True where a policy's text differs: without changes, the two texts say the same.
  public var policiesDiffer: Bool

  /// True where the two revisions mean the same: no connection between ends that both have changes, no pod is
  /// isolated or released, and no pod comes or goes.
  public var isEquivalent: Bool { changes.isEmpty && isolation.isEmpty && pods.isEmpty }

  /// The number of changes of a kind.
  public func count(_ kind: ConnectionChange.Kind) -> Int { changes.count { $0.kind == kind } }

  /// True where anything is allowed that was not.
  public var widens: Bool { changes.contains { $0.kind != .narrowed } }
  /// True where anything is denied that was not.
  public var narrows: Bool { changes.contains { $0.kind != .widened } }
}
