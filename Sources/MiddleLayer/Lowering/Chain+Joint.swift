public import Addresses
import Digest
public import PolicyModel
public import Ruleset
import TableLayout

extension Chain {
  /// The chain of addresses that several pods have an equal claim to: the chains of all of these are asked, one after the
  /// other. Each returns what it allows and drops the rest, so what comes back from the last one is allowed by all.
  public static func ofAll(_ chains: [String], _ direction: Direction, _ family: IPFamily) -> Chain {
    let chains = chains.sorted()
    let name = Name.make(
      prefix: ChainName.classPrefix(direction, family), hint: "all-of-\(chains.count)",
      digest: SHA256.hex(chains.joined(separator: "\n")).prefix(12))
    return Chain(name, rules: chains.map { Rule([.verdict(.jump($0))]) })
  }
}
