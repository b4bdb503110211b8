import Addresses
import PolicyModel
import Ruleset
import TableLayout
import TestSupport

/// A mistake of a compiler, made on purpose in the table of a cluster and in each slice of it.
enum Mistake: CustomStringConvertible {
  /// Another content of a chain, in the place of the one of its name.
  case chain(Chain, why: String)
  /// A chain, set or map less.
  case missing(String)
  /// An element of a set less, or more.
  case element(set: String, ElementKey, [DataType])
  /// The verdict of an address in a map: another one, or none.
  case verdict(map: String, ElementKey, [DataType], Verdict?)

  var description: String {
    switch self {
    case .chain(let chain, let why): "\(chain.name): \(why)"
    case .missing(let name): "\(name) is missing"
    case .element(let set, let key, _): "element \(key) of \(set)"
    case .verdict(let map, let key, _, let verdict):
      "verdict of \(key) in \(map): \(String(describing: verdict))"
    }
  }

  /// Makes the mistake in a table.
  ///
  /// - Parameters:
  ///   - table: the table.
  ///   - addresses: the addresses that the table is about; nil: all.
  /// - Returns: the wrong table.
  func made(in table: Table, about addresses: Set<IPAddress>? = nil) -> Table {
    var table = table
    switch self {
    case .chain(let chain, _):
      for place in table.chains.indices where table.chains[place].name == chain.name {
        table.chains[place] = chain
      }
    case .missing(let name):
      table.chains.removeAll { $0.name == name }
      table.sets.removeAll { $0.name == name }
      table.maps.removeAll { $0.name == name }
    case .element(let name, let key, let types):
      guard Self.isAbout(key, types, addresses) else { break }
      for place in table.sets.indices where table.sets[place].name == name {
        if let known = table.sets[place].elements.firstIndex(of: key) {
          table.sets[place].elements.remove(at: known)
        } else {
          table.sets[place].elements.append(key)
          table.sets[place].elements.sort()
        }
      }
    case .verdict(let name, let key, let types, let verdict):
      guard Self.isAbout(key, types, addresses) else { break }
      for place in table.maps.indices where table.maps[place].name == name {
        table.maps[place].elements.removeAll { $0.key == key }
        guard let verdict else { continue }
        table.maps[place].elements.append(VerdictElement(key, verdict))
        table.maps[place].elements.sort { $0.key < $1.key }
      }
    }
    return table
  }

  private static func isAbout(_ key: ElementKey, _ types: [DataType], _ addresses: Set<IPAddress>?) -> Bool {
    guard let addresses else { return true }
    return zip(key.fields, types).allSatisfy { field, type in
      let family: IPFamily? =
        switch type {
        case .ipv4Address: .ipv4
        case .ipv6Address: .ipv6
        default: nil
        }
      guard let family, field.isSingle else { return true }
      return addresses.contains(IPAddress(family, bits: field.lower))
    }
  }
}

extension Mistake {
  /// A table with one address in the place of another in its sets and maps.
  static func exchanging(_ address: IPAddress, _ other: IPAddress, in table: Table) -> Table {
    func exchanged(_ key: ElementKey, _ types: [DataType]) -> ElementKey {
      let fields = zip(key.fields, types).map { field, type in
        type == address.family.dataType && field == Interval(address.bits) ? Interval(other.bits) : field
      }
      return fields.count == 1 ? .single(fields[0]) : .concatenation(fields)
    }
    var table = table
    for place in table.sets.indices {
      let types = table.sets[place].key
      table.sets[place].elements = table.sets[place].elements.map { exchanged($0, types) }.sorted()
    }
    for place in table.maps.indices {
      let types = table.maps[place].key
      table.maps[place].elements = table.maps[place].elements.map {
        VerdictElement(exchanged($0.key, types), $0.verdict)
      }.sorted { $0.key < $1.key }
    }
    return table
  }
}

// MARK: What an event sends

extension Mistake {
  /// Mistakes about some addresses, in each set and map of a table that has addresses.
  static func aboutAddresses(_ addresses: Set<IPAddress>, in table: Table, _ dice: inout SeededGenerator)
    -> [Mistake]
  {
    var found: [Mistake] = []
    for address in addresses.sorted() {
      let key = ElementKey(address.bits)
      for set in table.sets where !set.flags.contains(.interval) {
        if set.key == [address.family.dataType] {
          found.append(.element(set: set.name, key, set.key))
        } else if set.key == [.ipv6Address] {
          // The bits of an address of the other family.
          if dice.chance(oneIn: 4) { found.append(.element(set: set.name, key, set.key)) }
        } else if set.key == [address.family.dataType, address.family.dataType] {
          let other = dice.pick(addresses.filter { $0.family == address.family }.sorted())
          found.append(
            .element(
              set: set.name, .concatenation([Interval(address.bits), Interval(other.bits)]), set.key))
        }
      }
      for map in table.maps
      where map.key == [address.family.dataType] && !map.flags.contains(.interval) {
        if map.elements.contains(where: { $0.key == key }) {
          found.append(.verdict(map: map.name, key, map.key, nil))
        }
        if !map.elements.isEmpty {
          found.append(.verdict(map: map.name, key, map.key, dice.pick(map.elements).verdict))
        }
      }
    }
    return found
  }

