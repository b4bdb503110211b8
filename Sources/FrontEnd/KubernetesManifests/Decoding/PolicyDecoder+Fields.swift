package import Documents
import PolicyModel

extension PolicyDecoder {
  /// The members of an object, each known by name; null ones count as absent.
  package struct Fields {
    /// The path from the object to here; empty for the object itself.
    package let path: String
    /// The byte where it begins.
    package let offset: Int
    private let members: [SourceNode.Member]

    /// The members of a node, of which null has none; nil, with an error, when it is no object.
    package init?(_ node: SourceNode, _ path: String, _ known: [String], _ decoder: inout PolicyDecoder) {
      if node.isNull {
        self.init([], path, known, &decoder, offset: node.offset)
        return
      }
      guard case .object(let members) = node.content else {
        decoder.wrongType(node, path, "an object")
        return nil
      }
      self.init(members, path, known, &decoder, offset: node.offset)
    }

    /// Members, with an error for each that is not `known`.
    package init(
      _ members: [SourceNode.Member], _ path: String, _ known: [String], _ decoder: inout PolicyDecoder,
      offset: Int = 0
    ) {
      self.path = path
      self.members = members
      self.offset = offset
      for member in members where !known.contains(member.key) {
        let nearest = Spelling.nearest(to: member.key, among: known)
        decoder.report(
          "unknown-field", at: member.keyOffset, path.isEmpty ? member.key : "\(path).\(member.key)",
          "unknown field \(Messages.quoted(member.key))" + (nearest.map { ": did you mean \"\($0)\"?" } ?? "")
        )
      }
    }

    /// A member's value, unless it is absent or null.
    package subscript(_ key: String) -> SourceNode? {
      members.first { $0.key == key && !$0.value.isNull }?.value
    }

    /// Where a member is written with nothing in it: null, or an empty list; nil where it has content or is absent.
    func emptyOffset(_ key: String) -> Int? {
      guard let member = members.first(where: { $0.key == key }) else { return nil }
      if case .list(let entries) = member.value.content, entries.isEmpty { return member.keyOffset }
      return member.value.isNull ? member.keyOffset : nil
    }

    /// The path of a member.
    package func path(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

    /// A member that is an object.
    package func object(_ key: String, _ known: [String], _ decoder: inout PolicyDecoder) -> Fields? {
      self[key].flatMap { Fields($0, path(key), known, &decoder) }
    }

    /// A member that is a list.
    package func list(_ key: String, _ decoder: inout PolicyDecoder) -> [SourceNode]? {
      guard let node = self[key] else { return nil }
      guard case .list(let entries) = node.content else {
        decoder.wrongType(node, path(key), "a list")
        return nil
      }
      return entries
    }
  }

  /// The text of a node that must be one.
  package mutating func text(_ node: SourceNode, _ field: String) -> String? {
    guard case .scalar(let text, .string) = node.content else {
      wrongType(node, field, "a string")
      return nil
    }
    return text
  }

  /// A map from text to text.
  mutating func textMap(_ fields: Fields, _ key: String) -> [Labels.Pair] {
    guard let node = fields[key] else { return [] }
    guard case .object(let members) = node.content else {
      wrongType(node, fields.path(key), "an object")
      return []
    }
    return members.compactMap { member in
      // The API server reads null in a map of texts as the empty text.
      if member.value.isNull { return Labels.Pair(member.key, "") }
      return text(member.value, "\(fields.path(key)).\(member.key)").map { Labels.Pair(member.key, $0) }
    }
  }

  /// Reports a node of the wrong type. A refused node has a report already.
  mutating func wrongType(_ node: SourceNode, _ field: String, _ expected: String) {
    let found: String
    switch node.content {
    case .refused: return
    case .object: found = "an object"
    case .list: found = "a list"
    case .scalar(let text, let kind):
      found =
        switch kind {
        case .null: "null"
        case .boolean: "a boolean (\(text))"
        case .integer, .number: "a number (\(text))"
        case .string: "a string"
        }
      if expected == "a string" {
        report("wrong-type", at: node.offset, field, "must be a string, but this is \(found): quote it")
        return
      }
    }
    report("wrong-type", at: node.offset, field, "must be \(expected), but this is \(found)")
  }

  /// Checks a label's key and value.
  mutating func checkLabel(_ key: String, _ value: String, at offset: Int, _ field: String) {
    for fault in LabelValidation.key(key) {
      report("invalid-label", at: offset, field, Messages.invalid(key, fault))
    }
    for fault in LabelValidation.value(value) {
      report("invalid-label", at: offset, field, Messages.invalid(value, fault))
    }
  }
}

/// Suggestions for misspelt words.
enum Spelling {
  /// The known word with the fewest edits, if there are few.
  static func nearest(to word: String, among known: [String]) -> String? {
    let candidates = known.map { (word: $0, distance: distance(word.lowercased(), $0.lowercased())) }
    guard let best = candidates.min(by: { $0.distance < $1.distance }) else { return nil }
    return best.distance <= max(1, min(3, word.count / 3)) ? best.word : nil
  }

  /// The number of letters to insert, remove, replace or swap with their neighbour.
  static func distance(_ left: String, _ right: String) -> Int {
    let (a, b) = (Array(left.utf8.prefix(64)), Array(right.utf8.prefix(64)))
    var beforeLast: [Int] = []
    var last = Array(0...b.count)
    for i in 0..<a.count {
      var row = [i + 1]
      for j in 0..<b.count {
        var best = min(last[j] + (a[i] == b[j] ? 0 : 1), last[j + 1] + 1, row[j] + 1)
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { best = min(best, beforeLast[j - 1] + 1) }
        row.append(best)
      }
      beforeLast = last
      last = row
    }
    return last[b.count]
  }
}
