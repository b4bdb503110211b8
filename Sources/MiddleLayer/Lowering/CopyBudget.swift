import Addresses

/// The limit of addresses that lookups of ClusterNetworkPolicy's tiers copy: each class has a lookup of its own, and many
/// classes under many rules would make a ruleset many times as large as the sets that the rules share.
///
/// Which lists become lookups follows from the sizes of all lists and from nothing else, not from their order: a list that comes or
/// goes changes at most what is done with lists of one size. An incremental compiler keeps the same sums.
public struct CopyBudget: Sendable {
  /// The number of addresses that are allowed in all.
  private let always: Int
  /// The number of addresses that the lists of each size would copy, by the size's number of bits.
  private var sums = [Int](repeating: 0, count: Int.bitWidth + 1)

  /// A budget that allows so many addresses, without lists.
  public init(always: Int) { self.always = always }

  /// Counts a list that would copy so many addresses; the sign −1 forgets it again.
  public mutating func count(_ copies: Int, _ sign: Int = 1) {
    sums[copies.bits] += sign * copies
  }

  /// The sizes of lists that become lookups: from the smallest on, as many as copy no more than is allowed. Sizes with the
  /// same number of bits are one.
  public var limit: CopyLimit {
    var sum = 0
    for (bits, own) in sums.enumerated() {
      sum += own
      if sum > always { return CopyLimit(bits: bits - 1) }
    }
    return .none
  }
}

/// The sizes of lists that become lookups.
public struct CopyLimit: Sendable, Equatable {
  /// The limit of the number of bits of a size.
  fileprivate let bits: Int

  /// The limit that allows every size.
  public static let none = CopyLimit(bits: Int.bitWidth)

  /// True where a lookup that copies so many addresses is within the limit.
  public func allows(_ copies: Int) -> Bool { copies.bits <= bits }
}

extension Int {
  /// The number of bits that write a number which is not negative: 0 for 0.
  fileprivate var bits: Int { Int.bitWidth - leadingZeroBitCount }
}

/// The addresses of the peers of ordered tiers, each peer's once: for all rules that share its set.
struct SharedPeers {
  /// The number of addresses of all peers.
  private(set) var sum = 0
  private var known: Set<Peer> = []

  private struct Peer: Hashable {
    let peer: PeerTerm
    let family: IPFamily
  }

  /// Counts the peers of a list's terms among those of all rules.
  mutating func count(_ terms: [Term], _ family: IPFamily, _ book: inout some PeerBook) {
    for term in terms where known.insert(Peer(peer: term.peer, family: family)).inserted {
      sum += book.count(term.peer, family)
    }
  }
}
