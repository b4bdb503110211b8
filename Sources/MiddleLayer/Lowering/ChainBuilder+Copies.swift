public import Addresses
public import PolicyModel
import Ruleset
import TableLayout

extension ChainBuilder {
  /// The addresses that the lookups of a list of ordered rules would copy.
  public struct ListCopies: Sendable {
    /// The place of the list's tier.
    public let tier: Int
    /// The number of addresses.
    public let count: Int
  }

  /// Finds the long lists of a class's ordered rules, with the addresses that their lookups would copy. The builder is as before.
  public mutating func copies(
    of policyClass: PolicyClass, _ family: IPFamily, terms: [[Term]], lists: [Int?] = [], tiers: [Tier],
    _ book: inout some PeerBook
  ) -> [ListCopies] {
    scopes(of: policyClass, named: "", family, tiers).filter(\.isOfCluster).compactMap { scope in
      let (tier, terms) = (scope.place, terms[scope.place])
      let list = tier < lists.count ? lists[tier] : nil
      guard length(of: terms, list: list, scope, &book) >= denseFrom else { return nil }
      return ListCopies(tier: tier, count: denseForm(terms, list: list, scope, &book).copies)
    }
  }

  /// Hands over the work on lists, for the next builder.
  public mutating func takeMemory() -> ListMemory {
    defer { memory = ListMemory() }
    return memory
  }

  /// The number of addresses that the lookups of an ordered list copy.
  ///
  /// - Parameters:
  ///   - counts: the number of pod addresses of each term's peer, in order.
  ///   - areOrdered: whether the terms must stay in order.
  ///   - copyAtMost: how many addresses of a peer are copied.
  /// - Returns: the number.
  public static func copies(_ counts: some Sequence<Int>, areOrdered: Bool, copyAtMost: Int) -> Int {
    var (all, ofSmall, parts, hasMapped) = (0, 0, 1, false)
    for count in counts {
      all += count
      if count <= copyAtMost {
        ofSmall += count
        hasMapped = true
      } else if areOrdered, hasMapped {
        parts += 1
        hasMapped = false
      }
    }
    return parts > mostParts ? all : ofSmall
  }

  /// True where the order of terms matters: they do different things, or have chains that count for them.
  public static func areOrdered(_ terms: [Term]) -> Bool {
    terms.contains { $0.action != terms[0].action || $0.ruleChain != nil }
  }

  /// The number of rules of a list, whatever is asked behind it: so a list that several classes share is long for all of them.
  static func length(of lines: [Line]) -> Int { lines.reduce(lines.count) { $0 + ($1.isOfTwo ? 1 : 0) } }

  private mutating func length(
    of terms: [Term], list: Int?, _ scope: ClassScope, _ book: inout some PeerBook
  ) -> Int {
    if let known = list.flatMap({ memory.lengths[Shared(number: $0, family: scope.family)] }) { return known }
    let before = state
    defer { goBack(to: before) }
    return Self.length(of: rules(of: terms, list: list, scope, &book))
  }

  /// A state that the builder can go back to.
  struct State {
    fileprivate let sets: SetRegistry.State
    fileprivate let denyingChain: Chain?
    fileprivate let ruleChains: Int
  }

  /// The state as it is now.
  var state: State {
    State(sets: sets.state, denyingChain: chains[ChainName.deny], ruleChains: madeRuleChains.count)
  }

  /// Forgets the sets and the chains of rules that were made since.
  mutating func goBack(to state: State) {
    sets.goBack(to: state.sets)
    chains[ChainName.deny] = state.denyingChain
    forgetRuleChains(from: state.ruleChains)
  }
}
