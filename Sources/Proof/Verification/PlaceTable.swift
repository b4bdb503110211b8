/// The places of addresses in a list: a table for numbers alone, which are asked for by the hundred thousand.
///
/// Addresses that lie close together, as those of pods do, are looked up by their distance from the first; others by a hash.
struct PlaceTable {
  /// The place of each number from `first` on, or -1; empty where the addresses are too far from each other.
  private var near: [Int32] = []
  private let first: UInt128
  private var keys: [UInt128] = []
  private var places: [Int32] = []
  private var mask = 0

  /// The places of a list whose members are different. O(n).
  init(_ addresses: [UInt128]) {
    first = addresses.min() ?? 0
    let reach = (addresses.max() ?? 0) - first
    if reach < UInt128(addresses.count * 16 + 1_024) {
      near = Array(repeating: -1, count: Int(reach) + 1)
      for (place, address) in addresses.enumerated() { near[Int(address - first)] = Int32(place) }
      return
    }
    var size = 16
    while size < addresses.count * 2 { size *= 2 }
    mask = size - 1
    keys = Array(repeating: 0, count: size)
    places = Array(repeating: -1, count: size)
    for (place, address) in addresses.enumerated() {
      var slot = Self.hash(address) & mask
      while places[slot] >= 0 { slot = (slot + 1) & mask }
      keys[slot] = address
      places[slot] = Int32(place)
    }
  }

  /// The place of an address, or nil where the list does not have it. O(1).
  func place(of address: UInt128) -> Int? {
    if !near.isEmpty {
      guard address >= first, address - first < UInt128(near.count) else { return nil }
      let place = near[Int(truncatingIfNeeded: address - first)]
      return place < 0 ? nil : Int(place)
    }
    var slot = Self.hash(address) & mask
    while places[slot] >= 0 {
      if keys[slot] == address { return Int(places[slot]) }
      slot = (slot + 1) & mask
    }
    return nil
  }

  private static func hash(_ address: UInt128) -> Int {
    let low = UInt64(truncatingIfNeeded: address)
    let high = UInt64(truncatingIfNeeded: address >> 64)
    let mixed = (low ^ high &* 0xbf58_476d_1ce4_e5b9) &* 0x9e37_79b9_7f4a_7c15
    return Int(truncatingIfNeeded: mixed >> 20)
  }
}
