import Addresses

/// The limit of addresses that lookups of ClusterNetworkPolicy's tiers copy: each class has a lookup of its own, and many
/// classes under many rules would make a ruleset many times as large as the sets that the rules share.
///
/// The choice of the lists that become lookups follows from the sizes of all lists and from nothing else, not from their order: a
/// list that comes or goes changes at most what is done with lists of the sizes about the limit. An incremental compiler keeps the
/// same sums.
public struct CopyBudget: Sendable {
  /// The number of addresses that are allowed in all.
  private let always: Int
  /// The number of addresses that the lists of each size class would copy.
  private var sums = [Int](repeating: 0, count: Int.max.sizeClass + 1)

  /// A budget that allows so many addresses, without lists.
  public init(always: Int) { self.always = always }

  /// Counts a list that would copy so many addresses; the sign −1 forgets it again.
  public mutating func count(_ copies: Int, _ sign: Int = 1) {
    sums[copies.sizeClass] += sign * copies
  }

  /// The sizes of lists that become lookups: from the smallest on, as many as copy no more than is allowed. Sizes of one class
  /// are treated alike.
  public var limit: CopyLimit {
    var sum = 0
    for (sizeClass, own) in sums.enumerated() {
      sum += own
      if sum > always { return CopyLimit(sizeClass: sizeClass - 1) }
    }
    return .none
  }
}

/// The sizes of lists that become lookups.
public struct CopyLimit: Sendable, Equatable {
  /// The largest class of sizes that is allowed.
  fileprivate let sizeClass: Int

  /// The limit that allows every size.
  public static let none = CopyLimit(sizeClass: Int.max.sizeClass)

  /// True where a lookup that copies so many addresses is within the limit.
  public func allows(_ copies: Int) -> Bool { copies.sizeClass <= sizeClass }
}

extension Int {
  /// The class of a size that is not negative, ascending with it: below 16 each size is one, and larger sizes are in one that have the
  /// same number of bits and the same first four, so that two of them differ by less than an eighth.
  fileprivate var sizeClass: Int {
    let shift = Int.bitWidth - leadingZeroBitCount - 4
    return shift <= 0 ? self : 8 * shift + (self >> shift)
  }
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
