public import Ruleset

/// Holds a text against what was read from it: nft reads numbers, addresses, states and protocols otherwise than they
/// look, so a reader that has no kernel to ask takes only what is written as nft itself would write it.
public enum CanonicalText {
  /// The first word of a text that is not the one in which the ruleset that was read from it is written; nil where all are.
  /// Comments, white space, counters' values and the removal of tables before their declaration do not count.
  ///
  /// - Parameters:
  ///   - text: text in nft's language.
  ///   - ruleset: what was read from it.
  /// - Returns: the word's place, and what nft would write there.
  public static func objection(to text: String, readAs ruleset: Ruleset) -> ReadFailure? {
    let found = sorted(words(Array(text.utf8)))
    let expected = sorted(words(Array(NFTPrinter.print(ruleset).utf8)))
    for (place, word) in found.enumerated() where place >= expected.count || word.text != expected[place].text
    {
      let canonical = place < expected.count ? "“\(expected[place].text)”" : "nothing"
      return CommandFilter.place(
        Array(text.utf8), word.offset,
        "“\(word.text)” stands where nft's own notation has \(canonical), and without a network namespace its effect is unknown"
      )
    }
    if found.count < expected.count {
      return CommandFilter.place(
        Array(text.utf8), text.utf8.count,
        "the text ends where nft's own notation has “\(expected[found.count].text)”")
    }
    return nil
  }

  /// The same for libnftables' JSON: it must be, but for white space, what netpolc prints of the table.
  public static func objection(toJSON text: String, readAs table: Table) -> ReadFailure? {
    let found = Array(text.utf8)
    let (compact, expected) = (withoutBlanks(found), withoutBlanks(Array(JSONPrinter.replacing(table).utf8)))
    if compact.map(\.byte) == expected.map(\.byte) { return nil }
    let place = zip(compact, expected).first { $0.byte != $1.byte }?.0.offset ?? found.count
    return CommandFilter.place(
      found, place,
      "this is not what netpolc prints of the table, and without a network namespace its effect is unknown"
    )
  }

  private static func withoutBlanks(_ bytes: [UInt8]) -> [(byte: UInt8, offset: Int)] {
    var isInString = false
    var isEscaped = false
    return bytes.enumerated().compactMap { offset, byte in
      if isInString {
        if !isEscaped, byte == UInt8(ascii: "\"") { isInString = false }
        isEscaped = !isEscaped && byte == UInt8(ascii: "\\")
        return (byte, offset)
      }
      if byte == UInt8(ascii: "\"") { isInString = true }
      return [0x20, 0x09, 0x0a, 0x0d].contains(byte) ? nil : (byte, offset)
    }
  }

  private struct Word {
    let text: String
    let offset: Int
  }

  private static func words(_ bytes: [UInt8]) -> [Word] {
    var result: [Word] = []
    var statement: [Word] = []
    var depth = 0
    var offset = 0
    func end() {
      let start = statement.prefix(2).map(\.text)
      let isEmpty = statement.count == 3 && start.first == "table"
      let isRemoval =
        depth == 0
        && (isEmpty || [["add", "table"], ["delete", "table"], ["destroy", "table"]].contains(start))
      if !isRemoval { result += statement }
      statement = []
    }
    while offset < bytes.count {
      let start = offset
      let byte = bytes[offset]
      offset += 1
      switch byte {
      case UInt8(ascii: "#"):
        while offset < bytes.count, bytes[offset] != 0x0a { offset += 1 }
        continue
      case 0x0a, UInt8(ascii: ";"):
        end()
        continue
      case 0x20, 0x09, 0x0d: continue
      case UInt8(ascii: "\""):
        while offset < bytes.count, bytes[offset] != UInt8(ascii: "\"") { offset += 1 }
        offset = min(offset + 1, bytes.count)
      case UInt8(ascii: "{"): depth += 1
      case UInt8(ascii: "}"): depth -= 1
      case let byte where isWord(byte):
        while offset < bytes.count, isWord(bytes[offset]) { offset += 1 }
      default: break
      }
      let word = Word(text: String(decoding: bytes[start..<offset], as: UTF8.self), offset: start)
      statement.append(word)
      dropCounts(&statement)
      if byte == UInt8(ascii: "{") || byte == UInt8(ascii: "}") { end() }
    }
    end()
    return result
  }

  /// The words with the elements of each set in one order: theirs means nothing.
  private static func sorted(_ words: [Word]) -> [Word] {
    var result: [Word] = []
    var rest = words[...]
    while let word = rest.popFirst() {
      result.append(word)
      guard word.text == "{", result.suffix(3).map(\.text) == ["elements", "=", "{"],
        let end = rest.firstIndex(where: { $0.text == "}" })
      else { continue }
      let elements = rest[..<end].split { $0.text == "," }.sorted {
        $0.map(\.text).lexicographicallyPrecedes($1.map(\.text))
      }
      for element in elements { result += element }
      rest = rest[end...]
    }
    return result
  }

  /// Drops `packets 1 bytes 2` behind `counter`.
  private static func dropCounts(_ words: inout [Word]) {
    guard words.count >= 5 else { return }
    let last = words.suffix(5).map(\.text)
    if last[0] == "counter", last[1] == "packets", last[3] == "bytes", UInt64(last[2]) != nil,
      UInt64(last[4]) != nil
    {
      words.removeLast(4)
    }
  }

  private static func isWord(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "-"),
      UInt8(ascii: "/"), UInt8(ascii: ":"), 0x80...:
      true
    default: false
    }
  }
}
