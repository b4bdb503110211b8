/// A value of a manifest on its way into text.
enum ManifestValue {
  case text(String)
  case number(Int)
  case bool(Bool)
  case list([ManifestValue])
  case object([(String, ManifestValue)])

  /// An object of texts.
  static func texts(_ pairs: [(String, String)]) -> ManifestValue {
    .object(pairs.map { ($0.0, .text($0.1)) })
  }
}

/// The notations that generated objects are written in.
public enum ManifestFormat: String, Sendable, CaseIterable {
  /// As `kubectl get -o json` prints them.
  case json
  /// As `kubectl get -o yaml` prints them.
  case yaml
}

/// Text that grows, in one of the formats.
struct ManifestText {
  private(set) var bytes: [UInt8] = []
  let format: ManifestFormat

  init(_ format: ManifestFormat) { self.format = format }

  mutating func clear() { bytes.removeAll(keepingCapacity: true) }

  mutating func raw(_ text: String) { bytes.append(contentsOf: text.utf8) }

  /// A value, the first line of which begins where the text stands; `depth` is that of its members.
  mutating func write(_ value: ManifestValue, depth: Int) {
    switch format {
    case .json: json(value, depth)
    case .yaml: yaml(value, depth)
    }
  }

  private mutating func indent(_ width: Int) {
    bytes.append(UInt8(ascii: "\n"))
    bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: width))
  }

  private mutating func quoted(_ text: String) {
    bytes.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { bytes.append(UInt8(ascii: "\\")) }
      bytes.append(byte)
    }
    bytes.append(UInt8(ascii: "\""))
  }

  private mutating func json(_ value: ManifestValue, _ depth: Int) {
    switch value {
    case .text(let text): quoted(text)
    case .number(let number): raw(String(number))
    case .bool(let truth): raw(truth ? "true" : "false")
    case .list(let entries) where entries.isEmpty: raw("[]")
    case .object(let members) where members.isEmpty: raw("{}")
    case .list(let entries):
      raw("[")
      for (place, entry) in entries.enumerated() {
        if place > 0 { raw(",") }
        indent(depth * 4)
        json(entry, depth + 1)
      }
      indent((depth - 1) * 4)
      raw("]")
    case .object(let members):
      raw("{")
      for (place, member) in members.enumerated() {
        if place > 0 { raw(",") }
        indent(depth * 4)
        quoted(member.0)
        raw(": ")
        json(member.1, depth + 1)
      }
      indent((depth - 1) * 4)
      raw("}")
    }
  }

  /// `depth` is the column of the value's members, in steps of two.
  private mutating func yaml(_ value: ManifestValue, _ depth: Int) {
    switch value {
    case .text(let text): if Self.isPlain(text) { raw(text) } else { quoted(text) }
    case .number(let number): raw(String(number))
    case .bool(let truth): raw(truth ? "true" : "false")
    case .list(let entries) where entries.isEmpty: raw("[]")
    case .object(let members) where members.isEmpty: raw("{}")
    case .list(let entries):
      for (place, entry) in entries.enumerated() {
        if place > 0 { indent(depth * 2) }
        raw("- ")
        yaml(entry, depth + 1)
      }
    case .object(let members):
      for (place, member) in members.enumerated() {
        if place > 0 { indent(depth * 2) }
        yaml(.text(member.0), depth)
        raw(":")
        switch member.1 {
        case .object(let inner) where !inner.isEmpty:
          indent((depth + 1) * 2)
          yaml(member.1, depth + 1)
        // kubectl puts the entries of a list in the column of its key.
        case .list(let inner) where !inner.isEmpty:
          indent(depth * 2)
          yaml(member.1, depth)
        default:
          raw(" ")
          yaml(member.1, depth + 1)
        }
      }
    }
  }

  /// True where YAML reads the text as that text without quotes.
  private static func isPlain(_ text: String) -> Bool {
    guard let first = text.utf8.first, text.utf8.count < 120 else { return false }
    let isLetter = (first | 0x20) >= UInt8(ascii: "a") && (first | 0x20) <= UInt8(ascii: "z")
    guard isLetter || first == UInt8(ascii: "/") else { return false }
    guard
      text.utf8.allSatisfy({ byte in
        let isLetter = (byte | 0x20) >= UInt8(ascii: "a") && (byte | 0x20) <= UInt8(ascii: "z")
        let isDigit = byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
        return isLetter || isDigit || "-._/:".utf8.contains(byte)
      }), text.utf8.last != UInt8(ascii: ":")
    else { return false }
    return !["true", "false", "yes", "no", "on", "off", "null", "y", "n"].contains(text.lowercased())
  }
}
