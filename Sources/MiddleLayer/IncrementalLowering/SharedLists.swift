import Lowering
import PolicyModel

/// The work on lists of rules that several classes share, kept during one transaction: peers change between transactions.
struct SharedLists: Sendable {
  /// The work on each list, by its number.
  var memory = ListMemory()
  private var numbers: [Key: Int] = [:]

  private struct Key: Hashable {
    let tier: String
    let direction: Direction
    let policies: [PolicyID]
  }

  /// The work, which is not here until it is given back: without copies.
  mutating func takeMemory() -> ListMemory {
    defer { memory = ListMemory() }
    return memory
  }

  /// A number for each tier whose list of terms other classes have too: equal lists have equal numbers.
  mutating func numbers(of tiers: [Tier], _ direction: Direction) -> [Int?] {
    tiers.map { tier in
      guard tier.entries.allSatisfy({ tier.kind.sharesTerms(of: $0) }) else { return nil }
      let key = Key(
        tier: tier.kind.name, direction: direction, policies: tier.entries.map(\.policy))
      let number = numbers[key] ?? numbers.count
      numbers[key] = number
      return number
    }
  }
}
