public import PolicyModel
import TableLayout

/// The policies, and their fields, from which the parts of a ruleset come.
public struct Provenance: Sendable {
  /// The cause of one rule.
  public struct Rule: Sendable, Hashable {
    /// The rule's chain.
    public let chain: String
    /// Its place in the chain, from 0.
    public let position: Int
    /// The policies it comes from, in order.
    public let policies: [PolicyID]
    /// The fields it comes from.
    public let origins: [Origin]

    /// The same rule in the chain that judges replies.
    var ofReplies: Rule {
      Rule(chain: ChainName.reply(chain), position: position, policies: policies, origins: origins)
    }
  }

  /// The cause of one set.
  public struct Set: Sendable, Hashable {
    /// The set's name.
    public let name: String
    /// A description of the set's elements.
    public let holds: String
    /// The policies whose rules look it up, ascending.
    public let policies: [PolicyID]
  }

  /// The cause of one chain: the pods it speaks for.
  public struct Chain: Sendable, Hashable {
    /// The chain's name.
    public let name: String
    /// The direction it decides.
    public let direction: Direction
    /// The policies that make it, ascending.
    public let policies: [PolicyID]
    /// The pods, ascending, as `namespace/name`.
    public let pods: [String]
  }

  /// The rules, by chain and place.
  public let rules: [Rule]
  /// The sets, by name.
  public let sets: [Set]
  /// The chains of classes, by name.
  public let chains: [Chain]
  /// The rules of ClusterNetworkPolicy with a chain of their own, by its name.
  public let ruleChains: [RuleChain]
}
