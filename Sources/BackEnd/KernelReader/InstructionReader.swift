import KernelProgram
import Ruleset

/// Reads the instructions of a rule from the attributes of its expressions. What is not in the lists below becomes
/// `Instruction.unknown`.
struct InstructionReader {
  /// The instructions in `NFTA_RULE_EXPRESSIONS`.
  ///
  /// - Throws: where the list itself is damaged.
  static func instructions(_ list: NetlinkBytes) throws(UnknownPart) -> [Instruction] {
    var result: [Instruction] = []
    var place = list.range.lowerBound
    while let element = try list.nextAttribute(at: &place) {
      guard element.kind & ~NetlinkAttribute.nested == 1 else {
        throw UnknownPart("the list of expressions has attribute \(element.kind)")
      }
      do throws(UnknownPart) {
        result.append(try instruction(element.content))
      } catch {
        result.append(.unknown(error.text))
      }
    }
    return result
  }

  private static let expression = AttributeList.Known([1], nested: [2])

  static func instruction(_ bytes: NetlinkBytes) throws(UnknownPart) -> Instruction {
    let outer = try AttributeList(bytes, of: "an expression", expression)
    let name = try outer.requiredText(1)
    let content = outer.content(2) ?? NetlinkBytes([])
    guard let known = known[name] else { throw UnknownPart("expression \(name)") }
    let attributes = try AttributeList(content, of: "expression \(name)", known)
    switch name {
    case "payload": return try payload(attributes)
    case "meta": return try meta(attributes)
    case "ct": return try connection(attributes)
    case "fib": return try route(attributes)
    case "immediate": return try immediate(attributes)
    case "bitwise": return try bitwise(attributes)
    case "byteorder": return try byteOrder(attributes)
    case "cmp": return try compare(attributes)
    case "range": return try range(attributes)
    case "lookup": return try lookup(attributes)
    case "counter": return try counter(attributes)
    case "limit": return try limit(attributes)
    case "log": return try log(attributes)
    default:
      return .reject(type: try attributes.requiredNumber(1), code: try attributes.number(2, UInt8.self) ?? 0)
    }
  }

  /// The attributes of each expression. Those with which an expression writes to the packet are not among them.
  private static let known: [String: AttributeList.Known] = [
    "payload": .init([1, 2, 3, 4]), "meta": .init([1, 2]), "ct": .init([1, 2]), "fib": .init([1, 2, 3]),
    "immediate": .init([1], nested: [2]), "bitwise": .init([1, 2, 3, 6], nested: [4, 5]),
    "byteorder": .init([1, 2, 3, 4, 5]), "cmp": .init([1, 2], nested: [3]),
    "range": .init([1, 2], nested: [3, 4]), "lookup": .init([1, 2, 3, 5]), "counter": .init([1, 2, 3]),
    "limit": .init([1, 2, 3, 4, 5, 6]), "log": .init([1, 2, 3, 4, 5, 6]), "reject": .init([1, 2]),
  ]

  // MARK: Loads

  private static func payload(_ attributes: AttributeList) throws(UnknownPart) -> Instruction {
    let number = try attributes.requiredNumber(2)
    guard let base = PayloadBase(rawValue: number) else { throw attributes.unknown("base \(number)") }
    let length = try attributes.requiredNumber(4)
    return .payload(
      base, offset: try attributes.requiredNumber(3), length: length,
      into: try register(attributes, 1, holding: Int(length)))
  }

  private static func meta(_ attributes: AttributeList) throws(UnknownPart) -> Instruction {
    let number = try attributes.requiredNumber(2)
    guard let key = MetaKey(rawValue: number) else { throw attributes.unknown("key \(number)") }
    return .meta(key, into: try register(attributes, 1, holding: key.length))
  }

  private static func connection(_ attributes: AttributeList) throws(UnknownPart) -> Instruction {
    let number = try attributes.requiredNumber(2)
    guard let key = ConnectionKey(rawValue: number) else { throw attributes.unknown("key \(number)") }
    return .connection(key, into: try register(attributes, 1, holding: key.length))
  }

  /// `fib saddr . iif oif` and its like: results 1 (`oif`), 2 (`oifname`), 3 (`type`), flags below 64.
  private static func route(_ attributes: AttributeList) throws(UnknownPart) -> Instruction {
    let (result, flags) = (try attributes.requiredNumber(2), try attributes.requiredNumber(3))
    guard (1...3).contains(result), flags < 64 else {
      throw attributes.unknown("result \(result) with flags \(flags)")
    }
    return .route(
      result: result, flags: flags, into: try register(attributes, 1, holding: result == 2 ? 16 : 4))
  }

  // MARK: Arithmetic and conditions

