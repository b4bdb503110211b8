import PolicyModel
import Ruleset
public import TableLayout

/// The meaning of the chains of a ruleset that deny, whatever the modes it was compiled in.
public struct DenyingChains: Sendable {
  /// The meaning of a chain.
  public enum Meaning: Sendable, Hashable {
    /// A class of pods. A reply's chain asks about the packet that it answers.
    case pods(Provenance.Chain, isReply: Bool)
    /// The end of several classes with many rules.
    case shared(isReply: Bool)
    /// A rule of ClusterNetworkPolicy that denies.
    case rule(RuleChain, isReply: Bool)
    /// Addresses of the node that no pod of the inventory had.
    case unknownPods
    /// Packets whose source was an address that their sender did not have.
    case forgedSources
  }

  private var meanings: [String: Meaning] = [
    ChainName.unknownPods: .unknownPods, ChainName.forgedSources: .forgedSources,
  ]

  /// The chains of a ruleset in the plain mode. O(chains).
  public init(_ lowered: LoweredRuleset) {
    let classes = Dictionary(
      lowered.provenance.chains.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    let rules = Dictionary(
      lowered.provenance.ruleChains.map { ($0.chain, $0) }, uniquingKeysWith: { first, _ in first })
    for chain in lowered.table.chains where chain.denies {
      for (name, isReply) in [(chain.name, false), (ChainName.reply(chain.name), true)] {
        // A later tier of a class, or a part of one, denies for the class.
        meanings[DenialPrefix(isAudit: false, chain: name).chain] =
          classes[ChainName.ofClass(chain.name)].map { .pods($0, isReply: isReply) }
          ?? rules[chain.name].map { .rule($0, isReply: isReply) } ?? .shared(isReply: isReply)
      }
    }
  }

  /// The meaning of the chain of a prefix; nil for one that this ruleset has in no mode.
  public subscript(prefix: DenialPrefix) -> Meaning? { meanings[prefix.chain] }

  /// True where the chain of a prefix logs replies; for a chain that this ruleset has not, by its name.
  public func isOfReplies(_ prefix: DenialPrefix) -> Bool {
    switch self[prefix] {
    case .pods(_, let isReply), .shared(let isReply), .rule(_, let isReply): isReply
    case .unknownPods, .forgedSources: false
    case nil: ChainName.isReply(prefix.chain)
    }
  }
}
