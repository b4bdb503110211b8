import Ruleset

/// A table that grows, with its objects found by name.
struct TableBuilder {
  private(set) var table: Table
  private var chains: [String: Int] = [:]
  private var sets: [String: Int] = [:]
  private var maps: [String: Int] = [:]

  init(_ family: Table.Family, _ name: String) { table = Table(family, name) }

  func isNamed(_ family: Table.Family, _ name: String) -> Bool {
    table.name == name && table.family == family
  }

  func hasChain(_ name: String) -> Bool { chains[name] != nil }

  /// An empty body with the key of the set or map of this name, if there is one.
  func body(ofSet name: String) -> SetBody? {
    if let index = sets[name] { return SetBody(key: table.sets[index].key) }
    guard let index = maps[name] else { return nil }
    var body = SetBody(key: table.maps[index].key)
    body.isMap = true
    return body
  }

  mutating func addFlag(_ flag: String) {
    if !table.flags.contains(flag) { table.flags.append(flag) }
  }

  mutating func addUnmodelled(_ text: String) { table.unmodelled.append(text) }

  /// A chain; rules of one that exists already come behind those it has.
  mutating func add(_ chain: Chain) {
    guard let index = chains[chain.name] else {
      chains[chain.name] = table.chains.count
      table.chains.append(chain)
      return
    }
    table.chains[index].rules += chain.rules
    if let hook = chain.hook { table.chains[index].hook = hook }
  }

  mutating func add(_ rule: Rule, toChain name: String, first: Bool = false) {
    guard let index = chains[name] else { return }
    table.chains[index].rules.insert(rule, at: first ? 0 : table.chains[index].rules.count)
  }

  /// The kernel's objection to a set or map beside one of the same name; nil where it adds the elements to
  /// that one.
  func objection(to body: SetBody, _ name: String) -> String? {
    let isTheSame =
      if let index = sets[name] {
        !body.isMap && table.sets[index].key == body.key && table.sets[index].flags == body.flags
      } else if let index = maps[name] {
        body.isMap && table.maps[index].key == body.key && table.maps[index].flags == body.flags
      } else {
        true
      }
    return isTheSame ? nil : "\(name) exists already, of another kind, type or flags"
  }

  /// A set or map; elements of one that exists already come behind those it has.
  mutating func add(_ body: SetBody, _ name: String) {
    if body.isMap {
      if let index = maps[name] {
        table.maps[index].elements += body.entries
        return
      }
      maps[name] = table.maps.count
      table.maps.append(VerdictMap(name, key: body.key, flags: body.flags, elements: body.entries))
    } else if let index = sets[name] {
      table.sets[index].elements += body.keys
    } else {
      sets[name] = table.sets.count
      table.sets.append(
        NamedSet(name, key: body.key, flags: body.flags, autoMerge: body.autoMerge, elements: body.keys))
    }
  }

  mutating func flushRules() {
    for index in table.chains.indices { table.chains[index].rules = [] }
  }
}
