/// Looks through a foreign text before libnftables reads it: only commands that make, change or remove objects are
/// admitted. `include` reads files, `define` hides values, `list`, `reset`, `monitor` and `flush ruleset` do what they say.
public enum CommandFilter {
  /// The first part of a text that is not admitted; nil where there is none. O(length).
  public static func objection(to text: String) -> ReadFailure? {
    var scan = TextScan(Array(text.utf8))
    return scan.objection()
  }

  /// The first part of a text in libnftables' JSON that is not admitted, or a key that an object has twice.
  public static func objection(toJSON text: String) -> ReadFailure? {
    var scan = JSONScan(Array(text.utf8))
    return scan.objection()
  }

  static let verbs: Set = ["add", "create", "insert", "replace", "delete", "destroy", "flush"]
  static let objects: Set = [
    "table", "chain", "rule", "set", "map", "element", "flowtable", "counter", "quota", "limit", "ct",
    "secmark",
    "synproxy",
  ]
  static let flushed: Set = ["table", "chain", "set", "map"]
  static let refused: Set = ["include", "define", "redefine", "undefine"]

  static func place(_ bytes: [UInt8], _ offset: Int, _ message: String) -> ReadFailure {
    var (line, column) = (1, 1)
    for byte in bytes[..<min(offset, bytes.count)] {
      if byte == 0x0a {
        line += 1
        column = 1
      } else {
        column += 1
      }
    }
    return ReadFailure(line: line, column: column, message: message)
  }
}

/// Walks over a text by words, as nft's lexer parts them.
private struct TextScan {
  let bytes: [UInt8]
  private var offset = 0
  private var depth = 0
  /// The words of the current statement, up to the second.
  private var words: [String] = []

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  mutating func objection() -> ReadFailure? {
    while offset < bytes.count {
      let start = offset
      switch bytes[offset] {
      case UInt8(ascii: "#"):
        while offset < bytes.count, bytes[offset] != 0x0a { offset += 1 }
      case UInt8(ascii: "\""):
        offset += 1
        while offset < bytes.count, bytes[offset] != UInt8(ascii: "\""), bytes[offset] != 0x0a { offset += 1 }
        guard offset < bytes.count, bytes[offset] == UInt8(ascii: "\"") else {
          return CommandFilter.place(bytes, start, "a string without its end")
        }
        offset += 1
        words.append("")
      case 0x0a, UInt8(ascii: ";"):
        offset += 1
        words = []
      case UInt8(ascii: "\\") where offset + 1 < bytes.count && bytes[offset + 1] == 0x0a: offset += 2
      case UInt8(ascii: "{"):
        depth += 1
        offset += 1
        words = []
      case UInt8(ascii: "}"):
        depth -= 1
        offset += 1
        words = []
        if depth < 0 { return CommandFilter.place(bytes, start, "a bracket that nothing opened") }
      case UInt8(ascii: "$"): return CommandFilter.place(bytes, start, "variables are not admitted")
      case let byte where byte < 0x20 && byte != 0x09 && byte != 0x0d:
        return CommandFilter.place(bytes, start, "a control character")
      case let byte where Self.isWord(byte):
        while offset < bytes.count, Self.isWord(bytes[offset]) { offset += 1 }
        if let objection = take(String(decoding: bytes[start..<offset], as: UTF8.self), at: start) {
          return objection
        }
      default: offset += 1
      }
    }
    return nil
  }

  private static func isWord(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "-"),
      UInt8(ascii: "/"), 0x80...:
      true
    default: false
    }
  }

  private mutating func take(_ word: String, at start: Int) -> ReadFailure? {
    words.append(word)
    if CommandFilter.refused.contains(word) {
      return CommandFilter.place(bytes, start, "“\(word)” is not admitted")
    }
    guard depth == 0 else { return nil }
    switch (words.count, words[0]) {
    case (1, "table"): return nil
    case (1, let verb) where CommandFilter.verbs.contains(verb): return nil
    case (1, _): return CommandFilter.place(bytes, start, "the command “\(word)” is not admitted")
    case (2, "table"): return nil
    case (2, let verb)
    where !(verb == "flush" ? CommandFilter.flushed : CommandFilter.objects).contains(word):
      return CommandFilter.place(bytes, start, "“\(words[0]) \(word)” is not admitted")
    default: return nil
    }
  }
}

/// Walks over JSON by its keys.
private struct JSONScan {
  let bytes: [UInt8]
  private var offset = 0
  /// The keys on the way to the current place; the keys that each open object has had.
  private var path: [String] = []
  private var seen: [Set<String>] = []

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  mutating func objection() -> ReadFailure? {
    // Objects and arrays that are open, `true` for an object.
    var open: [Bool] = []
    var expectsKey = false
    while offset < bytes.count {
      let start = offset
      switch bytes[offset] {
      case UInt8(ascii: "{"):
        open.append(true)
        seen.append([])
        expectsKey = true
      case UInt8(ascii: "["):
        open.append(false)
        expectsKey = false
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        guard let isObject = open.popLast(), isObject == (bytes[offset] == UInt8(ascii: "}")) else {
          return CommandFilter.place(bytes, start, "a bracket that nothing opened")
        }
        if isObject { seen.removeLast() }
        while path.count > seen.count { path.removeLast() }
        expectsKey = false
      case UInt8(ascii: ","): expectsKey = open.last == true
      case UInt8(ascii: "\""):
        offset += 1
        var key: [UInt8] = []
        while offset < bytes.count, bytes[offset] != UInt8(ascii: "\"") {
          if bytes[offset] == UInt8(ascii: "\\") {
            // Keys have no escapes, so that none is another one in disguise.
            if expectsKey { return CommandFilter.place(bytes, offset, "a key with an escape") }
            offset += 1
          }
          if offset < bytes.count { key.append(bytes[offset]) }
          offset += 1
        }
        if expectsKey {
          expectsKey = false
          if let message = take(String(decoding: key, as: UTF8.self)) {
            return CommandFilter.place(bytes, start, message)
          }
        }
      default: break
      }
      offset += 1
    }
    return nil
  }

  private mutating func take(_ key: String) -> String? {
    let level = seen.count
    if level > 0, !seen[level - 1].insert(key).inserted { return "the key “\(key)” is there twice" }
    path = Array(path.prefix(max(0, level - 1))) + [key]
    switch (level, path.first) {
    case (1, _): return key == "nftables" ? nil : "“\(key)” is not admitted"
    case (2, _):
      let known =
        CommandFilter.verbs.contains(key) || CommandFilter.objects.contains(key) || key == "metainfo"
      return known ? nil : "the command “\(key)” is not admitted"
    case (3, _) where path.count > 1 && path[1] == "flush":
      return CommandFilter.flushed.contains(key) ? nil : "“flush \(key)” is not admitted"
    case (3, _) where path.count > 1 && CommandFilter.verbs.contains(path[1]):
      return CommandFilter.objects.contains(key) ? nil : "“\(path[1]) \(key)” is not admitted"
    default: return nil
    }
  }
}
