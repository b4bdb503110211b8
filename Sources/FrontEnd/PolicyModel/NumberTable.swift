/// Numbers by integers that several of them may have, in open addressing: the room of a key and four bytes for each, where a
/// dictionary of a hundred thousand that stands just above a power of two takes three times as much.
struct NumberTable<Key: FixedWidthInteger & Sendable>: Sendable {
  private var keys: [Key] = []
  /// Behind each key its number and one; zero where the place is free.
  private var slots: [UInt32] = []
  /// The number of entries: pairs of a key and a number.
  private(set) var count = 0

  private var mask: Int { slots.count - 1 }

  /// The place where the search for a key begins.
  private func start(_ key: Key) -> Int { key.hashValue & mask }

  /// So many entries fit into a table of some places: thirteen sixteenths of them.
  private static func room(_ places: Int) -> Int { places / 16 * 13 }

  /// Makes room for so many entries.
  mutating func reserveCapacity(_ wanted: Int) {
    var places = max(slots.count, 16)
    while Self.room(places) < wanted { places *= 2 }
    if places > slots.count { resize(places) }
  }

  private mutating func resize(_ places: Int) {
    let (oldKeys, oldSlots) = (keys, slots)
    keys = Array(repeating: 0, count: places)
    slots = Array(repeating: 0, count: places)
    for (key, slot) in zip(oldKeys, oldSlots) where slot != 0 { put(slot, key) }
  }

  private mutating func put(_ slot: UInt32, _ key: Key) {
    var place = start(key)
    while slots[place] != 0 { place = (place + 1) & mask }
    (keys[place], slots[place]) = (key, slot)
  }

  /// The first number of a key that a condition holds for, in no order; nil where there is none.
  func first(_ key: Key, where isWanted: (Int) -> Bool) -> Int? {
    if count == 0 { return nil }
    var place = start(key)
    while slots[place] != 0 {
      if keys[place] == key, isWanted(Int(slots[place] - 1)) { return Int(slots[place] - 1) }
      place = (place + 1) & mask
    }
    return nil
  }

  /// The numbers of a key, in no order.
  func numbers(_ key: Key) -> [Int] {
    var found: [Int] = []
    _ = first(key) { number in
      found.append(number)
      return false
    }
    return found
  }

  /// Gives a key a number that it does not have.
  mutating func insert(_ number: Int, _ key: Key) {
    if count >= Self.room(slots.count) { resize(max(16, slots.count * 2)) }
    put(UInt32(number + 1), key)
    count += 1
  }

  /// Takes a number from a key; nothing happens where the key has not got it.
  mutating func remove(_ number: Int, _ key: Key) {
    if count == 0 { return }
    var hole = start(key)
    while slots[hole] != UInt32(number + 1) || keys[hole] != key {
      if slots[hole] == 0 { return }
      hole = (hole + 1) & mask
    }
    count -= 1
    // What stands behind moves up, so that the search for it does not end at the free place.
    var place = (hole + 1) & mask
    while slots[place] != 0 {
      if (place - start(keys[place])) & mask >= (place - hole) & mask {
        (keys[hole], slots[hole]) = (keys[place], slots[place])
        hole = place
      }
      place = (place + 1) & mask
    }
    slots[hole] = 0
  }
}
