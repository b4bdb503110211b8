import Addresses
import KernelProgram
import Ruleset

/// Reads a set's declaration, then its elements, message by message.
struct SetReader {
  let name: String
  private let flags: KernelSetFlags
  private let keyLength: Int
  private let fieldLengths: [Int]
  private var unknown: [String] = []
  private var verdicts = VerdictReader()

  private var keys: [ElementKey] = []
  private var mapped: [VerdictElement] = []
  private var bounds: [Bound] = []

  /// The start of a range, or the first key behind one.
  private struct Bound {
    let key: UInt128
    let isEnd: Bool
    let verdict: Verdict
  }

  private static let set = AttributeList.Known(
    [1, 2, 3, 4, 5, 6, 8, 13, 14, 19], nested: [9], ignored: [7: 4, 10: 4, 16: 8, 20: 4])
  private static let description = AttributeList.Known([], nested: [2], ignored: [1: 4])

  /// True where the name is one that libnftables gives to sets of one rule.
  var isAnonymous: Bool { flags.contains(.anonymous) }

  /// A set from the attributes of `NFT_MSG_NEWSET`. What of it is unknown is kept with the set.
  init(_ bytes: NetlinkBytes, name: String) {
    self.name = name
    do throws(UnknownPart) {
      (flags, keyLength, fieldLengths) = try Self.declaration(bytes)
    } catch {
      (flags, keyLength, fieldLengths) = ([], 0, [])
      unknown = [error.text]
    }
  }

  private static func declaration(_ bytes: NetlinkBytes) throws(UnknownPart) -> (KernelSetFlags, Int, [Int]) {
    let attributes = try AttributeList(bytes, of: "the set", set)
    let flags = KernelSetFlags(rawValue: try attributes.number(3) ?? 0)
    let keyLength = Int(try attributes.requiredNumber(5))
    guard (1...64).contains(keyLength) else { throw UnknownPart("a key of \(keyLength) bytes") }
    if !flags.isSubset(of: .known) { throw UnknownPart("flags \(flags.rawValue)") }
    if let policy = try attributes.number(8), policy > 1 { throw UnknownPart("policy \(policy)") }
    // The name of the kernel's way to keep the set.
    if attributes.content(19) != nil { _ = try attributes.requiredText(19) }
    if flags.contains(.map) {
      let kind = try attributes.requiredNumber(6)
      if kind != 0xffff_ff00 { throw UnknownPart("a map of type \(kind), not of verdicts") }
    } else if attributes.content(6) != nil || attributes.content(7) != nil {
      throw UnknownPart("a set with values")
    }
    let fields = try fields(
      of: attributes.content(9), type: attributes.number(4) ?? 0, keyLength: keyLength, flags)
    return (flags, keyLength, fields)
  }

  /// The lengths of a key's fields: from the description, where the kernel has it, or from libnftables' type numbers.
  private static func fields(
    of description: NetlinkBytes?, type: UInt32, keyLength: Int, _ flags: KernelSetFlags
  ) throws(UnknownPart) -> [Int] {
    var result: [Int] = []
    if let description {
      let attributes = try AttributeList(description, of: "the set's description", Self.description)
      if let fields = attributes.content(2) {
        var place = fields.range.lowerBound
        while let field = try fields.nextAttribute(at: &place) {
          guard field.kind & ~NetlinkAttribute.nested == 1 else {
            throw UnknownPart("the set's fields have attribute \(field.kind)")
          }
          let length = try AttributeList(field.content, of: "a field", .init([1])).requiredNumber(1)
          result.append(Int(length))
        }
      }
    }
    if result.isEmpty, type >= 64 {
      var rest = type
      while rest > 0 {
        result.insert(length(ofType: rest & 63), at: 0)
        rest >>= 6
      }
    }
    let padded = result.reduce(0) { $0 + ($1 + 3) & ~3 }
    if result.count > 1, padded == keyLength, result.allSatisfy({ (1...16).contains($0) }) { return result }
    if flags.contains(.concatenation) { throw UnknownPart("fields that do not make the key") }
    if keyLength <= 16 { return [keyLength] }
    // A key whose fields are unknown is compared word by word.
    return Array(repeating: 4, count: keyLength / 4) + (keyLength % 4 == 0 ? [] : [keyLength % 4])
  }

  /// The length of libnftables' data types that keys of several fields are made of; 0 for those not listed.
  private static func length(ofType number: UInt32) -> Int {
    switch number {
    case 2, 12, 14, 27, 29, 39: 1
    case 13: 2
    case 7, 19, 20, 26, 28: 4
    case 8, 41: 16
    default: 0
    }
  }

  // MARK: Elements

  /// Adds the elements of one message: the content of `NFTA_SET_ELEM_LIST_ELEMENTS`.
  mutating func add(_ list: NetlinkBytes) {
    guard unknown.isEmpty else { return }
    do throws(UnknownPart) {
      var place = list.range.lowerBound
      while let element = try list.nextAttribute(at: &place) {
        guard element.kind & ~NetlinkAttribute.nested == 1 else {
          throw UnknownPart("the list of elements has attribute \(element.kind)")
        }
        try add(element: element.content)
      }
    } catch { unknown.append(error.text) }
  }

