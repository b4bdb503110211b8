import Addresses
import JSONText
import Ruleset

/// Rules in libnftables JSON.
extension JSONScanner {
  /// `[…]` of statements. One that this model has no word for stays JSON.
  mutating func statements() throws(JSONFailure) -> [Statement] {
    var statements: [Statement] = []
    var isFirst = true
    try openArray()
    while try nextItem(first: &isFirst) {
      let range = try skip()
      move(to: range.lowerBound)
      statements.append(try statement() ?? .unmodelled(text(range)))
      move(to: range.upperBound)
    }
    return statements
  }

  private mutating func statement() throws(JSONFailure) -> Statement? {
    let start = offset
    var isFirst = true
    try openObject()
    guard let tag = try nextKey(first: &isFirst) else { throw failure("an empty statement", at: start) }
    switch tag {
    case "accept", "drop", "continue", "return", "jump", "goto":
      move(to: start)
      return try verdict().map { .verdict($0) }
    case "match": return try match()
    case "vmap": return try verdictMap()
    case "counter": return try kind() == .string ? nil : .counter
    case "reject": return .reject
    case "log": return log(try value())
    case "limit": return limit(try value())
    case "unmodelled": return .unmodelled(try string())
    default: return nil
    }
  }

  private func log(_ value: JSONValue) -> Statement? {
    guard case .object(let members) = value else {
      return value == .null ? .log(prefix: nil, group: nil) : nil
    }
    guard members.allSatisfy({ $0.key == "prefix" || $0.key == "group" }) else { return nil }
    var group: UInt16?
    if let number = value["group"]?.integer {
      guard let fitting = UInt16(exactly: number) else { return nil }
      group = fitting
    }
    return .log(prefix: value["prefix"]?.string, group: group)
  }

  private func limit(_ value: JSONValue) -> Statement? {
    guard case .object(let members) = value,
      members.allSatisfy({ ["rate", "burst", "per"].contains($0.key) }),
      let rate = value["rate"]?.integer.flatMap({ UInt64(exactly: $0) }), let unit = value["per"]?.string,
      let burst = UInt32(exactly: value["burst"]?.integer ?? 5)
    else { return nil }
    return .limit(rate: rate, unit: unit, burst: burst)
  }

  /// The parts of an object, by key, each only gone over.
  private mutating func parts() throws(JSONFailure) -> [String: Int] {
    var parts: [String: Int] = [:]
    var isFirst = true
    try openObject()
    while let key = try nextKey(first: &isFirst) { parts[key] = try skip().lowerBound }
    return parts
  }

  private mutating func verdictMap() throws(JSONFailure) -> Statement? {
    let start = offset
    let parts = try parts()
    guard let left = parts["key"], let data = parts["data"] else {
      throw failure("a vmap has a key and data", at: start)
    }
    move(to: left)
    guard let key = fields(try value()) else { return nil }
    move(to: data)
    if try kind() == .string { return .verdictMap(key, .named(String(try string().drop { $0 == "@" }))) }
    var isFirst = true
    try openObject()
    guard try nextKey(first: &isFirst) == "set" else { return nil }
    let notations = key.map { Notation($0) }
    var body = SetBody(key: [])
    var elements: [VerdictElement] = []
    var isFirstElement = true
    try openArray()
    while try nextItem(first: &isFirstElement) {
      guard let element = try verdictElement(notations, &body) else { return nil }
      elements.append(element)
    }
    return .verdictMap(key, .anonymous(elements))
  }

  /// The fields of a key; nil if one of them is not known.
  private func fields(_ value: JSONValue) -> [Field]? {
    if let parts = value["concat"]?.array {
      let fields = parts.compactMap { field($0) }
      return fields.count == parts.count && fields.count > 1 ? fields : nil
    }
    return field(value).map { [$0] }
  }

  private func field(_ value: JSONValue) -> Field? {
    guard let tagged = value.tagged, case .object(let members) = tagged.value else { return nil }
    switch tagged.key {
    case "meta", "ct":
      guard members.count == 1, let key = tagged.value["key"]?.string else { return nil }
      return Field(rawValue: "\(tagged.key) \(key)") ?? (tagged.key == "meta" ? interface(key) : nil)
    case "payload":
      guard members.count == 2, let header = tagged.value["protocol"]?.string,
        let name = tagged.value["field"]?.string
      else { return nil }
      return Field(rawValue: "\(header) \(name)")
    case "fib":
      guard members.count == 2, tagged.value["result"]?.string == "oif",
        tagged.value["flags"]?.array?.compactMap(\.string) == ["saddr", "iif"]
      else { return nil }
      return .fibSourceRoute
    default: return nil
    }
  }

