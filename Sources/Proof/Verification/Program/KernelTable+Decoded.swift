import Addresses
import KernelProgram
import Ruleset

extension KernelTable {
  /// The conditions and effects of the program for packets of each of some families, as conditions on fields: the form that
  /// the symbolic execution takes. Chains keep their order, rules their places.
  func decoded(_ families: [IPFamily]) -> [(family: IPFamily, table: Table)] {
    // Classes by the dozen have the same rules: each is looked at once, and numbered for all families.
    var numbers: [KernelRule: Int] = [:]
    var rules: [KernelRule] = []
    let numbered = chains.map { chain in
      chain.rules.map { rule in
        let number = Self.number(in: &numbers[rule, default: rules.count])
        if number == rules.count { rules.append(rule) }
        return number
      }
    }
    let obstacles =
      unknown + sets.flatMap { set in set.unknown.map { "\(set.name): \($0)" } }
      + chains.flatMap { chain in chain.unknown.map { "chain \(chain.name): \($0)" } }
    return families.map { family in
      let sets = DecodedSets(self)
      let decoded = rules.map { rule in
        var decoder = RuleDecoder(family, sets)
        return decoder.decode(rule)
      }
      let decodedChains = zip(chains, numbered).map { chain, numbers in
        Chain(
          chain.name, hook: flags.contains(.dormant) ? nil : chain.hook, rules: numbers.map { decoded[$0] })
      }
      return (
        family,
        Table(
          self.family, name, sets: sets.sets, maps: sets.maps, chains: decodedChains, unmodelled: obstacles)
      )
    }
  }

  /// The program for packets of one family.
  func decoded(_ family: IPFamily) -> Table { decoded([family])[0].table }

  private static func number(in place: inout Int) -> Int { place }

  /// The program for packets of each family.
  var decoded: [(family: IPFamily, table: Table)] { decoded(IPFamily.allCases) }

  /// The table with each denial that is only counted (`counter return`) as a denial: what an audit counts is what this
  /// drops.
  var enforcing: KernelTable {
    var table = self
    for chain in table.chains.indices {
      for rule in table.chains[chain].rules.indices
      where table.chains[chain].rules[rule].instructions == [.counter, .verdict(.return)] {
        table.chains[chain].rules[rule].instructions = [.counter, .verdict(.drop)]
      }
    }
    return table
  }

  /// The number of rules.
  var ruleCount: Int { chains.reduce(0) { $0 + $1.rules.count } }

  /// The number of elements of named sets; a range counts once.
  var elementCount: Int { sets.reduce(0) { $0 + $1.elements.count } }
}