  private mutating func add(element: NetlinkBytes) throws(UnknownPart) {
    var (key, end, data): (NetlinkBytes?, NetlinkBytes?, NetlinkBytes?)
    var bits: UInt32 = 0
    var seen: UInt32 = 0
    var place = element.range.lowerBound
    while let attribute = try element.nextAttribute(at: &place) {
      let kind = attribute.kind & ~NetlinkAttribute.nested
      guard kind < 32, seen >> UInt32(kind) & 1 == 0 else {
        throw UnknownPart("an element has attribute \(attribute.kind) twice, or unknown")
      }
      seen |= 1 << UInt32(kind)
      switch kind {
      case 1: key = attribute.content
      case 2: data = attribute.content
      case 10: end = attribute.content
      case 3 where attribute.kind == kind:
        bits = try attribute.content.number(UInt32.self, of: "an element's flags")
      // Userdata and padding.
      case 6 where attribute.kind == kind, 8 where attribute.kind == kind: break
      default: throw UnknownPart("an element has attribute \(attribute.kind)")
      }
    }
    if bits & 2 != 0 { throw UnknownPart("an element for all other keys") }
    guard bits < 2 else { throw UnknownPart("an element has flags \(bits)") }
    guard let key else { throw UnknownPart("an element has no key") }
    try insert(try self.key(key), end: end, isEnd: bits == 1, data)
  }

  private mutating func insert(
    _ key: NetlinkBytes, end: NetlinkBytes?, isEnd: Bool, _ data: NetlinkBytes?
  ) throws(UnknownPart) {
    var verdict = Verdict.continue
    if flags.contains(.map), !isEnd {
      guard let data else { throw UnknownPart("an element of a map has no verdict") }
      verdict = try verdicts.verdict(of: data)
    } else if data != nil {
      throw UnknownPart("an element has a value")
    }
    if flags.contains(.interval), !flags.contains(.concatenation) {
      guard end == nil, fieldLengths.count == 1 else { throw UnknownPart("a range of several fields") }
      bounds.append(Bound(key: key.number, isEnd: isEnd, verdict: verdict))
      return
    }
    guard !isEnd, end == nil || flags.contains(.concatenation) else {
      throw UnknownPart("the end of a range in a set without ranges")
    }
    let made: ElementKey
    if fieldLengths.count == 1 {
      made = .single(Interval(key.number))
    } else {
      var upper = key
      if let end { upper = try self.key(end) }
      made = .concatenation(try fields(key, upper))
    }
    if flags.contains(.map) {
      mapped.append(VerdictElement(made, verdict))
    } else {
      keys.append(made)
    }
  }

  /// The bytes of a key.
  private func key(_ bytes: NetlinkBytes) throws(UnknownPart) -> NetlinkBytes {
    var place = bytes.range.lowerBound
    guard let attribute = try bytes.nextAttribute(at: &place), attribute.kind == 1,
      place == bytes.range.upperBound
    else { throw UnknownPart("a key is not a value alone") }
    guard attribute.content.count == keyLength else {
      throw UnknownPart("a key of \(attribute.content.count) bytes in a set of \(keyLength)")
    }
    return attribute.content
  }

  private func fields(_ lower: NetlinkBytes, _ upper: NetlinkBytes) throws(UnknownPart) -> [Interval<UInt128>]
  {
    var result: [Interval<UInt128>] = []
    result.reserveCapacity(fieldLengths.count)
    var offset = 0
    for length in fieldLengths {
      func number(_ bytes: NetlinkBytes) -> UInt128 {
        let start = bytes.range.lowerBound + offset
        return NetlinkBytes(bytes.storage, start..<(start + length)).number
      }
      let (low, high) = (number(lower), number(upper))
      guard low <= high else { throw UnknownPart("a range that ends before it begins") }
      result.append(Interval(low, high))
      let next = (offset + length + 3) & ~3
      for bytes in [lower, upper] {
        let padding = (bytes.range.lowerBound + offset + length)..<(bytes.range.lowerBound + next)
        guard padding.clamped(to: bytes.range).allSatisfy({ bytes.storage[$0] == 0 }) else {
          throw UnknownPart("a key with bytes between its fields")
        }
      }
      offset = next
    }
    return result
  }

  // MARK: The set

  /// The set with all elements that were added.
  func finished() -> KernelSet {
    var unknown = unknown
    var elements = flags.contains(.map) ? KernelElements.verdicts(mapped) : .keys(keys)
    if flags.contains(.interval), !flags.contains(.concatenation), unknown.isEmpty {
      do throws(UnknownPart) { elements = try ranges() } catch { unknown.append(error.text) }
    }
    return KernelSet(
      isAnonymous ? "" : name, flags: flags, fieldLengths: fieldLengths, elements: elements, unknown: unknown)
  }

  /// The ranges between the bounds. A key belongs to the last bound that is not greater; where a range begins at the end
  /// of another, to the one that begins.
  private func ranges() throws(UnknownPart) -> KernelElements {
    let sorted = bounds.sorted { $0.key != $1.key ? $0.key < $1.key : $0.isEnd && !$1.isEnd }
    let most = keyLength >= 16 ? UInt128.max : (1 << UInt128(keyLength * 8)) - 1
    var result: [VerdictElement] = []
    for (place, bound) in sorted.enumerated() {
      let next = place + 1 < sorted.count ? sorted[place + 1] : nil
      if let next, next.key == bound.key {
        guard bound.isEnd, !next.isEnd else { throw UnknownPart("a range begins or ends twice at one key") }
        // The kernel's search in an anonymous set stops at either of the two.
        if isAnonymous { throw UnknownPart("a range begins where another ends, in an anonymous set") }
      }
      if bound.isEnd { continue }
      result.append(
        VerdictElement(.single(Interval(bound.key, next.map { $0.key - 1 } ?? most)), bound.verdict))
    }
    return flags.contains(.map) ? .verdicts(result) : .keys(result.map(\.key))
  }
}
