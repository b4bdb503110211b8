import Addresses
import Ruleset

/// The kinds of content of a set in the live table.
enum SetState: Equatable, Sendable {
  /// Always the same.
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

/// The names of what the chains of a class in a family need.
struct ClassObjects: Sendable {
  var chains: [String] = []
  var maps: [String] = []
  var sets: [String] = []
  /// True where its chains depend on who its peers are at the moment.
  var isDense = false
}
