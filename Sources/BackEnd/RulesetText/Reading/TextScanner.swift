/// A place in nft text, and the steps from token to token.
struct TextScanner {
  /// The text, and a zero behind it so that looking ahead needs no check.
  let bytes: [UInt8]
  /// The next byte.
  var offset = 0

  init(_ text: String) { bytes = Array(text.utf8) + [0] }

  var next: UInt8 { bytes[offset] }
  var isAtEnd: Bool { offset == bytes.count - 1 }

  func failure(_ message: String, at offset: Int? = nil) -> ReadFailure {
    ReadFailure(message, at: offset ?? self.offset, in: bytes)
  }

  /// The text at the current position, for messages.
  var found: String {
    var copy = self
    if isAtEnd { return "the end of the text" }
    if next == UInt8(ascii: "\n") { return "the end of the line" }
    let word = copy.word()
    return word.isEmpty ? "“\(String(decoding: [next], as: UTF8.self))”" : "“\(string(word))”"
  }

  func string(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

  /// Goes over blanks, continued lines and comments, within a line.
  mutating func skipBlanks() {
    while true {
      switch bytes[offset] {
      case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"): offset += 1
      case UInt8(ascii: "\\") where bytes[offset + 1] == UInt8(ascii: "\n"): offset += 2
      case UInt8(ascii: "#"):
        while bytes[offset] != UInt8(ascii: "\n"), !isAtEnd { offset += 1 }
      default: return
      }
    }
  }

  /// Goes over blanks, comments and line ends.
  mutating func skipBreaks() {
    skipBlanks()
    while next == UInt8(ascii: "\n") {
      offset += 1
      skipBlanks()
    }
  }

  /// Goes over blanks, comments, line ends and semicolons.
  mutating func skipSeparators() {
    skipBreaks()
    while next == UInt8(ascii: ";") {
      offset += 1
      skipBreaks()
    }
  }

  /// Goes over one byte if it is this one, with the blanks before it.
  mutating func take(_ byte: UInt8) -> Bool {
    skipBlanks()
    guard next == byte else { return false }
    offset += 1
    return true
  }

  mutating func expect(_ byte: UInt8) throws(ReadFailure) {
    guard take(byte) else {
      throw failure("expected “\(String(decoding: [byte], as: UTF8.self))”, found \(found)")
    }
  }

  /// True where the byte ends a word.
  private static func isDelimiter(_ byte: UInt8) -> Bool {
    switch byte {
    case 0...0x20, UInt8(ascii: "{"), UInt8(ascii: "}"), UInt8(ascii: ","), UInt8(ascii: ";"),
      UInt8(ascii: "#"), UInt8(ascii: "\""), UInt8(ascii: "="), UInt8(ascii: "!"), UInt8(ascii: "<"),
      UInt8(ascii: ">"), UInt8(ascii: "&"), UInt8(ascii: "|"), UInt8(ascii: "("), UInt8(ascii: ")"),
      UInt8(ascii: "^"):
      true
    default: false
    }
  }

  /// The next word, with the blanks before it; empty where none stands.
  ///
  /// Names and addresses hold colons; one at a word's end is a word of its own, unless it is the end of `fe80::`.
  mutating func word() -> Range<Int> {
    skipBlanks()
    let start = offset
    while !Self.isDelimiter(bytes[offset]) { offset += 1 }
    if offset - start > 1, bytes[offset - 1] == UInt8(ascii: ":"), bytes[offset - 2] != UInt8(ascii: ":") {
      offset -= 1
    }
    return start..<offset
  }

  /// The next word, without going there.
  func peekWord() -> String {
    var copy = self
    return string(copy.word())
  }

  /// Goes over the word if it is this one.
  mutating func take(_ word: String) -> Bool {
    let start = offset
    let range = self.word()
    if bytes[range].elementsEqual(word.utf8) { return true }
    offset = start
    return false
  }

  /// A name: a word, never empty.
  mutating func name(_ what: String) throws(ReadFailure) -> String {
    let range = word()
    guard !range.isEmpty else { throw failure("expected \(what), found \(found)") }
    if bytes[range.lowerBound] == UInt8(ascii: "$") {
      throw failure("variables are not read; write the value", at: range.lowerBound)
    }
    return string(range)
  }

  /// The name of an object: as nft's names are, except that the kernel allows any first character.
  mutating func identifier(_ what: String) throws(ReadFailure) -> String {
    skipBlanks()
    let start = offset
    let name = try name(what)
    let isName = name.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "-")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "\\"):
        true
      default: false
      }
    }
    guard isName else { throw failure("“\(name)” is no name", at: start) }
    return name
  }

  /// A string in quotes.
  mutating func quoted() throws(ReadFailure) -> String {
    try expect(UInt8(ascii: "\""))
    let start = offset
    while next != UInt8(ascii: "\"") {
      guard !isAtEnd, next != UInt8(ascii: "\n") else { throw failure("the quote has no end", at: start - 1) }
      offset += 1
    }
    offset += 1
    return string(start..<offset - 1)
  }

  mutating func number(_ what: String) throws(ReadFailure) -> UInt64 {
    let start = offset
    let text = try name(what)
    guard let value = UInt64(text) else { throw failure("expected \(what), found “\(text)”", at: start) }
    return value
  }

  /// Goes to the end of the rule or line: a line end, semicolon or closing brace that belongs to nothing opened
  /// here; or, if asked for, to the word `comment` before a quote.
  mutating func skipRule(stopAtComment: Bool) throws(ReadFailure) {
    var depth = 0
    while true {
      switch next {
      case UInt8(ascii: "{"), UInt8(ascii: "("): depth += 1
      case UInt8(ascii: ")"): depth -= 1
      case UInt8(ascii: "}"):
        if depth == 0 { return }
        depth -= 1
      case UInt8(ascii: "\n"), UInt8(ascii: ";"), UInt8(ascii: "#"):
        if depth == 0 { return }
        if next == UInt8(ascii: "#") {
          skipBlanks()
          continue
        }
      case UInt8(ascii: "\""):
        _ = try quoted()
        continue
      case 0 where isAtEnd: return
      case UInt8(ascii: "c") where stopAtComment && depth == 0 && offset > 0 && bytes[offset - 1] <= 0x20:
        if isComment { return }
      default: break
      }
      offset += 1
    }
  }

  /// True where `comment "` stands here.
  var isComment: Bool {
    var copy = self
    guard copy.take("comment") else { return false }
    copy.skipBlanks()
    return copy.next == UInt8(ascii: "\"")
  }

  /// Goes behind the closing brace of the next block.
  mutating func skipBlock() throws(ReadFailure) {
    let start = offset
    var depth = 0
    while true {
      switch next {
      case UInt8(ascii: "{"): depth += 1
      case UInt8(ascii: "}"):
        depth -= 1
        if depth <= 0 {
          offset += 1
          return
        }
      case UInt8(ascii: "#"):
        skipBlanks()
        continue
      case UInt8(ascii: "\""):
        _ = try quoted()
        continue
      case 0 where isAtEnd: throw failure("the block has no end", at: start)
      default: break
      }
      offset += 1
    }
  }
}
