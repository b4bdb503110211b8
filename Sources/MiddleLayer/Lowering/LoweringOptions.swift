public import PolicyModel

/// The purpose of a ruleset: the node it is for, its modes, and the limits that decide between layouts of a class.
public struct LoweringOptions: Sendable, Hashable {
  /// The node whose pods are isolated; nil: every pod of the cluster. Peers are always the whole cluster.
  public var node: String?
  /// The number of rules from which on a class chain becomes a lookup in maps.
  public var denseFrom: Int
  /// The largest number of addresses of a peer that such a class copies into its own map; larger peers are looked up in
  /// their shared set.
  public var copyAtMost: Int
  /// The number of addresses that lookups of ClusterNetworkPolicy's ordered rules may copy, all together; lists beyond it are
  /// walked.
  public var orderedCopies: Int
  /// The ways to enforce the policies.
  public var modes: EnforcementModes

  /// Options for a node, or for every pod where `node` is nil.
  public init(
    node: String? = nil, denseFrom: Int = 9, copyAtMost: Int = 1_024, orderedCopies: Int = 1 << 16,
    modes: EnforcementModes = EnforcementModes()
  ) {
    self.node = node
    self.denseFrom = denseFrom
    self.copyAtMost = copyAtMost
    self.orderedCopies = orderedCopies
    self.modes = modes
  }
}
