/// Counts with their nouns.
enum Counting {
  /// `1 pod`, `2 pods`, `2 policies`, `2 classes`.
  static func of(_ count: Int, _ noun: String) -> String {
    if count == 1 { return "1 \(noun)" }
    if noun.hasSuffix("y") { return "\(count) \(noun.dropLast())ies" }
    if noun.hasSuffix("ss") || noun.hasSuffix("x") { return "\(count) \(noun)es" }
    return "\(count) \(noun)s"
  }

  /// The first few of a list, and how many more there are.
  static func first(_ limit: Int, of texts: [String]) -> String {
    let shown = texts.prefix(limit).joined(separator: ", ")
    return texts.count > limit ? "\(shown), … \(texts.count - limit) more" : shown
  }
}
