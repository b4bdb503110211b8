import Digest
import PolicyModel
import Ruleset
import TableLayout

/// The chains of rules of ClusterNetworkPolicy: those that deny, and, where rules are counted, all others.
///
/// A rule has one chain that counts, whatever classes, lists and families meet the rule. That of a rule that accepts or passes ends
/// behind its counter, and so returns. Where a list needs another verdict than to return, it sends packets to a chain that
/// jumps there and then has that verdict: one for each rule and verdict.
extension ChainBuilder {
  /// The verdict that denies for a rule, with the chain it needs.
  mutating func deny(for rule: RuleChain) -> Verdict {
    add(rule, rules: [TableLayout.denial])
    return .goto(rule.chain)
  }

  /// The verdict that counts for a rule first, with the chains it needs; the verdict itself where there is no rule to count for.
  mutating func counted(_ verdict: Verdict, by rule: RuleChain?) -> Verdict {
    guard let rule else { return verdict }
    add(rule, rules: [Rule([.counter], comment: rule.comment)])
    if verdict == .return { return .goto(rule.chain) }
    let way = ChainName.counting(verdict, of: rule.chain, digest: { SHA256.hex($0) })
    var name = way.short
    // Two chains whose digests begin alike must not be one.
    let identity = "\(rule.chain)\n\(verdict)"
    if let other = decisions[name], other != identity { name = way.long }
    if chains[name] == nil {
      chains[name] = Chain(name, rules: [Rule([.verdict(.jump(rule.chain))]), Rule([.verdict(verdict)])])
      decisions[name] = identity
      madeRuleChains.append(name)
    }
    return .goto(name)
  }

  /// Makes the chain of a rule again that was forgotten.
  mutating func bringBack(_ rule: RuleChain) {
    _ = rule.action == .deny ? deny(for: rule) : counted(.return, by: rule)
  }

  /// Forgets the chains that were made after the first `count` ones.
  mutating func forgetRuleChains(from count: Int) {
    for name in madeRuleChains[count...] {
      chains[name] = nil
      ruleChains[name] = nil
    }
    madeRuleChains.removeLast(madeRuleChains.count - count)
  }

  private mutating func add(_ rule: RuleChain, rules: @autoclosure () -> [Rule]) {
    guard chains[rule.chain] == nil else { return }
    chains[rule.chain] = Chain(rule.chain, rules: rules())
    ruleChains[rule.chain] = rule
    madeRuleChains.append(rule.chain)
  }
}