  private static func bitwise(_ attributes: AttributeList) throws(UnknownPart) -> Instruction {
    let operation = try attributes.number(6) ?? 0
    guard operation == 0 else { throw attributes.unknown("operation \(operation)") }
    let length = Int(try attributes.requiredNumber(3))
    let (mask, flip) = (try value(attributes.required(4)), try value(attributes.required(5)))
    guard mask.count == length, flip.count == length else {
      throw attributes.unknown("a mask of another length")
    }
    return .bitwise(
      from: try register(attributes, 1, holding: length), into: try register(attributes, 2, holding: length),
      mask: mask, flip: flip)
  }

  private static func byteOrder(_ attributes: AttributeList) throws(UnknownPart) -> Instruction {
    let (operation, size) = (try attributes.requiredNumber(3), try attributes.requiredNumber(5))
    guard operation < 2, [2, 4, 8].contains(size) else {
      throw attributes.unknown("operation \(operation) of size \(size)")
    }
    let length = try attributes.requiredNumber(4)
    return .byteOrder(
      from: try register(attributes, 1, holding: Int(length)),
      into: try register(attributes, 2, holding: Int(length)), length: length, size: size)
  }

  private static func compare(_ attributes: AttributeList) throws(UnknownPart) -> Instruction {
    let number = try attributes.requiredNumber(2)
    guard let comparison = CompareOperator(rawValue: number) else {
      throw attributes.unknown("operator \(number)")
    }
    let value = try value(attributes.required(3))
    return .compare(try register(attributes, 1, holding: value.count), comparison, value)
  }

  private static func range(_ attributes: AttributeList) throws(UnknownPart) -> Instruction {
    let number = try attributes.requiredNumber(2)
    guard number < 2 else { throw attributes.unknown("operator \(number)") }
    let (from, to) = (try value(attributes.required(3)), try value(attributes.required(4)))
    guard from.count == to.count else { throw attributes.unknown("ends of two lengths") }
    return .range(
      try register(attributes, 1, holding: from.count), isInverted: number == 1, from: from, to: to)
  }

  private static func lookup(_ attributes: AttributeList) throws(UnknownPart) -> Instruction {
    let set = SetReference.named(try attributes.requiredText(1))
    let flags = try attributes.number(5) ?? 0
    guard flags < 2 else { throw attributes.unknown("flags \(flags)") }
    let source = try register(attributes, 2, holding: 1)
    guard let target = try attributes.number(3) else {
      return .lookup(source, set, isInverted: flags == 1)
    }
    guard target == 0, flags == 0 else { throw attributes.unknown("a value into a register") }
    return .verdictLookup(source, set)
  }

  // MARK: Verdicts and side effects

  private static func immediate(_ attributes: AttributeList) throws(UnknownPart) -> Instruction {
    guard try attributes.requiredNumber(1) == 0 else { throw attributes.unknown("a value into a register") }
    return .verdict(try VerdictReader.verdict(attributes.required(2)))
  }

  private static func counter(_ attributes: AttributeList) throws(UnknownPart) -> Instruction {
    _ = try attributes.requiredNumber(1, UInt64.self)
    _ = try attributes.requiredNumber(2, UInt64.self)
    return .counter
  }

  private static func limit(_ attributes: AttributeList) throws(UnknownPart) -> Instruction {
    let (kind, flags) = (try attributes.number(4) ?? 0, try attributes.number(5) ?? 0)
    guard kind < 2, flags < 2 else { throw attributes.unknown("type \(kind) with flags \(flags)") }
    return .limit(
      LimitSettings(
        rate: try attributes.requiredNumber(1, UInt64.self),
        unit: try attributes.requiredNumber(2, UInt64.self),
        burst: try attributes.number(3) ?? 0, countsBytes: kind == 1, isInverted: flags == 1))
  }

  private static func log(_ attributes: AttributeList) throws(UnknownPart) -> Instruction {
    .log(
      LogSettings(
        prefix: try attributes.content(2).map { bytes throws(UnknownPart) in
          try bytes.text(of: "a log's prefix")
        },
        group: try attributes.number(1, UInt16.self), snapLength: try attributes.number(3),
        queueThreshold: try attributes.number(4, UInt16.self), level: try attributes.number(5),
        flags: try attributes.number(6)))
  }

  // MARK: Values

  private static func register(_ attributes: AttributeList, _ kind: Int, holding length: Int)
    throws(UnknownPart) -> Register
  {
    let number = try attributes.requiredNumber(kind)
    guard let register = Register(number: number), length > 0, register.place * 4 + length <= 64 else {
      throw attributes.unknown("register \(number) for \(length) bytes")
    }
    return register
  }

  private static let data = AttributeList.Known([1])

  /// The bytes in an attribute of nf_tables' data.
  static func value(_ bytes: NetlinkBytes) throws(UnknownPart) -> [UInt8] {
    let value = try AttributeList(bytes, of: "a value", data).required(1)
    guard (1...64).contains(value.count) else { throw UnknownPart("a value of \(value.count) bytes") }
    return value.array
  }
}
