/// Keeps one copy of each text: a hundred thousand objects have few different ones.
package struct Interner {
  private var texts: [String] = []
  /// Open addressing: index into `texts` plus one, zero for free. A power of two, at most half full.
  private var slots: [UInt32]

  /// An interner that keeps nothing yet.
  package init() { slots = [UInt32](repeating: 0, count: 1024) }

  private init(slots: [UInt32]) { self.slots = slots }

  /// Takes the interner out of a variable, so that it is not copied when it grows. The variable must be set again.
  package static func take(_ interner: inout Interner) -> Interner {
    var taken = Interner(slots: [])
    swap(&taken, &interner)
    return taken
  }

  /// The number of long texts that are kept.
  package var count: Int { texts.count }

  /// The text as a shared string.
  package mutating func string(_ text: EventText) -> String {
    // Up to 15 bytes a string needs no memory of its own.
    if text.count <= 15 { return text.string }
    let mask = slots.count - 1
    var slot = Int(truncatingIfNeeded: Self.hash(text.bytes)) & mask
    while slots[slot] != 0 {
      let known = texts[Int(slots[slot]) - 1]
      if Self.same(known, text) { return known }
      slot = (slot + 1) & mask
    }
    let new = text.string
    texts.append(new)
    slots[slot] = UInt32(texts.count)
    if texts.count * 2 > slots.count { grow() }
    return new
  }

  private mutating func grow() {
    var larger = [UInt32](repeating: 0, count: slots.count * 2)
    let mask = larger.count - 1
    for (index, text) in texts.enumerated() {
      var copy = text
      var slot = Int(truncatingIfNeeded: copy.withUTF8(Self.hash)) & mask
      while larger[slot] != 0 { slot = (slot + 1) & mask }
      larger[slot] = UInt32(index + 1)
    }
    slots = larger
  }

  /// FNV-1a, with its high half folded in. Collisions cost time only, and an attacker's file only their own.
  private static func hash(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    return hash ^ (hash >> 32)
  }

  private static func same(_ known: String, _ text: EventText) -> Bool {
    known.utf8.withContiguousStorageIfAvailable { bytes in
      bytes.count == text.count && bytes.elementsEqual(text.bytes)
    } ?? (known == text.string)
  }
}
