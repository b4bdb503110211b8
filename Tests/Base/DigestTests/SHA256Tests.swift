import TestSupport
import Testing

@testable import Digest

@Suite("SHA-256", .bounded)
struct SHA256Tests {
  /// Messages of FIPS 180-4's examples with their digests.
  private static let examples = [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
    (
      String(repeating: "a", count: 1_000_000),
      "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
    ),
  ]

  @Test("the standard's examples, with the processor's instructions and without")
  func standard() {
    for (message, digest) in Self.examples {
      #expect(SHA256.hex(message) == digest)
      #expect(Self.digest(Array(message.utf8), usesInstructions: false) == digest)
    }
  }

  @Test("messages of every length, in pieces of every size, by both ways")
  func pieces() {
    let bytes = (0..<300).map { UInt8(truncatingIfNeeded: $0 &* 151 &+ 7) }
    for count in 0...bytes.count {
      let message = Array(bytes.prefix(count))
      let digest = Self.digest(message, usesInstructions: false)
      for size in [1, 3, 63, 64, 65, 200] {
        #expect(Self.digest(message, pieces: size, usesInstructions: SHA256.hasInstructions) == digest)
      }
    }
  }

  private static func digest(_ message: [UInt8], pieces size: Int = .max, usesInstructions: Bool) -> String {
    var hasher = SHA256(usesInstructions: usesInstructions)
    var rest = message[...]
    while !rest.isEmpty {
      hasher.update(rest.prefix(size))
      rest = rest.dropFirst(size)
    }
    return hasher.finalize()
  }
}
