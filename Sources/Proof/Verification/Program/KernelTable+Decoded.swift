import Addresses
import KernelProgram
import Ruleset

extension KernelTable {
  /// The conditions and effects of the program for packets of one family, as conditions on fields: the form that the
  /// symbolic execution takes. Chains keep their order, rules their places.
  func decoded(_ family: IPFamily) -> Table {
    let sets = DecodedSets(self)
    // Classes by the dozen have the same rules.
    var known: [KernelRule: Rule] = [:]
    let decodedChains = chains.map { chain in
      Chain(
        chain.name, hook: flags.contains(.dormant) ? nil : chain.hook,
        rules: chain.rules.map { rule in
          if let made = known[rule] { return made }
          var decoder = RuleDecoder(family, sets)
          let made = decoder.decode(rule)
          known[rule] = made
          return made
        })
    }
    return Table(
      self.family, name, sets: sets.sets, maps: sets.maps, chains: decodedChains,
      unmodelled: unknown + self.sets.flatMap { set in set.unknown.map { "\(set.name): \($0)" } }
        + chains.flatMap { chain in chain.unknown.map { "chain \(chain.name): \($0)" } })
  }

  /// The program for packets of each family.
  var decoded: [(family: IPFamily, table: Table)] {
    IPFamily.allCases.map { (family: $0, table: decoded($0)) }
  }

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
