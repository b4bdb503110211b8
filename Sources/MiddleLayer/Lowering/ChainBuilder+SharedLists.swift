import Addresses
import PolicyModel
import Ruleset

extension ChainBuilder {
  /// A list of terms that several classes share, in a family. Where nothing is asked behind it, to pass is to accept.
  struct SharedList: Hashable {
    let number: Int
    let family: IPFamily
    let isLast: Bool
  }

  /// The rules of such a list, with what they use.
  struct SharedLines {
    let lines: [Line]
    /// The places of those that pass to the chain of the next tier, which each class has for itself.
    let passing: [Int]
    let uses: [(set: SetRegistry.Kept, policy: PolicyID)]
    let ruleChains: [RuleChain]
    /// The registry's removals when the sets were there last.
    var removals: Int
  }

  /// The plain rules of a list of terms. Those of a list that classes share are made once.
  mutating func rules(
    of terms: [Term], list: Int?, _ scope: ClassScope, _ book: inout some PeerBook
  ) -> [Line] {
    guard let list else { return plainRules(scope, terms, &book) }
    let key = SharedList(number: list, family: scope.family, isLast: scope.next == nil)
    if var known = sharedLines[key], bringBack(&known) {
      sharedLines[key] = known
      guard scope.next != nil else { return known.lines }
      var lines = known.lines
      for place in known.passing {
        let passing = verdict(of: .pass, by: lines[place].ruleChain, scope)
        let statements = lines[place].rule.statements.dropLast() + [passing]
        lines[place].rule = Rule(Array(statements), comment: lines[place].rule.comment)
      }
      return lines
    }
    var uses: [(set: SetRegistry.Kept, policy: PolicyID)] = []
    let lines = plainRules(scope, terms, &book) { uses.append(($0, $1)) }
    memory.lengths[Shared(number: list, family: scope.family)] = Self.length(of: lines)
    sharedLines[key] = SharedLines(
      lines: lines, passing: lines.indices.filter { lines[$0].isPassing },
      uses: uses,
      ruleChains: lines.compactMap(\.ruleChain), removals: sets.removals)
    return lines
  }

  /// Makes the sets and chains of a list's rules again where they are not there; false where a set's name is another's now.
  private mutating func bringBack(_ known: inout SharedLines) -> Bool {
    if known.removals != sets.removals {
      guard known.uses.allSatisfy({ sets.bringBack($0.set) }) else { return false }
      for use in known.uses { sets.use(use.set.name, by: use.policy) }
      known.removals = sets.removals
    }
    for rule in known.ruleChains { bringBack(rule) }
    return true
  }
}
