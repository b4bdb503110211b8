import Addresses
import Ruleset

/// Rules in nft text.
extension TextScanner {
  private static let fieldsByName: [String: Field] = {
    var fields = Dictionary(Field.allCases.map { ($0.rawValue, $0) }, uniquingKeysWith: { first, _ in first })
    fields["meta iifname"] = .metaIifName
    fields["meta oifname"] = .metaOifName
    fields["mark"] = .metaMark
    fields["meta nfproto"] = .metaNFProto
    return fields
  }()

  /// True where nothing more of a rule stands on this line.
  private mutating func isAtRuleEnd() -> Bool {
    skipBlanks()
    return isAtEnd || next == UInt8(ascii: "\n") || next == UInt8(ascii: ";") || next == UInt8(ascii: "}")
  }

  /// A rule, up to its end. From a statement that this model has no word for, the rest of the rule is one
  /// unmodelled statement: the end of the unknown one is unknown too.
  mutating func rule() throws(ReadFailure) -> Rule {
    var rule = Rule([])
    while !isAtRuleEnd() {
      if isComment {
        _ = take("comment")
        rule.comment = try quoted()
        guard isAtRuleEnd() else { throw failure("expected the end of the rule, found \(found)") }
        break
      }
      let start = offset
      if let statement = try statement() {
        rule.statements.append(statement)
        continue
      }
      offset = start
      try skipRule(stopAtComment: true)
      guard offset > start else { throw failure("expected a statement, found \(found)") }
      var end = offset
      while end > start, bytes[end - 1] <= 0x20 { end -= 1 }
      guard end > start else { throw failure("expected a statement, found a control character") }
      rule.statements.append(.unmodelled(string(start..<end)))
    }
    guard !rule.statements.isEmpty else { throw failure("expected a statement, found \(found)") }
    return rule
  }

  /// The next statement, or nil if this model has no word for it.
  private mutating func statement() throws(ReadFailure) -> Statement? {
    let word = peekWord()
    switch word {
    case "accept", "drop", "continue", "return", "jump", "goto":
      return .verdict(try verdict())
    case "counter": return try counter() ? .counter : nil
    case "log": return try log()
    case "limit": return try limit()
    case "reject":
      _ = take("reject")
      return try rejectForm() ? .reject : nil
    default: return try fieldStatement()
    }
  }

  mutating func verdict() throws(ReadFailure) -> Verdict {
    skipBreaks()
    let start = offset
    switch try name("a verdict") {
    case "accept": return .accept
    case "drop": return .drop
    case "continue": return .continue
    case "return": return .return
    case "jump": return .jump(try identifier("a chain"))
    case "goto": return .goto(try identifier("a chain"))
    case let other: throw failure("“\(other)” is no verdict", at: start)
    }
  }

  /// Goes over `counter packets N bytes N`; false for a named counter.
  mutating func counter() throws(ReadFailure) -> Bool {
    _ = take("counter")
    if take("packets") {
      _ = try number("a number of packets")
      guard take("bytes") else { throw failure("expected “bytes”, found \(found)") }
      _ = try number("a number of bytes")
      return true
    }
    return peekWord() != "name"
  }

  private mutating func log() throws(ReadFailure) -> Statement? {
    _ = take("log")
    var prefix: String?
    var group: UInt16?
    while true {
      if take("prefix") {
        skipBlanks()
        prefix = next == UInt8(ascii: "\"") ? try quoted() : try name("a prefix")
      } else if take("group") {
        let start = offset
        guard let number = UInt16(exactly: try number("a group")) else {
          throw failure("a group is a number between 0 and 65535", at: start)
        }
        group = number
      } else {
        break
      }
    }
    if ["level", "snaplen", "queue-threshold", "flags"].contains(peekWord()) { return nil }
    return .log(prefix: prefix, group: group)
  }

