public import Addresses
public import PolicyModel
public import Ruleset

/// The names of chains. No name of a policy or namespace has an underscore, and every chain of a class has a prefix with
/// a hyphen, so none of them can be taken for another kind.
public enum ChainName {
  /// The base chain of every forwarded packet.
  public static let forward = "forward"
  /// The base chain of packets to the node itself.
  public static let input = "input"
  /// The chain that denies for rules that end a class's chain early.
  public static let deny = "deny"
  /// The chain that replies of existing connections are sent to.
  public static let replies = "replies"
  /// The chain that denies addresses of unknown pods.
  public static let unknownPods = "unknown"

  /// The chain that denies packets whose source is not their sender's.
  public static let forgedSources = "forged"
  /// The chain of what comes from pods' interfaces.
  public static let podSources = "pod-sources"
  /// The chain of packets from pods' interfaces with sources that belong to the link.
  public static let linkSources = "link-sources"

  /// The chain of forwarded packets that open a connection.
  public static func newConnections(_ family: IPFamily) -> String { "new\(family.rawValue)" }

  /// The chain of packets from pods to their own node.
  public static func toNode(_ family: IPFamily) -> String { "node\(family.rawValue)" }

  /// The chain of what pods send to themselves through a Service, where tiers of ClusterNetworkPolicy decide about it.
  public static func ownAddresses(_ family: IPFamily) -> String { "own\(family.rawValue)" }

  /// The chain that looks for addresses of unknown pods.
  public static func unknownPodGuard(_ family: IPFamily) -> String { "guard\(family.rawValue)" }

  /// The beginning of the names of the chains of classes.
  public static func classPrefix(_ direction: Direction, _ family: IPFamily) -> String {
    "\(direction == .ingress ? "in" : "out")\(family.rawValue)-"
  }

  /// The beginning of the names of chains that allow some ports and deny the others.
  public static let allowPrefix = "allow-"
  /// The beginning of the names of chains that decide about ports in any other way.
  public static let decidePrefix = "decide-"

  /// The beginning of the names of chains of one rule of ClusterNetworkPolicy: of rules that deny, and, where rules are counted, of
  /// those that accept and those that pass.
  public static func rulePrefix(_ action: RuleAction) -> String {
    switch action {
    case .deny: "rule-"
    case .accept: "accept-"
    case .pass: "pass-"
    }
  }

  /// The effect of the rule that a chain only counts for; nil for any other chain, also for that of a rule that denies.
  public static func countedAction(_ chain: String) -> RuleAction? {
    [.accept, .pass].first { chain.hasPrefix(rulePrefix($0)) }
  }

  /// The names, a usual one and one for a clash, of the chain that counts for a rule and then has a verdict other than to return.
  /// With an underscore: no rule's chain has one behind its digits.
  public static func counting(
    _ verdict: Verdict, of ruleChain: String, digest: (String) -> String
  ) -> (short: String, long: String) {
    guard let target = verdict.target else { return ("\(ruleChain)_accept", "\(ruleChain)_accepted") }
    let digest = digest(target)
    return ("\(ruleChain)_\(digest.prefix(8))", "\(ruleChain)_\(digest)")
  }

  /// The chain of a later tier of a class. With an underscore: a policy may be named `web.networkpolicy`.
  public static func tier(_ tier: String, of classChain: String) -> String { "\(classChain)_\(tier)" }

  /// The name of a class's first chain, of that or of any other chain of a tier of the class; any other name as it is.
  public static func ofClass(_ chain: String) -> String {
    guard RuleAction.allCases.allSatisfy({ !chain.hasPrefix(rulePrefix($0)) }),
      let end = chain.firstIndex(of: "_")
    else { return chain }
    return String(chain[..<end])
  }

  /// The chain of the rules of a tier behind its `number`th lookup, from 1.
  public static func part(_ number: Int, of chain: String) -> String { "\(chain)_\(number)" }

  /// The chain of a walked list of a tier that classes share. Behind the family no class has an underscore.
  public static func walk(
    _ tier: String, _ direction: Direction, _ family: IPFamily, digest: some StringProtocol
  ) -> String {
    "\(classPrefix(direction, family).dropLast())_\(tier)-\(digest)"
  }

  /// The chain of the rules of a walked list that protocols other than TCP can match.
  public static func otherProtocols(of chain: String) -> String { "\(chain)_other" }

  /// The chain that judges replies as a chain judges what they answer.
  public static func reply(_ chain: String) -> String { chain + replySuffix }

  /// True where a chain judges replies.
  public static func isReply(_ chain: String) -> Bool { chain.hasSuffix(replySuffix) }

  /// The chain that judges what a chain of replies is asked about; any other name as it is.
  public static func answered(_ chain: String) -> String {
    isReply(chain) ? String(chain.dropLast(replySuffix.count)) : chain
  }

  /// The chain of whose direction and policies a chain is: of a class its first one, of replies that which they answer.
  public static func subject(_ chain: String) -> String { ofClass(answered(chain)) }

  static let replySuffix = "_reply"
}

/// The names of sets and maps.
public enum SetName {
  /// The set of pairs of addresses of one pod.
  public static func ownAddresses(_ family: IPFamily) -> String { "self\(family.rawValue)" }

  /// The map from isolated addresses to the chains of their classes.
  public static func verdicts(_ direction: Direction, _ family: IPFamily) -> String {
    "\(direction.rawValue.lowercased())\(family.rawValue)"
  }

  /// The map from addresses to the chains of ClusterNetworkPolicy's tiers alone.
  public static func clusterTierVerdicts(_ direction: Direction, _ family: IPFamily) -> String {
    "\(verdicts(direction, family))-tiers"
  }

  /// The set of the blocks of the node's pod addresses.
  public static func nodePods(_ family: IPFamily) -> String { "node-pods\(family.rawValue)" }

  /// The set of the addresses in these blocks that pods of the inventory have.
  public static func knownPods(_ family: IPFamily) -> String { "known\(family.rawValue)" }

  /// The set of the addresses of this node's pods whose packets must come from the pods' own interfaces.
  public static func localPods(_ family: IPFamily) -> String { "local\(family.rawValue)" }

  /// The set of the names of pods' interfaces.
  public static let podInterfaces = "pod-interfaces"

  /// The beginning of the names of sets of pods' addresses.
  public static func podPrefix(_ family: IPFamily) -> String { "pods\(family.rawValue)-" }

  /// The beginning of the names of sets of blocks.
  public static func blockPrefix(_ family: IPFamily) -> String { "block\(family.rawValue)-" }

  /// The beginning of the names of sets of protocols and ports.
  public static let portPrefix = "ports-"

  /// The map of a class with many rules from pods' addresses to their ports.
  public static func podMap(of chain: String) -> String { "\(chain).pods" }

  /// The map of a class with many rules from ranges of all other addresses to their ports.
  public static func blockMap(of chain: String) -> String { "\(chain).blocks" }

  /// The map that replies are looked up in.
  public static func reply(_ map: String) -> String { map + ChainName.replySuffix }

  /// The map that a map of replies was made of; any other name as it is.
  public static func answered(_ map: String) -> String { ChainName.answered(map) }
}
