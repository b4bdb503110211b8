/// Keeps one copy of each text: a hundred thousand objects have few different ones.
public struct Interner {
  private var texts: [String] = []
  /// Open addressing: index into `texts` plus one, zero for free. A power of two, at most half full.
  private var slots: [UInt32]

  /// An interner that keeps nothing yet.
  public init() { slots = [UInt32](repeating: 0, count: 1024) }

  private init(slots: [UInt32]) { self.slots = slots }

  /// Takes the interner out of a variable, so that it is not copied when it grows. The variable must be set again.
  public static func take(_ interner: inout Interner) -> Interner {
    var taken = Interner(slots: [])
    swap(&taken, &interner)
    return taken
  }

  /// The number of long texts that are kept.
  public var count: Int { texts.count }

  /// The text as a shared string.
  public mutating func string(_ text: EventText) -> String {
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

  /// Eight bytes at a time, multiplied and folded. Collisions cost time only, and an attacker's file only their own.
  private static func hash(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt64 {
    var hash = 0xcbf2_9ce4_8422_2325 ^ UInt64(bytes.count)
    func mix(_ word: UInt64) {
      hash = (hash ^ word) &* 0x9e37_79b9_7f4a_7c15
      hash ^= hash >> 32
    }
    let raw = UnsafeRawBufferPointer(bytes)
    for at in stride(from: 0, to: bytes.count & ~7, by: 8) {
      mix(raw.loadUnaligned(fromByteOffset: at, as: UInt64.self))
    }
    var rest: UInt64 = 0
    for byte in bytes[(bytes.count & ~7)...] { rest = rest << 8 | UInt64(byte) }
    mix(rest)
    return hash
  }

  private static func same(_ known: String, _ text: EventText) -> Bool {
    known.utf8.withContiguousStorageIfAvailable { bytes in
      bytes.count == text.count && bytes.elementsEqual(text.bytes)
    } ?? (known == text.string)
  }
}
