import Addresses

/// The limit of addresses that lookups of ClusterNetworkPolicy's tiers copy: each class has a lookup of its own, and many
/// classes under many rules would make a ruleset many times as large as the sets that the rules share.
struct CopyBudget {
  /// The number of addresses that are allowed in all.
  let always: Int
  /// The number of tiers that were refused.
  private(set) var refused = 0
  /// The number of addresses that the allowed lookups copy.
  private(set) var copied = 0
  /// The number of addresses of each peer, once for all rules that share its set.
  private var shared: [SharedPeer: Int] = [:]
  /// The number of addresses of all peers, each peer's once.
  private(set) var sharedSum = 0

  /// A budget that allows so many addresses.
  init(always: Int) { self.always = always }

  private struct SharedPeer: Hashable {
    let peer: PeerTerm
    let family: IPFamily
  }

  /// Counts the peers of a list's terms among those of all rules.
  mutating func count(_ terms: [Term], _ family: IPFamily, _ book: inout some PeerBook) {
    for term in terms {
      let count = book.count(term.peer, family)
      if shared.updateValue(count, forKey: SharedPeer(peer: term.peer, family: family)) == nil {
        sharedSum += count
      }
    }
  }

  /// True where a lookup that copies so many addresses stays within the limit; then these count from now on.
  mutating func allows(_ copies: Int) -> Bool {
    if copied + copies > always {
      refused += 1
      return false
    }
    copied += copies
    return true
  }
}
