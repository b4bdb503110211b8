/// The places of addresses in a list: a hash table for numbers alone, which are asked for by the hundred thousand.
struct PlaceTable {
  private var keys: [UInt128]
  private var places: [Int32]
  private let mask: Int

  /// The places of a list whose members are different. O(n).
  init(_ addresses: [UInt128]) {
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
