public import Addresses
public import PolicyModel
public import Ruleset

/// The peers that a rule refers to, with the policy's own namespace filled in: equal terms match equal
/// traffic.
public enum PeerTerm: Hashable, Sendable {
  /// No restriction of peers.
  case everything
  /// The pods of a query.
  case pods(PodQuery)
  /// Addresses, each block without its own excepts.
  case blocks([IPBlock])
}

/// The addresses that a peer comes to in one family. *Everything* and *nothing* are cases of their own: a filter
/// that leaves nothing must never widen.
public enum AddressMatch: Sendable {
  /// Every address of the family.
  case everything
  /// None, now and with any pods: an IPv4 block in IPv6, say.
  case nothing
  /// Ranges of addresses, at least one.
  case ranges(IntervalSet<UInt128>)
  /// Addresses of pods, ascending; there may be none at the moment.
  case pods([UInt128])
}

/// Resolves peers to their current addresses.
public protocol PeerBook {
  /// The addresses of the pods of a query, ascending.
  mutating func addresses(_ query: PodQuery, _ family: IPFamily) -> [UInt128]
  /// The number of pods that the query selects.
  mutating func count(_ query: PodQuery, _ family: IPFamily) -> Int
  /// The same as elements of their set. A book that keeps the elements of its sets elsewhere has none here.
  mutating func elements(_ query: PodQuery, _ family: IPFamily) -> [ElementKey]
  /// The set of the pods of a query.
  mutating func description(_ query: PodQuery, _ family: IPFamily) -> SetRegistry.Description
  /// The numbers that pods of the query, in whatever block, give to a port name, ascending.
  mutating func numbers(ofPort name: String, _ transport: TransportProtocol, among query: PodQuery)
    -> [UInt16]
}

extension PeerBook {
  /// The addresses of a term in a family.
  mutating func match(_ term: PeerTerm, _ family: IPFamily) -> AddressMatch {
    switch term {
    case .everything: return .everything
    case .pods(let query): return .pods(addresses(query, family))
    case .blocks(let blocks):
      let set = IPBlock.addresses(of: blocks, family)
      if set.isEmpty { return .nothing }
      return set.intervals == [family.everything] ? .everything : .ranges(set)
    }
  }

  /// The number of pod addresses that a term has in a family; 0 for a term that is not about pods.
  mutating func count(_ term: PeerTerm, _ family: IPFamily) -> Int {
    guard case .pods(let query) = term else { return 0 }
    return count(query, family)
  }
}
