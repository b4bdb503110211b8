/// Numbers with their nouns and verbs, and lists of texts.
public enum Counting {
  /// The number and its noun, agreeing: `1 pod`, `2 pods`, `2 policies`, `2 classes`, `2 prefixes`.
  ///
  /// - Parameters:
  ///   - count: the number.
  ///   - noun: a regular English noun in the singular.
  /// - Returns: the number in digits, a space, the noun.
  public static func of(_ count: some BinaryInteger, _ noun: String) -> String {
    "\(count) \(count == 1 ? noun : plural(noun))"
  }

  /// The form of a word that agrees with a number: `Counting.agree(pods.count, "is", "are")`.
  public static func agree(_ count: some BinaryInteger, _ one: String, _ many: String) -> String {
    count == 1 ? one : many
  }

  /// The plural of a regular English noun.
  public static func plural(_ noun: String) -> String {
    if noun.hasSuffix("y"), let before = noun.dropLast().last, !"aeiou".contains(before) {
      return noun.dropLast() + "ies"
    }
    return ["s", "x", "z", "ch", "sh"].contains(where: noun.hasSuffix) ? noun + "es" : noun + "s"
  }

  /// The texts as a list of English: `a`, `a and b`, `a, b and c`; empty for none.
  public static func list(_ texts: some Sequence<String>, _ conjunction: String = "and") -> String {
    let texts = Array(texts)
    guard let last = texts.last else { return "" }
    guard texts.count > 1 else { return last }
    return "\(texts.dropLast().joined(separator: ", ")) \(conjunction) \(last)"
  }

  /// The first texts, separated by commas, and the number of those that are left out: `a, b, … 3 more`.
  ///
  /// - Parameters:
  ///   - limit: the most texts that are shown.
  ///   - texts: the texts.
  ///   - count: the number of texts where `texts` holds only the first of them.
  /// - Returns: one line.
  public static func first(_ limit: Int, of texts: some Sequence<String>, count: Int? = nil) -> String {
    let texts = Array(texts)
    let shown = texts.prefix(limit)
    let left = (count ?? texts.count) - shown.count
    let list = shown.joined(separator: ", ")
    return left > 0 ? "\(list), … \(left) more" : list
  }
}
