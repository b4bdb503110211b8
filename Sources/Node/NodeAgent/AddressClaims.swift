import Addresses
import PolicyModel

/// The pods that claim each address: nearly always one.
struct AddressClaims: Sendable {
  private var first = AddressTable<ClusterView.Key>()
  /// The others of addresses that two pods or more claim.
  private var others: [IPAddress: Set<ClusterView.Key>] = [:]

  /// Makes room for so many addresses of a family.
  mutating func reserveCapacity(_ count: Int, _ family: IPFamily) { first.reserveCapacity(count, family) }

  /// The pods that claim an address.
  func keys(_ address: IPAddress) -> Set<ClusterView.Key> {
    guard let one = first[address] else { return [] }
    return (others[address] ?? []).union([one])
  }

  /// A pod claims an address.
  mutating func insert(_ key: ClusterView.Key, to address: IPAddress) {
    guard let one = first[address] else {
      first[address] = key
      return
    }
    if one != key { others[address, default: []].insert(key) }
  }

  /// A pod does not claim an address any more.
  mutating func remove(_ key: ClusterView.Key, from address: IPAddress) {
    others[address]?.remove(key)
    if first[address] == key { first[address] = others[address]?.popFirst() }
    if others[address]?.isEmpty == true { others[address] = nil }
  }
}
