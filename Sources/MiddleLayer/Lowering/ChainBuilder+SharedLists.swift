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
    let denials: [RuleDenial]
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
        let statements = lines[place].rule.statements.dropLast() + [verdict(of: .pass, scope)]
        lines[place].rule = Rule(Array(statements), comment: lines[place].rule.comment)
      }
      return lines
    }
    var uses: [(set: SetRegistry.Kept, policy: PolicyID)] = []
    let lines = plainRules(scope, terms, &book) { uses.append(($0, $1)) }
    let passing = lines.indices.filter { place in
      guard let next = scope.next else { return false }
      return lines[place].rule.statements.last == .verdict(.goto(next))
    }
    let denying = lines.compactMap { line -> RuleDenial? in
      guard case .verdict(.goto(let chain)) = line.rule.statements.last else { return nil }
      return denials[chain]
    }
    sharedLines[key] = SharedLines(
      lines: lines, passing: passing, uses: uses, denials: denying, removals: sets.removals)
    return lines
  }

  /// Makes the sets and denials of a list's rules again where they are not there; false where a set's name is another's now.
  private mutating func bringBack(_ known: inout SharedLines) -> Bool {
    if known.removals != sets.removals {
      guard known.uses.allSatisfy({ sets.bringBack($0.set) }) else { return false }
      for use in known.uses { sets.use(use.set.name, by: use.policy) }
      known.removals = sets.removals
    }
    for denial in known.denials { _ = deny(for: denial) }
    return true
  }
}
