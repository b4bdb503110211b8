import Addresses
import Ruleset

/// The content of the block of a set or map.
struct SetBody {
  var isMap = false
  var key: [DataType]
  var flags: SetFlags = []
  var autoMerge = false
  var keys: [ElementKey] = []
  var entries: [VerdictElement] = []
  /// False where the block holds something that this model has no word for; the rest is then not read.
  var isModelled = true

  init(key: [DataType]) { self.key = key }
}

/// Blocks of sets, maps and chains in nft text.
extension TextScanner {
  /// The block of a set or map. Stops early at what is not modelled.
  mutating func setBody(_ body: inout SetBody) throws(ReadFailure) {
    skipBlanks()
    let start = offset
    try expect(UInt8(ascii: "{"))
    while body.isModelled {
      skipSeparators()
      if take(UInt8(ascii: "}")) {
        guard !body.key.isEmpty else { throw failure("the set has no type", at: start) }
        return
      }
      let propertyStart = offset
      switch try name("a property of the set") {
      case "type", "typeof":
        guard body.key.isEmpty else { throw failure("the type of the set is said twice", at: propertyStart) }
        let isTypeof = string(propertyStart..<offset) == "typeof"
        try keyType(&body, isTypeof: isTypeof)
      case "flags": try flags(&body)
      case "auto-merge": body.autoMerge = true
      case "elements":
        try expect(UInt8(ascii: "="))
        guard !body.key.isEmpty else { throw failure("elements before the set's type", at: propertyStart) }
        try elements(into: &body)
      case "timeout", "gc-interval":
        body.flags.insert(.timeout)
        _ = try name("a time")
      case "size": _ = try number("a size")
      case "comment": _ = try quoted()
      case "policy": _ = try name("a policy")
      case "counter":
        offset = propertyStart
        body.isModelled = try counter()
      default: body.isModelled = false
      }
    }
  }

  private mutating func keyType(_ body: inout SetBody, isTypeof: Bool) throws(ReadFailure) {
    skipBlanks()
    let start = offset
    if isTypeof {
      guard let fields = fields(), !fields.contains(.metaNFProto) else {
        body.isModelled = false
        return
      }
      body.key = fields.map(\.type)
    } else {
      repeat {
        guard let type = DataType(rawValue: try name("a type")) else {
          body.isModelled = false
          return
        }
        body.key.append(type)
      } while take(".")
    }
    guard body.isMap else { return }
    guard take(UInt8(ascii: ":")) else { throw failure("the type of a map is KEY : VALUE", at: start) }
    if !take("verdict") { body.isModelled = false }
  }

  private mutating func flags(_ body: inout SetBody) throws(ReadFailure) {
    repeat {
      switch try name("a flag") {
      case "interval": body.flags.insert(.interval)
      case "constant": body.flags.insert(.constant)
      case "timeout": body.flags.insert(.timeout)
      case "dynamic": body.flags.insert(.dynamic)
      default: body.isModelled = false
      }
    } while take(UInt8(ascii: ","))
  }

  /// `{ KEY [attributes] [: VERDICT], … }`
  mutating func elements(into body: inout SetBody) throws(ReadFailure) {
    let notations = body.key.map { Notation($0) }
    skipBreaks()
    try expect(UInt8(ascii: "{"))
    while true {
      skipBreaks()
      if take(UInt8(ascii: "}")) { return }
      if take("*") {
        // A catch-all element.
        body.isModelled = false
        return
      }
      let key = try key(notations)
      try attributes(&body)
      if body.isMap {
        guard take(UInt8(ascii: ":")) else { throw failure("expected “:” and a verdict, found \(found)") }
        body.entries.append(VerdictElement(key, try verdict()))
        try attributes(&body)
      } else {
        body.keys.append(key)
      }
      guard body.isModelled else { return }
      if take(UInt8(ascii: ",")) { continue }
      guard take(UInt8(ascii: "}")) else { throw failure("expected “,” or “}”, found \(found)") }
      return
    }
  }

  /// Goes over counters, comments and times of an element. A time makes the set one whose elements vanish.
  private mutating func attributes(_ body: inout SetBody) throws(ReadFailure) {
    while true {
      skipBreaks()
      switch next {
      case UInt8(ascii: ","), UInt8(ascii: "}"), UInt8(ascii: ":"): return
      default: break
      }
      let start = offset
      switch peekWord() {
      case "counter":
        guard try counter() else { break }
        continue
      case "comment":
        _ = take("comment")
        _ = try quoted()
        continue
      case "timeout", "expires":
        _ = word()
        _ = try name("a time")
        body.flags.insert(.timeout)
        continue
      case "limit", "quota", "ct", "last":
        // These decide whether the element is found.
        break
      default: throw failure("expected “,” or “}”, found \(found)", at: start)
      }
      body.isModelled = false
      return
    }
  }

  /// The block of a chain, or none.
  mutating func chainBody(_ name: String, family: Table.Family) throws(ReadFailure) -> (
    Chain, isModelled: Bool
  ) {
    var chain = Chain(name)
    var policy: (value: Chain.Hook.Policy, offset: Int)?
    guard take(UInt8(ascii: "{")) else { return (chain, true) }
    while true {
      skipSeparators()
      if take(UInt8(ascii: "}")) {
        // nft takes a policy before the hook that it is of, too.
        if let policy {
          guard chain.hook != nil else {
            throw failure("a chain without a hook has no policy", at: policy.offset)
          }
          chain.hook?.policy = policy.value
        }
        return (chain, true)
      }
      guard !isAtEnd else { throw failure("the chain \(name) has no end") }
      let start = offset
      switch peekWord() {
      case "type":
        guard chain.hook == nil else { throw failure("the hook of the chain is said twice") }
        guard let hook = try hook(family) else { return (chain, false) }
        chain.hook = hook
      case "policy":
        _ = word()
        guard let value = Chain.Hook.Policy(rawValue: try self.name("a policy")) else {
          throw failure("a policy is accept or drop", at: start)
        }
        guard policy == nil else { throw failure("the policy of the chain is said twice", at: start) }
        policy = (value, start)
      case "comment" where isComment:
        _ = take("comment")
        _ = try quoted()
      case "flags", "devices": return (chain, false)
      default: chain.rules.append(try rule())
      }
    }
  }

  /// `type filter hook forward priority filter - 5`; nil for a hook on devices.
  private mutating func hook(_ family: Table.Family) throws(ReadFailure) -> Chain.Hook? {
    _ = take("type")
    let type = try name("a type of chain")
    guard take("hook") else { throw failure("expected “hook”, found \(found)") }
    let hook = try name("a hook")
    if peekWord().hasPrefix("device") { return nil }
    guard take("priority") else { throw failure("expected “priority”, found \(found)") }
    skipBlanks()
    let start = offset
    let word = try name("a priority")
    if let number = Int32(word) { return Chain.Hook(hook, type: type, priority: number) }
    guard let base = Priority.value(word, family: family) else {
      throw failure("“\(word)” is no priority", at: start)
    }
    var difference: Int64 = 0
    if take("-") {
      difference = -Int64(try self.difference())
    } else if take("+") {
      difference = Int64(try self.difference())
    }
    guard let priority = Int32(exactly: Int64(base) + difference) else {
      throw failure("the priority is out of range", at: start)
    }
    return Chain.Hook(hook, type: type, priority: priority)
  }

  private mutating func difference() throws(ReadFailure) -> UInt32 {
    let start = offset
    guard let number = UInt32(exactly: try number("a number")) else {
      throw failure("the priority is out of range", at: start)
    }
    return number
  }
}
