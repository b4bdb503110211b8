import Addresses
import Ruleset
import Wording

/// Statements of rules as nft text.
extension TextBuffer {
  mutating func rule(_ rule: Rule) {
    for (index, statement) in rule.statements.enumerated() {
      if index > 0 { put(" ") }
      self.statement(statement)
    }
    if let comment = rule.comment {
      put(rule.statements.isEmpty ? "comment " : " comment ")
      quoted(comment, limit: 128)
    }
  }

  /// A quoted string. nft has no escapes: a quote becomes an apostrophe, a control character a space, and what
  /// is longer than the kernel keeps is cut between characters.
  mutating func quoted(_ text: String, limit: Int) {
    put("\"")
    put(quotable(text, limit: limit))
    put("\"")
  }

  private mutating func statement(_ statement: Statement) {
    switch statement {
    case .match(let match): self.match(match)
    case .verdictMap(let key, let lookup):
      fields(key)
      put(" vmap ")
      switch lookup {
      case .named(let name):
        put("@")
        put(name)
      case .anonymous(let elements):
        let notations = key.map { Notation($0) }
        braces(elements) { buffer, element in
          buffer.key(element.key, notations)
          buffer.put(" : ")
          buffer.verdict(element.verdict)
        }
      }
    case .counter: put("counter")
    case .log(let prefix, let group):
      put("log")
      if let prefix {
        put(" prefix ")
        quoted(prefix, limit: 127)
      }
      if let group { put(" group \(group)") }
    case .limit(let rate, let unit, let burst):
      put("limit rate \(rate)/\(unit)")
      // nft leaves its own default out, and so does this.
      if burst != 5 { put(" burst \(burst) packets") }
    case .reject: put("reject")
    case .verdict(let verdict): self.verdict(verdict)
    case .unmodelled(let text): put(text)
    }
  }

  private mutating func match(_ match: Match) {
    fields(match.key)
    let notations = match.key.map { Notation($0) }
    if case .anyBit(let bits) = match.operand {
      anyBit(bits, notations.first ?? .mark, isNegated: match.comparison == .notEqual)
      return
    }
    put(" ")
    if needsOperator(match) {
      put(match.comparison.rawValue)
      put(" ")
    }
    switch match.operand {
    case .value(let key):
      // nft has no concatenated operand but in a set.
      if match.key.count > 1 { put("{ ") }
      self.key(key, notations)
      if match.key.count > 1 { put(" }") }
    case .anyBit: break
    case .anonymousSet(let keys): braces(keys) { buffer, key in buffer.key(key, notations) }
    case .namedSet(let name):
      put("@")
      put(name)
    }
  }

  /// Without an operator a value of `ct state` or `ct status` would be asked for as a bit among others.
  private func needsOperator(_ match: Match) -> Bool {
    guard match.comparison == .equal else { return true }
    guard case .value = match.operand else { return false }
    return match.key == [.ctState] || match.key == [.ctStatus]
  }

  private mutating func anyBit(_ bits: UInt128, _ notation: Notation, isNegated: Bool) {
    guard bits != 0, let names = notation.bits?.names(ofBits: bits) else {
      put(" & 0x\(String(bits, radix: 16)) \(isNegated ? "==" : "!=") 0x0")
      return
    }
    put(isNegated ? " ! " : " ")
    put(names)
  }

  mutating func fields(_ key: [Field]) {
    for (index, field) in key.enumerated() {
      if index > 0 { put(" . ") }
      put(field.rawValue)
    }
  }

  private mutating func braces<Item>(_ items: [Item], _ print: (inout TextBuffer, Item) -> Void) {
    put("{ ")
    for (index, item) in items.enumerated() {
      if index > 0 { put(", ") }
      print(&self, item)
    }
    put(items.isEmpty ? "}" : " }")
  }
}

extension Symbols {
  /// `established,related`; nil if a bit has no name.
  func names(ofBits bits: UInt128) -> String? {
    var names: [String] = []
    for shift in 0..<128 where bits >> UInt128(shift) & 1 == 1 {
      guard let name = name(1 << UInt128(shift)) else { return nil }
      names.append(name)
    }
    return names.joined(separator: ",")
  }
}

/// The text as nft can quote it: see `TextBuffer.quoted`.
func quotable(_ text: String, limit: Int) -> String {
  var result = ""
  var count = 0
  for scalar in ForeignText(text).visible.unicodeScalars {
    let width = UTF8.width(scalar)
    if count + width > limit { break }
    count += width
    switch scalar {
    case "\"": result.unicodeScalars.append("'")
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result
}
