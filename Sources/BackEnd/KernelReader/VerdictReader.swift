import Ruleset

/// Reads verdicts, and keeps the names of chains that verdicts of elements lead to: a map of many elements mostly names
/// few chains.
struct VerdictReader {
  private var known: [UInt64: (bytes: [UInt8], verdict: Verdict)] = [:]

  private static let data = AttributeList.Known([], nested: [2])
  private static let verdict = AttributeList.Known([1, 2])

  /// The verdict in an attribute of nf_tables' data.
  ///
  /// - Throws: a verdict that is not in the list, such as a queue's.
  static func verdict(_ bytes: NetlinkBytes) throws(UnknownPart) -> Verdict {
    let outer = try AttributeList(bytes, of: "a verdict", data)
    let attributes = try AttributeList(outer.required(2), of: "a verdict", verdict)
    let code = try attributes.requiredNumber(1, Int32.self)
    let isJump = code == -3 || code == -4
    guard isJump == (attributes.content(2) != nil) else {
      throw attributes.unknown("code \(code) and a chain")
    }
    switch code {
    case 0: return .drop
    case 1: return .accept
    case -1: return .continue
    case -3: return .jump(try attributes.requiredText(2))
    case -4: return .goto(try attributes.requiredText(2))
    case -5: return .return
    default: throw attributes.unknown("code \(code)")
    }
  }

  /// The same, from memory where the same bytes were read before.
  mutating func verdict(of element: NetlinkBytes) throws(UnknownPart) -> Verdict {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for place in element.range { hash = (hash ^ UInt64(element.storage[place])) &* 0x100_0000_01b3 }
    if let found = known[hash], found.bytes.elementsEqual(element.storage[element.range]) {
      return found.verdict
    }
    let made = try Self.verdict(element)
    known[hash] = (element.array, made)
    return made
  }
}
