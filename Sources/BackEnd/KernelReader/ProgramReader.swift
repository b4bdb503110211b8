public import KernelProgram
public import Ruleset

/// Makes a table of the messages that the kernel dumps of it. Knows the bytes and nothing of sockets; messages of other
/// tables are left out.
public struct ProgramReader {
  private let family: Table.Family
  private let name: String
  private var flags: KernelTableFlags = []
  private var isThere = false
  private var chains: [KernelChain] = []
  private var places: [String: Int] = [:]
  private var sets: [String: SetReader] = [:]
  private var unknown: [String] = []

  /// A reader of one table.
  public init(_ family: Table.Family, _ name: String) {
    self.family = family
    self.name = name
  }

  /// The names of the sets that were declared so far, in any order.
  public var setNames: [String] { Array(sets.keys) }

  /// Takes one message of nf_tables.
  ///
  /// - Parameters:
  ///   - kind: the message's type without its subsystem (`NFT_MSG_NEW…`).
  ///   - body: what follows netlink's own header: `nfgenmsg` and attributes.
  public mutating func take(kind: UInt8, body: [UInt8]) {
    take(kind: kind, NetlinkBytes(body))
  }

  mutating func take(kind: UInt8, _ body: NetlinkBytes) {
    guard body.count >= 4 else {
      unknown.append("a message of \(body.count) bytes")
      return
    }
    guard body.storage[body.range.lowerBound] == family.number else { return }
    let attributes = NetlinkBytes(body.storage, (body.range.lowerBound + 4)..<body.range.upperBound)
    do throws(UnknownPart) {
      guard let table = try text(attributes, 1) else { throw UnknownPart("a message of no table") }
      guard table == name else { return }
      switch kind {
      case 0: try takeTable(attributes)
      case 3: try takeChain(attributes)
      case 6: try takeRule(attributes)
      case 9: try takeSet(attributes)
      case 12: try takeElements(attributes)
      case 18: unknown.append("object \(try text(attributes, 2) ?? "")")
      case 22: unknown.append("flowtable \(try text(attributes, 2) ?? "")")
      default: unknown.append("a message of kind \(kind)")
      }
    } catch { unknown.append(error.text) }
  }

  /// The first text of a kind among attributes, whatever else is there.
  private func text(_ bytes: NetlinkBytes, _ kind: UInt16) throws(UnknownPart) -> String? {
    var place = bytes.range.lowerBound
    while let attribute = try bytes.nextAttribute(at: &place) {
      if attribute.kind == kind { return try attribute.content.text(of: "attribute \(kind)") }
    }
    return nil
  }

  // MARK: Objects

  private static let table = AttributeList.Known([1, 2, 5, 6, 7], ignored: [3: 4, 4: 8])

  private mutating func takeTable(_ bytes: NetlinkBytes) throws(UnknownPart) {
    isThere = true
    let attributes = try AttributeList(bytes, of: "the table", Self.table)
    flags = KernelTableFlags(rawValue: try attributes.number(2) ?? 0)
    if !flags.isSubset(of: .known) { unknown.append("flags \(flags.rawValue)") }
  }

  private static let chain = AttributeList.Known(
    [1, 3, 5, 7, 9, 10, 12], nested: [4, 8], ignored: [2: 8, 6: 4, 11: 4])
  private static let hook = AttributeList.Known([1, 2])

  private mutating func takeChain(_ bytes: NetlinkBytes) throws(UnknownPart) {
    guard let chainName = try text(bytes, 3) else { throw UnknownPart("a chain without a name") }
    var chain = KernelChain(chainName)
    do throws(UnknownPart) {
      let attributes = try AttributeList(bytes, of: "the chain", Self.chain)
      if let flags = try attributes.number(10), flags > 1 { throw UnknownPart("flags \(flags)") }
      if let content = attributes.content(4) { chain.hook = try hook(content, attributes) }
    } catch { chain.unknown.append(error.text) }
    if places[chainName] != nil { throw UnknownPart("chain \(chainName) twice") }
    places[chainName] = chains.count
    chains.append(chain)
  }