  private mutating func limit() throws(ReadFailure) -> Statement? {
    _ = take("limit")
    guard take("rate") else { return nil }
    let parts = peekWord().split(separator: "/")
    guard parts.count == 2, let rate = UInt64(parts[0]) else { return nil }
    _ = word()
    var burst: UInt32 = 5
    if take("burst") {
      let start = offset
      guard let number = UInt32(exactly: try number("a number of packets")) else {
        throw failure("the burst is out of range", at: start)
      }
      guard take("packets") else { return nil }
      burst = number
    }
    return .limit(rate: rate, unit: String(parts[1]), burst: burst)
  }

  /// Goes over what follows `reject`; false for a form that is not known.
  private mutating func rejectForm() throws(ReadFailure) -> Bool {
    guard take("with") else { return true }
    let kind = try name("how to reject")
    if kind == "tcp" { return take("reset") }
    guard ["icmp", "icmpv6", "icmpx"].contains(kind) else { return false }
    _ = take("type")
    _ = try name("a code")
    return true
  }

  /// The fields of a key; nil if one of them is not known.
  mutating func fields() -> [Field]? {
    var fields: [Field] = []
    repeat {
      let first = string(word())
      if first == "fib" {
        guard take("saddr"), take("."), take("iif"), take("oif") else { return nil }
        fields.append(.fibSourceRoute)
      } else if let field = Self.fieldsByName[first] {
        fields.append(field)
      } else if let field = Self.fieldsByName[first + " " + string(word())] {
        fields.append(field)
      } else {
        return nil
      }
    } while take(".")
    return fields
  }

  private mutating func fieldStatement() throws(ReadFailure) -> Statement? {
    guard let key = fields(), let first = key.first else { return nil }
    let notations = key.map { Notation($0) }
    if take("vmap") { return try verdictMap(key, notations) }
    if ["map", "set"].contains(peekWord()) { return nil }
    if take(UInt8(ascii: "&")) { return try maskedMatch(key) }
    let comparison = comparisonSign()
    skipBlanks()
    if comparison == .not {
      guard let names = notations.first?.bits, key.count == 1 else { return nil }
      return .match(Match(key, .notEqual, .anyBit(try bits(names, of: first).bits)))
    }
    let sign = comparison.model ?? .equal
    switch next {
    case UInt8(ascii: "@"):
      return .match(Match(key, sign, .namedSet(try setName())))
    case UInt8(ascii: "{"):
      return .match(Match(key, sign, .anonymousSet(try anonymousSet(notations))))
    default: break
    }
    if key.count == 1, let names = notations.first?.bits {
      let operand = try bits(names, of: first)
      if take("/") { return nil }
      // Without an operator any of the bits will do; with one, or with `|`, the whole is compared.
      if comparison == .none && !operand.isWhole { return .match(Match(key, .equal, .anyBit(operand.bits))) }
      return .match(Match(key, sign, .value(ElementKey(operand.bits))))
    }
    // Without these words the index of an interface is compared.
    if first == .fibSourceRoute, !["exists", "missing"].contains(peekWord()) { return nil }
    guard key.count == 1 else {
      throw failure("a concatenation is compared with a set, found \(found)")
    }
    return .match(Match(key, sign, .value(try self.key(notations))))
  }

  private mutating func setName() throws(ReadFailure) -> String {
    try expect(UInt8(ascii: "@"))
    return try identifier("a set")
  }

  private mutating func verdictMap(_ key: [Field], _ notations: [Notation]) throws(ReadFailure) -> Statement {
    skipBlanks()
    if next == UInt8(ascii: "@") { return .verdictMap(key, .named(try setName())) }
    var elements: [VerdictElement] = []
    try expect(UInt8(ascii: "{"))
    try list { (scanner) throws(ReadFailure) in
      let element = try scanner.key(notations)
      scanner.skipBreaks()
      guard scanner.take(UInt8(ascii: ":")) else {
        throw scanner.failure("expected “:”, found \(scanner.found)")
      }
      elements.append(VerdictElement(element, try scanner.verdict()))
    }
    return .verdictMap(key, .anonymous(elements))
  }

