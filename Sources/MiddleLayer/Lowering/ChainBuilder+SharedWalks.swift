import Digest
import PolicyModel
import Ruleset
import TableLayout

extension ChainBuilder {
  /// True where the walk of a list has a chain that all classes jump to.
  ///
  /// Ingress is asked last, so what a list accepts can be accepted for good, and what it passes returns to the class. Of egress
  /// what is accepted goes on to ingress, which only the end of the class's own chain does.
  func sharesWalk(_ scope: ClassScope) -> Bool {
    sharesWalks && scope.isOfCluster && scope.direction == .ingress
  }

  /// The rule that jumps to the walk of a list, where there is one. A list that was too large once is so for every class.
  func knownWalk(_ scope: ClassScope, _ list: Int?) -> Line? {
    guard let list, sharesWalk(scope) else { return nil }
    return sharedWalks[Shared(number: list, family: scope.family)].map(Self.jump)
  }

  /// The rule that jumps to the walk of a list, which is made.
  mutating func walk(_ terms: [Term], list: Int, _ scope: ClassScope, _ book: inout some PeerBook) -> Line {
    var policies: [PolicyID] = []
    for term in terms where policies.last != term.policy { policies.append(term.policy) }
    let words = policies.map(\.description)
    let tier = scope.tier
    var name = ChainName.walk(
      tier, scope.direction, scope.family, digest: SHA256.hex(words.joined(separator: "\n")).prefix(12))
    // Two lists whose digests begin alike must not share a chain.
    while chains[name] != nil || decisions[name] != nil { name += "x" }
    var shared = scope
    shared.chain = name
    shared.isShared = true
    finish(name, plainRules(shared, terms, &book), [], isWalked: true)
    remarks[name] = ["the rules of \(words.joined(separator: ", ")) in order"]
    walkedPolicies[name] = words.joined(separator: "\n")
    sharedWalks[Shared(number: list, family: scope.family)] = name
    return Self.jump(to: name)
  }

  private static func jump(to chain: String) -> Line {
    Line(rule: Rule([.verdict(.jump(chain))]), policies: [], origins: [])
  }
}
