/// Makes damaged inputs out of whole ones: each is a function of the corpus, a seed and its number alone, so that one
/// that breaks something can be made again.
///
/// Inputs are cut into tokens, words and signs, and most damage is done to whole tokens: bytes changed at random seldom
/// get further than a parser's first line.
public struct InputMutator: Sendable {
  private let corpus: [[UInt8]]
  /// The tokens of each input, as ranges of its bytes.
  private let tokens: [[Range<Int>]]
  private let seed: UInt64

  /// The longest input that is made, in bytes: as much as a parser needs to be led astray.
  public static let longest = 64 << 10

  /// Inputs of a corpus of whole ones, of which empty ones are left out. With none, inputs are noise.
  public init(corpus: [[UInt8]], seed: UInt64) {
    let whole = corpus.filter { !$0.isEmpty }
    self.corpus = whole.isEmpty ? [[0x20]] : whole
    tokens = self.corpus.map(Self.tokens)
    self.seed = seed
  }

  /// The input of a number. Complexity: linear in its length.
  public func input(_ number: UInt64) -> [UInt8] {
    var random = NumberedRandom(seed: seed, number: number)
    let chosen = random.below(corpus.count)
    var bytes = corpus[chosen]
    var ranges = tokens[chosen]
    for round in 0..<(1 + random.below(5)) {
      // Ranges are those of the whole input: after the first damage they only say where to look.
      if round > 0, random.below(4) == 0 { ranges = Self.tokens(bytes) }
      damage(&bytes, ranges, &random)
      if bytes.isEmpty { bytes = [0x0A] }
    }
    return bytes.count > Self.longest ? Array(bytes.prefix(Self.longest)) : bytes
  }

  private func damage(_ bytes: inout [UInt8], _ ranges: [Range<Int>], _ random: inout NumberedRandom) {
    let place = Self.place(in: bytes, ranges, &random)
    switch random.below(13) {
    case 0: bytes.removeSubrange(place)
    case 1: bytes.insert(contentsOf: bytes[place], at: place.upperBound)
    case 2, 3:
      let other = random.below(corpus.count)
      let theirs = corpus[other]
      bytes.replaceSubrange(place, with: theirs[Self.place(in: theirs, tokens[other], &random)])
    case 4:
      let twin = Self.place(in: bytes, ranges, &random)
      bytes.replaceSubrange(place, with: Array(bytes[twin]))
    case 5: bytes.replaceSubrange(place, with: Self.words[random.below(Self.words.count)].utf8)
    case 6: bytes.insert(contentsOf: Self.words[random.below(Self.words.count)].utf8, at: place.lowerBound)
    case 7:
      // A whole stretch, as an editor moves lines.
      let end = min(bytes.count, place.lowerBound + random.below(200))
      bytes.insert(contentsOf: bytes[place.lowerBound..<end], at: random.below(bytes.count + 1))
    case 8: bytes.removeSubrange(place.lowerBound..<min(bytes.count, place.lowerBound + random.below(120)))
    case 9: bytes[place.lowerBound] ^= 1 << UInt8(random.below(8))
    case 10: bytes[place.lowerBound] = UInt8(random.below(256))
    case 11: bytes.removeSubrange(place.lowerBound...)
    default:
      let sign = Self.nesting[random.below(Self.nesting.count)]
      let times = 1 << random.below(12)
      bytes.insert(contentsOf: String(repeating: sign, count: times).utf8, at: place.lowerBound)
    }
  }

  /// A token, or one byte where there are none left; never empty.
  private static func place(
    in bytes: [UInt8], _ ranges: [Range<Int>], _ random: inout NumberedRandom
  ) -> Range<Int> {
    guard !ranges.isEmpty else { return 0..<1 }
    let range = ranges[random.below(ranges.count)].clamped(to: 0..<bytes.count)
    if !range.isEmpty { return range }
    let byte = random.below(bytes.count)
    return byte..<(byte + 1)
  }

  /// Words, runs of spaces, and signs one by one.
  private static func tokens(_ bytes: [UInt8]) -> [Range<Int>] {
    var found: [Range<Int>] = []
    var start = 0
    while start < bytes.count {
      let kind = Kind(bytes[start])
      var end = start + 1
      while kind != .sign, end < bytes.count, Kind(bytes[end]) == kind { end += 1 }
      found.append(start..<end)
      start = end
    }
    return found
  }

  private enum Kind {
    case word, space, sign

    init(_ byte: UInt8) {
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
        UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"), 0x80...0xFF:
        self = .word
      case 0x09, 0x0A, 0x0D, 0x20: self = .space
      default: self = .sign
      }
    }
  }

  private static let nesting = ["[", "{", "(", "{\"a\":", "- ", "  ", "!", "*", "&a ", "1 - ", "a:\n ", "\\"]

  /// Difficult words for parsers: the ends of ranges, alternative spellings, and words of other formats.
  private static let words = [
    "-1", "0", "1", "255", "256", "65535", "65536", "2147483648", "4294967296", "18446744073709551615",
    "18446744073709551616", "-9223372036854775809", "-9223372036854775808",
    "1e999", "0x10", "0o7", "1_000", ".5", "NaN", "null", "~", "true",
    "yes", "no", "\"\"", "''", "[]", "{}", "\u{FEFF}", "\u{0}", "\r\n", "\u{2028}", "\u{1F600}", "\\u0000",
    "\\ud800",
    "0.0.0.0/0", "::/0", "255.255.255.255", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "::ffff:1.2.3.4",
    "1.2.3.4/33",
    "fe80::1%eth0", "10.0.0.0-10.0.0.1", "1.2.3.4/255.255.0.0", "---\n", "...\n", "<<: ", "*a", "&a",
    "!!binary ",
    "!!str ", "|\n", ">-\n", "# ", "%YAML 1.2\n", "\t", "flags interval", "elements = { }", "vmap { }",
    "jump a", "goto a",
    "counter", "policy drop", "define a = b\n", "include \"/etc/passwd\"\n", "$a", "@a", "timeout 1s", "!=",
    "&", "|", "..",
  ]
}