  private func interface(_ key: String) -> Field? {
    key == "iifname" ? .metaIifName : key == "oifname" ? .metaOifName : nil
  }

  private mutating func match() throws(JSONFailure) -> Statement? {
    let start = offset
    let parts = try parts()
    guard let left = parts["left"], let right = parts["right"] else {
      throw failure("a match has two sides", at: start)
    }
    var sign = "in"
    if let place = parts["op"] {
      move(to: place)
      sign = try string()
    }
    move(to: left)
    let leftSide = try value()
    if let masked = leftSide["&"]?.array {
      move(to: right)
      return maskedMatch(masked, sign, try value())
    }
    guard let key = fields(leftSide) else { return nil }
    move(to: right)
    if key.count == 1, let field = key.first, let names = Notation(field).bits, !isSet(try kind(), at: right)
    {
      return try bitMatch(field, names, sign)
    }
    guard let comparison = sign == "in" ? .equal : Comparison(rawValue: sign) else { return nil }
    return try operand(key).map { .match(Match(key, comparison, $0)) }
  }

  /// True where the right side is a set, named or not.
  private func isSet(_ kind: Kind, at place: Int) -> Bool {
    var copy = self
    copy.move(to: place)
    guard let value = try? copy.value() else { return false }
    return kind == .string ? value.string?.hasPrefix("@") == true : value["set"] != nil
  }

  private mutating func operand(_ key: [Field]) throws(JSONFailure) -> Operand? {
    let notations = key.map { Notation($0) }
    let start = offset
    switch try kind() {
    case .string:
      let text = try string()
      if text.hasPrefix("@"), text.utf8.count > 1 { return .namedSet(String(text.dropFirst())) }
      move(to: start)
    case .object:
      var isFirst = true
      try openObject()
      if try nextKey(first: &isFirst) == "set" {
        return try anonymousSet(notations).map { .anonymousSet($0) }
      }
      move(to: start)
    default: break
    }
    guard key.count == 1 else { return nil }
    guard try kind() != .array else { return nil }
    if key == [.fibSourceRoute] {
      // Anything but true and false is the index of an interface.
      guard try kind() == .bool else { return nil }
      return .value(ElementKey(try bool() ? 1 : 0))
    }
    return try self.key(notations).map { .value($0) }
  }

  private mutating func anonymousSet(_ notations: [Notation]) throws(JSONFailure) -> [ElementKey]? {
    var keys: [ElementKey] = []
    var body = SetBody(key: [])
    guard try kind() == .array else { return try key(notations).map { [$0] } }
    var isFirst = true
    try openArray()
    while try nextItem(first: &isFirst) {
      guard let key = try element(notations, &body) else { return nil }
      keys.append(key)
    }
    return keys
  }

  /// `in` asks for any of the bits, `!` for none of them, `==` and `!=` for the whole.
  private mutating func bitMatch(_ field: Field, _ names: Symbols, _ sign: String) throws(JSONFailure)
    -> Statement?
  {
    guard let bits = bits(try value(), names) else { return nil }
    switch sign {
    case "in": return .match(Match(field, .equal, .anyBit(bits)))
    case "!": return .match(Match(field, .notEqual, .anyBit(bits)))
    default:
      guard let comparison = Comparison(rawValue: sign) else { return nil }
      return .match(Match(field, comparison, .value(ElementKey(bits))))
    }
  }

  private func bits(_ value: JSONValue, _ names: Symbols) -> UInt128? {
    if let number = value.integer { return number < 0 ? nil : UInt128(number) }
    if let name = value.string { return names.number(name) }
    guard let items = value.array ?? value["|"]?.array else { return nil }
    var all: UInt128 = 0
    for item in items {
      guard let bits = bits(item, names) else { return nil }
      all |= bits
    }
    return all
  }

  /// `FIELD & BITS != 0` asks for any of the bits; other arithmetic is not modelled.
  private func maskedMatch(_ sides: [JSONValue], _ sign: String, _ right: JSONValue) -> Statement? {
    guard sides.count == 2, let field = field(sides[0]),
      let mask = bits(sides[1], Notation(field).bits ?? .connectionStates), right == .integer(0),
      [.ctState, .ctStatus, .ctMark, .metaMark].contains(field), sign == "==" || sign == "!="
    else { return nil }
    return .match(Match(field, sign == "!=" ? .equal : .notEqual, .anyBit(mask)))
  }
}
