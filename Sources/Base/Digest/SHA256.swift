import CSHA256

/// SHA-256 (FIPS 180-4), for names that come from content and for telling whether two texts are the same.
///
/// Where the processor has instructions for it, these do the work; otherwise the sixty lines below.
///
/// Code of its own because the alternative, a cryptography package, takes longer to build than all the rest
/// of this project, and none of its secrets are kept here: digests name things, they do not sign them.
public struct SHA256: Sendable {
  private static let constants: [UInt32] = [
    0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4, 0xab1c_5ed5,
    0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7, 0xc19b_f174,
    0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da,
    0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7, 0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967,
    0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85,
    0xa2bf_e8a1, 0xa81a_664b, 0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070,
    0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3,
    0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7, 0xc671_78f2,
  ]

  /// True where the processor has instructions for the compression.
  static let hasInstructions = csha256_is_available()

  private var state: [UInt32] = [
    0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19,
  ]
  private var pending: [UInt8] = []
  private var length: UInt64 = 0

  private let usesInstructions: Bool

  /// A digest of nothing yet.
  public init() { self.init(usesInstructions: Self.hasInstructions) }

  /// A digest of nothing yet, made by the processor's instructions or by the code below.
  init(usesInstructions: Bool) {
    self.usesInstructions = usesInstructions
    pending.reserveCapacity(64)
  }

  /// Adds bytes to the message.
  public mutating func update(_ bytes: some Collection<UInt8>) {
    let contiguous: Void? = bytes.withContiguousStorageIfAvailable { absorb($0) }
    if contiguous == nil { Array(bytes).withUnsafeBufferPointer { absorb($0) } }
  }

  /// Adds a text's UTF-8.
  public mutating func update(_ text: String) { update(text.utf8) }

  /// The digest of all that was added, as 64 hexadecimal digits.
  public consuming func finalize() -> String {
    let bits = length * 8
    var padding: [UInt8] = [0x80]
    while (pending.count + padding.count) % 64 != 56 { padding.append(0) }
    for shift in stride(from: 56, through: 0, by: -8) {
      padding.append(UInt8(truncatingIfNeeded: bits >> UInt64(shift)))
    }
    update(padding)
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    for word in state {
      for shift in stride(from: 28, through: 0, by: -4) {
        text.append(digits[Int(word >> UInt32(shift) & 15)])
      }
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// The digest of a text, as 64 hexadecimal digits.
  public static func hex(_ text: String) -> String {
    var hasher = SHA256()
    hasher.update(text)
    return hasher.finalize()
  }

  private mutating func absorb(_ bytes: UnsafeBufferPointer<UInt8>) {
    length += UInt64(bytes.count)
    var position = 0
    if !pending.isEmpty {
      position = min(64 - pending.count, bytes.count)
      pending.append(contentsOf: bytes[..<position])
      guard pending.count == 64 else { return }
      let block = pending
      block.withUnsafeBufferPointer { compress($0) }
      pending.removeAll(keepingCapacity: true)
    }
    let rest = bytes.count - position
    if rest >= 64 {
      compress(UnsafeBufferPointer(rebasing: bytes[position..<(bytes.count - rest % 64)]))
      position = bytes.count - rest % 64
    }
    pending.append(contentsOf: bytes[position...])
  }

  /// Takes whole blocks of 64 bytes into the state.
  private mutating func compress(_ blocks: UnsafeBufferPointer<UInt8>) {
    guard usesInstructions, let start = blocks.baseAddress else {
      for start in stride(from: 0, to: blocks.count, by: 64) { Self.compress(&state, blocks, at: start) }
      return
    }
    state.withUnsafeMutableBufferPointer { state in
      if let state = state.baseAddress { csha256_compress(state, start, blocks.count / 64) }
    }
  }

  /// One block of 64 bytes from `start`.
  private static func compress(_ state: inout [UInt32], _ bytes: UnsafeBufferPointer<UInt8>, at start: Int) {
    withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 64) { schedule in
      for index in 0..<16 {
        let at = start + 4 * index
        schedule[index] =
          UInt32(bytes[at]) << 24 | UInt32(bytes[at + 1]) << 16 | UInt32(bytes[at + 2]) << 8
          | UInt32(bytes[at + 3])
      }
      for index in 16..<64 {
        let early = schedule[index - 15]
        let late = schedule[index - 2]
        let low = rotate(early, 7) ^ rotate(early, 18) ^ early >> 3
        let high = rotate(late, 17) ^ rotate(late, 19) ^ late >> 10
        schedule[index] = schedule[index - 16] &+ low &+ schedule[index - 7] &+ high
      }
      var (a, b, c, d) = (state[0], state[1], state[2], state[3])
      var (e, f, g, h) = (state[4], state[5], state[6], state[7])
      constants.withUnsafeBufferPointer { constants in
        for index in 0..<64 {
          let choice = e & f ^ ~e & g
          let mixed = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)
          let first = h &+ mixed &+ choice &+ constants[index] &+ schedule[index]
          let majority = a & b ^ a & c ^ b & c
          let second = (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) &+ majority
          (h, g, f, e) = (g, f, e, d &+ first)
          (d, c, b, a) = (c, b, a, first &+ second)
        }
      }
      for (index, word) in [a, b, c, d, e, f, g, h].enumerated() { state[index] &+= word }
    }
  }

  private static func rotate(_ word: UInt32, _ count: UInt32) -> UInt32 {
    word >> count | word << (32 - count)
  }
}
