import Digest
import PolicyModel

/// Comments of rules: kept by the kernel, so they must be short and plain.
enum RuleComment {
  /// The kernel's limit, in bytes.
  static let longest = 128

  /// `namespace/policy ingress[0].from[0-39]`; what does not fit is cut from the policy's name, or from the end of a long
  /// list of ranges, never from the first one.
  /// The name that the author gave the rule follows in brackets as far as there is room: of its signs only those that no
  /// reader of rulesets takes for something else.
  static func make(_ policy: PolicyID, _ origins: [Origin], name rule: String? = nil) -> String {
    let comment = place(policy, origins)
    guard let rule else { return comment }
    let plain = String(
      rule.unicodeScalars.map { isPlain($0) ? Character($0) : "_" }.prefix(
        max(0, longest - comment.utf8.count - 3)))
    return plain.isEmpty ? comment : "\(comment) (\(plain))"
  }

  private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
    scalar.isASCII
      && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)
        || "-_.:/ ".unicodeScalars.contains(scalar))
  }

  private static func place(_ policy: PolicyID, _ origins: [Origin]) -> String {
    let words = words(
      for: origins.map { $0.field.hasPrefix("spec.") ? String($0.field.dropFirst(5)) : $0.field })
    let room = longest - words.utf8.count - 1
    var name = policy.description
    if name.utf8.count > room { name = "\(name.prefix(room - 9))~\(SHA256.hex(name).prefix(8))" }
    return "\(name) \(words)"
  }

  /// Fields in order: neighbours of one list as `from[1,2]` or, from three on, as `from[1-3]`; the end is `,…` where not
  /// all of them fit.
  private static func words(for fields: [String]) -> String {
    var lists: [(name: Substring, ranges: [ClosedRange<Int>])] = []
    for field in fields {
      let (name, index) = split(field)
      guard let index else {
        lists.append((name, []))
        continue
      }
      guard let last = lists.last, last.name == name, let range = last.ranges.last else {
        lists.append((name, [index...index]))
        continue
      }
      let end = lists[lists.count - 1].ranges.count - 1
      if index == range.upperBound + 1 {
        lists[lists.count - 1].ranges[end] = range.lowerBound...index
      } else {
        lists[lists.count - 1].ranges.append(index...index)
      }
    }
    var words = ""
    for list in lists {
      let before = words
      words += words.isEmpty ? "\(list.name)" : ",\(list.name)"
      if list.ranges.isEmpty {
        if words.utf8.count >= longest / 2, !before.isEmpty { return before + ",…" }
        continue
      }
      words += "["
      for (place, range) in list.ranges.enumerated() {
        let text = text(of: range)
        if words.utf8.count + text.utf8.count + 2 >= longest / 2, !before.isEmpty || place > 0 {
          return place == 0 ? before + ",…" : words + ",…]"
        }
        words += place == 0 ? text : "," + text
      }
      words += "]"
    }
    return words
  }

  private static func text(of range: ClosedRange<Int>) -> String {
    switch range.count {
    case 1: "\(range.lowerBound)"
    case 2: "\(range.lowerBound),\(range.upperBound)"
    default: "\(range.lowerBound)-\(range.upperBound)"
    }
  }

  /// `from[1]` as the list's name and the index.
  private static func split(_ field: String) -> (name: Substring, index: Int?) {
    guard field.hasSuffix("]"), let open = field.lastIndex(of: "["),
      let index = Int(field[field.index(after: open)...].dropLast())
    else { return (field[...], nil) }
    return (field[..<open], index)
  }
}
