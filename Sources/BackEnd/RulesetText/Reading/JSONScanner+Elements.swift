import Addresses
import JSONText
import Ruleset

/// Elements of sets and maps in libnftables JSON.
extension JSONScanner {
  /// An object's small properties, and where its large ones start.
  struct Properties {
    var value: JSONValue
    var deferred: [String: Int]
  }

  /// Reads an object. Elements and expressions are only gone over: what they mean depends on the rest.
  mutating func properties() throws(JSONFailure) -> Properties {
    var members: [JSONValue.Member] = []
    var deferred: [String: Int] = [:]
    var isFirst = true
    try openObject()
    while let key = try nextKey(first: &isFirst) {
      if key == "elem" || key == "expr" {
        deferred[key] = try skip().lowerBound
      } else {
        members.append(JSONValue.Member(key: key, value: try value()))
      }
    }
    return Properties(value: .object(members), deferred: deferred)
  }

  /// `[…]` of elements, into the body of their set or map.
  mutating func elements(into body: inout SetBody) throws(JSONFailure) {
    let notations = body.key.map { Notation($0) }
    guard try kind() == .array else {
      body.isModelled = false
      return
    }
    var isFirst = true
    try openArray()
    while body.isModelled, try nextItem(first: &isFirst) {
      if body.isMap {
        guard let element = try verdictElement(notations, &body) else {
          body.isModelled = false
          return
        }
        body.entries.append(element)
      } else {
        guard let key = try element(notations, &body) else {
          body.isModelled = false
          return
        }
        body.keys.append(key)
      }
    }
  }

  /// `[KEY, VERDICT]`; nil if it is not modelled.
  mutating func verdictElement(_ notations: [Notation], _ body: inout SetBody) throws(JSONFailure)
    -> VerdictElement?
  {
    var isFirst = true
    try openArray()
    guard try nextItem(first: &isFirst), let key = try element(notations, &body) else { return nil }
    guard try nextItem(first: &isFirst), let verdict = try verdict() else { return nil }
    guard try !nextItem(first: &isFirst) else { throw failure("an element is a key and a verdict") }
    return VerdictElement(key, verdict)
  }

  /// A key, perhaps with attributes around it; nil if it is not modelled.
  mutating func element(_ notations: [Notation], _ body: inout SetBody) throws(JSONFailure) -> ElementKey? {
    guard try kind() == .object else { return try key(notations) }
    let start = offset
    var isFirst = true
    try openObject()
    guard try nextKey(first: &isFirst) == "elem" else {
      move(to: start)
      return try key(notations)
    }
    var result: ElementKey?
    var isFirstInside = true
    try openObject()
    while let property = try nextKey(first: &isFirstInside) {
      switch property {
      case "val":
        result = try key(notations)
        guard result != nil else { return nil }
      case "counter", "comment": try skip()
      case "timeout", "expires":
        body.flags.insert(.timeout)
        try skip()
      default: return nil
      }
    }
    guard try nextKey(first: &isFirst) == nil else { return nil }
    return result
  }

  /// One value or range for each field; nil if it is not modelled.
  mutating func key(_ notations: [Notation]) throws(JSONFailure) -> ElementKey? {
    guard notations.count > 1 else { return try interval(notations.first ?? .mark).map { .single($0) } }
    guard try kind() == .object else { throw failure("expected \(notations.count) values") }
    var isFirst = true
    try openObject()
    guard try nextKey(first: &isFirst) == "concat" else { return nil }
    var fields: [Interval<UInt128>] = []
    fields.reserveCapacity(notations.count)
    var isFirstField = true
    try openArray()
    while try nextItem(first: &isFirstField) {
      guard fields.count < notations.count else { throw failure("expected \(notations.count) values") }
      guard let field = try interval(notations[fields.count]) else { return nil }
      fields.append(field)
    }
    guard fields.count == notations.count else { throw failure("expected \(notations.count) values") }
    guard try nextKey(first: &isFirst) == nil else { return nil }
    return .concatenation(fields)
  }

  /// One value, prefix or range; nil if it is not modelled.
  mutating func interval(_ notation: Notation) throws(JSONFailure) -> Interval<UInt128>? {
    switch try kind() {
    case .string:
      let start = offset
      var word: ArraySlice<UInt8> = []
      if let plain = try plainBytes() { word = plain } else { word = Array(try string().utf8)[...] }
      if word.elementsEqual("*".utf8) { return nil }
      guard let value = notation.parse(word) else {
        throw failure("“\(String(decoding: word, as: UTF8.self))” is \(notation.expectation)", at: start)
      }
      return value
    case .number:
      let start = offset
      let number = try integer()
      guard number >= 0, UInt128(number) <= notation.maximum, notation.family == nil, notation != .interface
      else {
        throw failure("\(number) is \(notation.expectation)", at: start)
      }
      return Interval(UInt128(number))
    case .object: return try compound(notation)
    default: throw failure("expected a value")
    }
  }

  /// `{"prefix": …}`, `{"range": …}` or `{"|": …}`.
  private mutating func compound(_ notation: Notation) throws(JSONFailure) -> Interval<UInt128>? {
    let start = offset
    var isFirst = true
    try openObject()
    let tag = try nextKey(first: &isFirst)
    var result: Interval<UInt128>?
    switch tag {
    case "prefix":
      let value = try self.value()
      guard let address = value["addr"]?.string ?? value["addr"]?.integer.map(String.init),
        let length = value["len"]?.integer,
        let block = notation.parse(Array("\(address)/\(length)".utf8)[...])
      else { throw failure("no prefix of this type", at: start) }
      result = block
    case "range":
      var isFirstBound = true
      try openArray()
      guard try nextItem(first: &isFirstBound), let lower = try interval(notation),
        try nextItem(first: &isFirstBound), let upper = try interval(notation), lower.lower <= upper.upper
      else { throw failure("no range of this type", at: start) }
      guard try !nextItem(first: &isFirstBound) else { throw failure("a range has two ends", at: start) }
      result = Interval(lower.lower, upper.upper)
    case "|":
      var bits: UInt128 = 0
      var isFirstBit = true
      try openArray()
      while try nextItem(first: &isFirstBit) {
        guard let bit = try interval(notation), bit.isSingle else { return nil }
        bits |= bit.lower
      }
      result = Interval(bits)
    default: return nil
    }
    guard try nextKey(first: &isFirst) == nil else { return nil }
    return result
  }

  /// `{"jump": {"target": "x"}}`; nil if it is no verdict.
  mutating func verdict() throws(JSONFailure) -> Verdict? {
    var isFirst = true
    try openObject()
    let verdict: Verdict
    switch try nextKey(first: &isFirst) {
    case "accept": verdict = .accept
    case "drop": verdict = .drop
    case "continue": verdict = .continue
    case "return": verdict = .return
    case "jump": verdict = .jump(try target())
    case "goto": verdict = .goto(try target())
    default: return nil
    }
    if verdict.target == nil { try null() }
    guard try nextKey(first: &isFirst) == nil else { return nil }
    return verdict
  }

  private mutating func target() throws(JSONFailure) -> String {
    let start = offset
    var isFirst = true
    var target: String?
    try openObject()
    while let key = try nextKey(first: &isFirst) {
      if key == "target" { target = try string() } else { try skip() }
    }
    guard let target else { throw failure("no target", at: start) }
    return target
  }
}
