import CSimdjson

/// The notation of a source, by its name or its first bytes.
public enum SourceFormat {
  /// JSON by RFC 8259, or YAML as libyaml reads it.
  case json, yaml

  /// By the name's ending; of any other name by the first bytes: a brace and a quote begin JSON.
  public init(_ map: SourceMap) {
    let name = map.name.lowercased()
    if name.hasSuffix(".json") {
      self = .json
      return
    }
    self = .yaml
    if name.hasSuffix(".yaml") || name.hasSuffix(".yml") { return }
    var isInBrace = false
    for byte in UnsafeBufferPointer(start: map.start, count: map.count) {
      switch byte {
      case 0x20, 0x09, 0x0a, 0x0d: continue
      case UInt8(ascii: "{") where !isInBrace: isInBrace = true
      case UInt8(ascii: "\""), UInt8(ascii: "}"):
        if isInBrace { self = .json }
        return
      default: return
      }
    }
  }

  /// Where the first YAML document begins at or after an offset, and after `start`: a line of `---`.
  public static func nextDocument(_ map: SourceMap, at offset: Int, after start: Int) -> Int? {
    var index = min(offset, map.count)
    while index > start, map.start[index - 1] != UInt8(ascii: "\n") { index -= 1 }
    // The search begins with the newline before the line.
    index = max(index - 1, start)
    while index < map.count {
      while index < map.count, map.start[index] != UInt8(ascii: "\n") { index += 1 }
      index += 1
      guard index + 3 <= map.count else { return nil }
      let dash = UInt8(ascii: "-")
      if map.start[index] == dash, map.start[index + 1] == dash, map.start[index + 2] == dash,
        index + 3 == map.count || map.start[index + 3] <= 0x20
      {
        return index
      }
    }
    return nil
  }
}

extension SourceMap {
  /// The message for a source that is not UTF-8; encodings that Windows writes are named.
  public var notUTF8: String {
    let isUTF16 = count >= 2 && (start[0] == 0xff && start[1] == 0xfe || start[0] == 0xfe && start[1] == 0xff)
    return isUTF16 ? "the text is UTF-16, not UTF-8: save it as UTF-8" : "the text is not UTF-8"
  }
}

extension String {
  /// Where bytes stop being UTF-8.
  public static func firstInvalidByte(_ bytes: UnsafeBufferPointer<UInt8>) -> Int {
    var decoder = UTF8()
    var iterator = bytes.makeIterator()
    var offset = 0
    while true {
      switch decoder.decode(&iterator) {
      case .scalarValue(let scalar): offset += UTF8.width(scalar)
      case .emptyInput, .error: return offset
      }
    }
  }
}

extension SourceMap {
  /// True where the content is UTF-8.
  public var isUTF8: Bool { json_utf8_is_valid(start, count) }
}
