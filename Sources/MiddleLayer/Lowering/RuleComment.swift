import Digest
import PolicyModel

/// Comments of rules: kept by the kernel, so they must be short and plain.
enum RuleComment {
  /// The kernel's limit, in bytes.
  static let longest = 128

  /// `namespace/policy ingress[0].from[1,2]`; what does not fit is cut from the policy's name, or from the end of a
  /// long list, never from the first field.
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
    let fields = origins.map { $0.field.hasPrefix("spec.") ? String($0.field.dropFirst(5)) : $0.field }
    var words = fields.first ?? ""
    for field in fields.dropFirst() where words.utf8.count + field.utf8.count + 1 < longest / 2 {
      words = join(words, field)
    }
    let room = longest - words.utf8.count - 1
    var name = policy.description
    if name.utf8.count > room { name = "\(name.prefix(room - 9))~\(SHA256.hex(name).prefix(8))" }
    return "\(name) \(words)"
  }

  /// `from[1]` and `from[2]` as `from[1,2]`; others with a comma between them.
  private static func join(_ words: String, _ field: String) -> String {
    guard words.hasSuffix("]"), field.hasSuffix("]"), let open = words.lastIndex(of: "["),
      let other = field.lastIndex(of: "["), words[..<open] == field[..<other]
    else { return "\(words),\(field)" }
    return "\(words.dropLast()),\(field[field.index(after: other)...])"
  }
}
