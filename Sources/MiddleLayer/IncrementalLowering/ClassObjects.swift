import Addresses
import Lowering
import Ruleset

/// The content of a set in the table: fixed, or the pods of a query.
enum SetState: Equatable, Sendable {
  /// Elements that do not change.
  case fixed(NamedSet)
  /// The pods of a query; the set as it is here has no elements.
  case pods(NamedSet, query: Int, IPFamily)

  var header: NamedSet {
    switch self {
    case .fixed(let set), .pods(let set, _, _): set
    }
  }
}

/// Two addresses of one pod.
struct OwnPair: Hashable, Sendable {
  let source: UInt128
  let destination: UInt128

  var key: ElementKey { .concatenation([Interval(source), Interval(destination)]) }
}

/// The names of a class's objects in one family.
struct ClassObjects: Sendable {
  var chains: [String] = []
  var maps: [String] = []
  var sets: [String] = []
  /// The rules of ClusterNetworkPolicy with a chain of their own.
  var ruleChains: [RuleChain] = []
  /// True where its chains depend on that for peers of any size.
  var copiesLargePeers = false
  /// The questions that its chains ask about addresses; nil: not worked out.
  var addressTests: AddressTests?
  /// The places of the tiers whose ordered rules are walked for their sizes.
  var walkedTiers: Set<Int> = []
}
