package import Addresses
import PolicyModel
package import Ruleset
import TableLayout

extension IncrementalCompiler {
  /// Puts a chain in the place of the one of its name, as a mistake of the compiler would: for tests of slices.
  package mutating func spoil(_ chain: Chain) {
    state.spoil(chain)
    for number in classes.numbers.values {
      for family in IPFamily.allCases { classes.pool[number].parts[family]?.addressTests = nil }
    }
    ownKinds.forgetReadings()
    _ = settle()
  }

  /// Sends an address to another chain by a map of the table, as a mistake of the compiler would; nil: to none. For tests of slices.
  package mutating func missend(_ address: IPAddress, by map: String, to chain: String?) {
    for direction in Direction.allCases {
      if state.layout.verdictMap(direction, address.family, []).name == map {
        state.send(address, direction, to: chain)
      }
      if state.layout.clusterTierMap(direction, address.family, []).name == map {
        state.sendByClusterTiers(address, direction, to: chain)
      }
    }
    _ = settle()
  }
}

extension IncrementalCompiler.Change {
  /// The same change with another difference in the table, as a mistake of the compiler would make it: for tests of slices.
  package func with(_ delta: TableDelta) -> Self {
    Self(
      delta: delta, isFilled: true, warnings: warnings, endpoints: endpoints, isOfPods: isOfPods,
      relabelled: relabelled, policies: policies)
  }
}