  private mutating func anonymousSet(_ notations: [Notation]) throws(ReadFailure) -> [ElementKey] {
    var keys: [ElementKey] = []
    try expect(UInt8(ascii: "{"))
    try list { (scanner) throws(ReadFailure) in keys.append(try scanner.key(notations)) }
    return keys
  }

  /// Items between commas, up to and over the closing brace.
  mutating func list(_ item: (inout TextScanner) throws(ReadFailure) -> Void) throws(ReadFailure) {
    while true {
      skipBreaks()
      if take(UInt8(ascii: "}")) { return }
      try item(&self)
      skipBreaks()
      if take(UInt8(ascii: ",")) { continue }
      guard take(UInt8(ascii: "}")) else { throw failure("expected “,” or “}”, found \(found)") }
      return
    }
  }

  /// `FIELD & BITS != 0` asks for any of the bits; other arithmetic is not modelled.
  private mutating func maskedMatch(_ key: [Field]) throws(ReadFailure) -> Statement? {
    guard key.count == 1, let field = key.first else { return nil }
    skipBlanks()
    let isOpen = take(UInt8(ascii: "("))
    skipBlanks()
    guard [.ctState, .ctStatus, .metaMark, .ctMark].contains(field) else { return nil }
    let mask = try interval(Notation(field))
    if isOpen { try expect(UInt8(ascii: ")")) }
    let sign = comparisonSign()
    guard sign == .equal || sign == .notEqual, mask.isSingle else { return nil }
    skipBlanks()
    let zero = peekWord()
    guard zero == "0" || zero == "0x0" || zero == "0x00000000" else { return nil }
    _ = word()
    return .match(Match(field, sign == .notEqual ? .equal : .notEqual, .anyBit(mask.lower)))
  }

  /// `established,related`, or `established | related` as a whole.
  private mutating func bits(_ names: Symbols, of field: Field) throws(ReadFailure) -> (
    bits: UInt128, isWhole: Bool
  ) {
    var bits: UInt128 = 0
    var isWhole = false
    repeat {
      skipBlanks()
      let start = offset
      let word = string(self.word())
      guard let state = names.number(word) ?? UInt128(word) ?? hexadecimal(word) else {
        throw failure(
          "“\(word)” is no \(field == .ctState ? "state" : "status") of a connection", at: start)
      }
      bits |= state
      if take(UInt8(ascii: "|")) {
        isWhole = true
        continue
      }
      if !take(UInt8(ascii: ",")) { break }
      skipBreaks()
    } while true
    return (bits, isWhole)
  }

  private func hexadecimal(_ word: String) -> UInt128? {
    word.hasPrefix("0x") ? UInt128(word.dropFirst(2), radix: 16) : nil
  }

  /// An operator as written.
  private enum Sign {
    case none
    case not
    case equal
    case notEqual
    case less
    case lessOrEqual
    case greater
    case greaterOrEqual

    var model: Comparison? {
      switch self {
      case .none, .not: nil
      case .equal: .equal
      case .notEqual: .notEqual
      case .less: .less
      case .lessOrEqual: .lessOrEqual
      case .greater: .greater
      case .greaterOrEqual: .greaterOrEqual
      }
    }
  }

  private mutating func comparisonSign() -> Sign {
    skipBlanks()
    let isDouble = !isAtEnd && bytes[offset + 1] == UInt8(ascii: "=")
    let sign: Sign
    switch next {
    case UInt8(ascii: "=") where isDouble: sign = .equal
    case UInt8(ascii: "!"): sign = isDouble ? .notEqual : .not
    case UInt8(ascii: "<"): sign = isDouble ? .lessOrEqual : .less
    case UInt8(ascii: ">"): sign = isDouble ? .greaterOrEqual : .greater
    default:
      for (name, sign) in [("eq", Sign.equal), ("ne", .notEqual), ("lt", .less), ("le", .lessOrEqual)] {
        if take(name) { return sign }
      }
      for (name, sign) in [("gt", Sign.greater), ("ge", .greaterOrEqual)] where take(name) { return sign }
      return .none
    }
    offset += isDouble ? 2 : 1
    return sign
  }
}
