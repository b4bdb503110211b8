import Addresses
import Digest
import Ruleset

/// Digests of a table's objects in normal form: the table itself, each set with its elements, each chain with its hook, its
/// policy and its rules. Two tables with the same digests are executed alike.
public struct ObjectDigests: Sendable, Hashable {
  /// 32 hexadecimal digits for each object, by `table`, `set NAME` and `chain NAME`.
  public var objects: [String: String]

  /// Digests as they were kept.
  public init(objects: [String: String]) { self.objects = objects }

  /// The digests of a table's objects. O(elements + instructions).
  public init(_ table: KernelTable) {
    var objects: [String: String] = [:]
    var bytes = CanonicalBytes()
    bytes.add(table.family.rawValue)
    bytes.add(table.flags.rawValue)
    bytes.add(table.unknown)
    objects["table"] = bytes.digest
    for set in table.sets { objects["set \(set.name)"] = CanonicalBytes(set).digest }
    for chain in table.chains { objects["chain \(chain.name)"] = chain.digest }
    self.objects = objects
  }

  /// The objects that differ, are missing or are too many, by name, ascending.
  public func differences(from other: ObjectDigests) -> [String] {
    Set(objects.keys).union(other.objects.keys).filter { objects[$0] != other.objects[$0] }.sorted()
  }
}

extension KernelChain {
  /// The digest of the chain in normal form, as 32 hexadecimal digits.
  public var digest: String {
    var bytes = CanonicalBytes()
    bytes.add(name)
    if let hook {
      bytes.add("\(hook.hook) \(hook.type) \(hook.priority) \(hook.policy == .drop ? "drop" : "accept")")
    }
    bytes.add(unknown)
    for rule in rules {
      bytes.add(UInt32(rule.instructions.count))
      for instruction in rule.instructions { bytes.add(instruction) }
    }
    return bytes.digest
  }
}

/// Values one after the other as bytes, each with its length or of one length, so that different values differ in bytes.
private struct CanonicalBytes {
  private var bytes: [UInt8] = []

  var digest: String {
    var hash = SHA256()
    hash.update(bytes)
    return String(hash.finalize().prefix(32))
  }

  init() {}

  init(_ set: KernelSet) { add(set) }

  mutating func add(_ value: UInt32) { withUnsafeBytes(of: value.bigEndian) { bytes += $0 } }

  mutating func add(_ value: UInt64) { withUnsafeBytes(of: value.bigEndian) { bytes += $0 } }

  mutating func add(_ list: [UInt8]) {
    add(UInt32(list.count))
    bytes += list
  }

  mutating func add(_ text: String) { add(Array(text.utf8)) }

  mutating func add(_ texts: [String]) {
    add(UInt32(texts.count))
    for text in texts { add(text) }
  }

  mutating func add(_ register: Register) { bytes.append(UInt8(register.place)) }

  mutating func add(_ flag: Bool) { bytes.append(flag ? 1 : 0) }

  private mutating func tag(_ number: UInt8) { bytes.append(number) }

  mutating func add(_ number: UInt32?) {
    add(number != nil)
    add(number ?? 0)
  }

  private mutating func add(_ key: ElementKey) {
    for field in key.fields {
      withUnsafeBytes(of: field.lower.bigEndian) { bytes += $0 }
      withUnsafeBytes(of: field.upper.bigEndian) { bytes += $0 }
    }
  }

  mutating func add(_ set: KernelSet) {
    add(set.name)
    add(set.flags.rawValue)
    add(set.fieldLengths.map { UInt8(truncatingIfNeeded: $0) })
    add(set.unknown)
    switch set.elements {
    case .keys(let keys):
      tag(0)
      bytes.reserveCapacity(bytes.count + keys.count * 32)
      for key in keys { add(key) }
    case .verdicts(let elements):
      tag(1)
      bytes.reserveCapacity(bytes.count + elements.count * 48)
      for element in elements {
        add(element.key)
        add(element.verdict)
      }
    }
  }

  mutating func add(_ verdict: Verdict) {
    switch verdict {
    case .accept: tag(1)
    case .drop: tag(2)
    case .return: tag(3)
    case .continue: tag(4)
    case .jump(let name):
      tag(5)
      add(name)
    case .goto(let name):
      tag(6)
      add(name)
    }
  }

  mutating func add(_ reference: SetReference) {
    switch reference {
    case .named(let name):
      tag(0)
      add(name)
    case .anonymous(let set):
      tag(1)
      add(set)
    }
  }

  mutating func add(_ instruction: Instruction) {
    switch instruction {
    case .payload(let base, let offset, let length, let register):
      tag(1)
      for number in [base.rawValue, offset, length] { add(number) }
      add(register)
    case .meta(let key, let register):
      tag(2)
      add(key.rawValue)
      add(register)
    case .connection(let key, let register):
      tag(3)
      add(key.rawValue)
      add(register)
    case .route(let result, let flags, let register):
      tag(4)
      add(result)
      add(flags)
      add(register)
    case .bitwise(let from, let into, let mask, let flip):
      tag(5)
      add(from)
      add(into)
      add(mask)
      add(flip)
    case .byteOrder(let from, let into, let length, let size):
      tag(6)
      add(from)
      add(into)
      add(length)
      add(size)
    case .compare(let register, let comparison, let value):
      tag(7)
      add(register)
      add(comparison.rawValue)
      add(value)
    case .range(let register, let isInverted, let from, let to):
      tag(8)
      add(register)
      add(isInverted)
      add(from)
      add(to)
    case .lookup(let register, let set, let isInverted):
      tag(9)
      add(register)
      add(isInverted)
      add(set)
    case .verdictLookup(let register, let set):
      tag(10)
      add(register)
      add(set)
    case .verdict(let verdict):
      tag(11)
      add(verdict)
    case .counter: tag(12)
    case .log(let settings):
      tag(13)
      add(settings.prefix == nil)
      add(settings.prefix ?? "")
      add(settings.group.map { UInt32($0) })
      add(settings.snapLength)
      add(settings.queueThreshold.map { UInt32($0) })
      add(settings.level)
      add(settings.flags)
    case .limit(let settings):
      tag(14)
      add(settings.rate)
      add(settings.unit)
      add(settings.burst)
      add(settings.countsBytes)
      add(settings.isInverted)
    case .reject(let type, let code):
      tag(15)
      add(type)
      add(UInt32(code))
    case .unknown(let text):
      tag(16)
      add(text)
    }
  }
}