  /// Mistakes in the objects that are new, and in those that are gone or stay as they were.
  static func inObjects(_ delta: TableDelta, _ before: Table, _ after: Table, _ dice: inout SeededGenerator)
    -> [Mistake]
  {
    var found: [Mistake] = []
    for chain in delta.addedChains { found += wrong(chain, &dice) }
    for chain in delta.changedChains {
      guard let former = before.chains.first(where: { $0.name == chain.name }) else { continue }
      found.append(.chain(former, why: "as before"))
    }
    for set in delta.addedSets {
      for key in set.elements { found.append(.element(set: set.name, key, set.key)) }
      if set.key.count == 1, let other = dice.pickOne(after.sets.filter { $0.key == set.key }),
        let key = dice.pickOne(other.elements), !set.elements.contains(key), !set.flags.contains(.interval)
      {
        found.append(.element(set: set.name, key, set.key))
      }
    }
    for map in delta.addedMaps {
      for element in map.elements {
        found.append(.verdict(map: map.name, element.key, map.key, nil))
        found.append(.verdict(map: map.name, element.key, map.key, dice.pick(map.elements).verdict))
      }
    }
    let names = after.chains.filter { $0.hook == nil && $0.name.contains("-") }.map(\.name)
    if let name = dice.pickOne(names) { found.append(.missing(name)) }
    return found
  }

  /// A chain with one rule less, more or otherwise.
  private static func wrong(_ chain: Chain, _ dice: inout SeededGenerator) -> [Mistake] {
    var found: [Mistake] = []
    for place in chain.rules.indices {
      var less = chain
      less.rules.remove(at: place)
      found.append(.chain(less, why: "without rule \(place)"))
      var wide = chain
      let conditions = wide.rules[place].statements.indices.filter {
        if case .match = wide.rules[place].statements[$0] { true } else { false }
      }
      if let condition = dice.pickOne(conditions) {
        wide.rules[place].statements.remove(at: condition)
        found.append(.chain(wide, why: "rule \(place) without condition \(condition)"))
      }
      var turned = chain
      for statement in turned.rules[place].statements.indices {
        guard case .verdict(let verdict) = turned.rules[place].statements[statement] else { continue }
        turned.rules[place].statements[statement] = .verdict(verdict == .drop ? .return : .drop)
        found.append(.chain(turned, why: "rule \(place) turned"))
      }
    }
    return found
  }

  // MARK: Made before the event

  /// Mistakes in the chains of a table's pods, as an earlier event may have left them.
  static func earlier(in table: Table, about addresses: [IPAddress], _ dice: inout SeededGenerator)
    -> Mistake?
  {
    let chains = table.chains.filter { $0.hook == nil && $0.name.contains("-") }
    guard var chain = dice.pickOne(chains) else { return nil }
    let family: IPFamily = chain.name.contains("6-") ? .ipv6 : .ipv4
    if dice.chance(oneIn: 4), chain.rules.count > 1 {
      let place = Int.random(in: 0..<chain.rules.count - 1, using: &dice)
      chain.rules.remove(at: place)
      return .chain(chain, why: "without rule \(place)")
    }
    guard let address = dice.pickOne(addresses.filter { $0.family == family }) else { return nil }
    let isIngress = chain.name.hasPrefix("in")
    let field: Field =
      family == .ipv4 ? (isIngress ? .ipSaddr : .ipDaddr) : (isIngress ? .ip6Saddr : .ip6Daddr)
    let mask: UInt128 = dice.pick([0, 0, 0, 1, 3, 15])
    let range = Interval(address.bits & ~mask, address.bits | mask)
    let match = Match([field], .equal, .value(.single(range)))
    let verdict = dice.pick([Verdict.return, .return, .drop])
    chain.rules.insert(Rule([.match(match), .verdict(verdict)]), at: 0)
    return .chain(chain, why: "\(verdict) for \(IPAddress(family, bits: range.lower)) and \(mask) more")
  }
}

extension SeededGenerator {
  /// One of the elements; nil where there is none.
  mutating func pickOne<Element>(_ elements: [Element]) -> Element? {
    elements.isEmpty ? nil : pick(elements)
  }
}