  private func hook(_ bytes: NetlinkBytes, _ chain: AttributeList) throws(UnknownPart) -> Chain.Hook {
    let attributes = try AttributeList(bytes, of: "the chain's hook", Self.hook)
    let number = try attributes.requiredNumber(1)
    guard let hook = family.hookName(number) else { throw UnknownPart("hook \(number)") }
    let policy = try chain.number(5) ?? 1
    guard policy < 2 else { throw UnknownPart("policy \(policy)") }
    return Chain.Hook(
      hook, type: try chain.requiredText(7), priority: try attributes.requiredNumber(2, Int32.self),
      policy: policy == 1 ? .accept : .drop)
  }

  private static let rule = AttributeList.Known([1, 2, 7, 8], nested: [4], ignored: [3: 8, 6: 8, 9: 4])

  private mutating func takeRule(_ bytes: NetlinkBytes) throws(UnknownPart) {
    guard let chain = try text(bytes, 2), let place = places[chain] else {
      throw UnknownPart("a rule of no chain")
    }
    var rule: KernelRule
    do throws(UnknownPart) {
      let attributes = try AttributeList(bytes, of: "the rule", Self.rule)
      rule = KernelRule(
        try attributes.content(4).map { list throws(UnknownPart) in try InstructionReader.instructions(list) }
          ?? [])
    } catch { rule = KernelRule([.unknown(error.text)]) }
    chains[place].rules.append(rule)
  }

  private mutating func takeSet(_ bytes: NetlinkBytes) throws(UnknownPart) {
    guard let set = try text(bytes, 2) else { throw UnknownPart("a set without a name") }
    guard sets.updateValue(SetReader(bytes, name: set), forKey: set) == nil else {
      throw UnknownPart("set \(set) twice")
    }
  }

  private static let elements = AttributeList.Known([1, 2], nested: [3])

  private mutating func takeElements(_ bytes: NetlinkBytes) throws(UnknownPart) {
    let attributes = try AttributeList(bytes, of: "a list of elements", Self.elements)
    let set = try attributes.requiredText(2)
    guard let list = attributes.content(3) else { return }
    guard let place = sets.index(forKey: set) else { throw UnknownPart("elements of no set") }
    sets.values[place].add(list)
  }

  // MARK: The table

  /// The table in normal form; nil where no message was about it.
  public func finished() -> KernelTable? {
    guard isThere else { return nil }
    var unknown = unknown
    var named: [KernelSet] = []
    var anonymous: [String: KernelSet] = [:]
    for (name, set) in sets {
      if set.isAnonymous { anonymous[name] = set.finished() } else { named.append(set.finished()) }
    }
    var chains = chains
    for chain in chains.indices {
      for rule in chains[chain].rules.indices {
        for (number, instruction) in chains[chain].rules[rule].instructions.enumerated() {
          if let whole = instruction.replacingAnonymous(&anonymous) {
            chains[chain].rules[rule].instructions[number] = whole
          }
        }
      }
    }
    unknown += anonymous.keys.map { "\($0) belongs to no rule" }
    return KernelTable(family, name, flags: flags, sets: named, chains: chains, unknown: unknown)
  }
}

extension Instruction {
  /// The instruction with the content of the anonymous set that it names, which goes with it; nil where it names none.
  fileprivate func replacingAnonymous(_ sets: inout [String: KernelSet]) -> Instruction? {
    switch self {
    case .lookup(let register, .named(let name), let isInverted):
      sets.removeValue(forKey: name).map { .lookup(register, .anonymous($0), isInverted: isInverted) }
    case .verdictLookup(let register, .named(let name)):
      sets.removeValue(forKey: name).map { .verdictLookup(register, .anonymous($0)) }
    default: nil
    }
  }
}

extension Table.Family {
  /// The kernel's number (`NFPROTO_…`).
  var number: UInt8 {
    switch self {
    case .inet: 1
    case .ip: 2
    case .arp: 3
    case .netdev: 5
    case .bridge: 7
    case .ip6: 10
    }
  }

  /// The name of a hook by the kernel's number; nil for none of the family's.
  func hookName(_ number: UInt32) -> String? {
    let names: [String] =
      switch self {
      case .inet, .ip, .ip6, .bridge: ["prerouting", "input", "forward", "output", "postrouting", "ingress"]
      case .arp: ["input", "output"]
      case .netdev: ["ingress", "egress"]
      }
    return number < names.count ? names[Int(number)] : nil
  }
}
