import Addresses
import Ruleset
import TestSupport

/// One random edit of a table, as a slip of a hand would make it.
struct Mutator {
  var generator: SeededGenerator

  /// The edited table and what was done; nil when this draw found nothing to edit.
  mutating func mutate(_ original: Table) -> (table: Table, what: String)? {
    var table = original
    let what: String?
    switch Int.random(in: 0..<17, using: &generator) {
    case 0: what = dropRule(&table)
    case 1: what = swapRules(&table)
    case 2: what = retarget(&table)
    case 3: what = duplicateRule(&table)
    case 4, 5: what = removeElement(&table)
    case 6: what = addElement(&table)
    case 7, 8: what = moveElement(&table)
    case 9: what = changeRange(&table)
    case 10: what = changeVerdict(&table)
    case 11, 12: what = changeValue(&table)
    case 13: what = changePriority(&table)
    case 14: what = changePolicy(&table)
    case 15: what = dropCondition(&table)
    default: what = changeMapVerdict(&table)
    }
    guard let what, table != original else { return nil }
    return (table, what)
  }

  private mutating func place(_ table: Table) -> (chain: Int, rule: Int)? {
    let chains = table.chains.indices.filter { !table.chains[$0].rules.isEmpty }
    guard !chains.isEmpty else { return nil }
    let chain = generator.pick(chains)
    return (chain, Int.random(in: 0..<table.chains[chain].rules.count, using: &generator))
  }

  private mutating func dropRule(_ table: inout Table) -> String? {
    guard let (chain, rule) = place(table) else { return nil }
    table.chains[chain].rules.remove(at: rule)
    return "dropped rule \(rule) of \(table.chains[chain].name)"
  }

  /// A rule without one of its conditions, so that it concerns more packets.
  private mutating func dropCondition(_ table: inout Table) -> String? {
    guard let (chain, rule) = place(table) else { return nil }
    let statements = table.chains[chain].rules[rule].statements
    let conditions = statements.indices.filter { if case .match = statements[$0] { true } else { false } }
    guard let dropped = conditions.randomElement(using: &generator) else { return nil }
    table.chains[chain].rules[rule].statements.remove(at: dropped)
    return "dropped condition \(dropped) of rule \(rule) of \(table.chains[chain].name)"
  }

  private mutating func swapRules(_ table: inout Table) -> String? {
    guard let (chain, rule) = place(table), table.chains[chain].rules.count > 1 else { return nil }
    let other = (rule + 1) % table.chains[chain].rules.count
    table.chains[chain].rules.swapAt(rule, other)
    return "swapped rules \(rule) and \(other) of \(table.chains[chain].name)"
  }

  private mutating func duplicateRule(_ table: inout Table) -> String? {
    guard let (chain, rule) = place(table) else { return nil }
    let to = Int.random(in: 0...table.chains[chain].rules.count, using: &generator)
    table.chains[chain].rules.insert(table.chains[chain].rules[rule], at: to)
    return "copied rule \(rule) of \(table.chains[chain].name) to \(to)"
  }

  private mutating func retarget(_ table: inout Table) -> String? {
    let leaves = table.chains.filter {
      $0.hook == nil && !$0.rules.contains { $0.statements.contains(where: jumps) }
    }
    guard let (chain, rule) = place(table), !leaves.isEmpty else { return nil }
    let target = generator.pick(leaves).name
    for (number, statement) in table.chains[chain].rules[rule].statements.enumerated() {
      guard case .verdict(let verdict) = statement, verdict.target != nil else { continue }
      let changed: Verdict = if case .jump = verdict { .jump(target) } else { .goto(target) }
      table.chains[chain].rules[rule].statements[number] = .verdict(changed)
      return table.chains[chain].name == target
        ? nil : "retargeted rule \(rule) of \(table.chains[chain].name)"
    }
    return nil
  }

  private func jumps(_ statement: Statement) -> Bool {
    switch statement {
    case .verdict(let verdict): verdict.target != nil
    case .verdictMap: true
    default: false
    }
  }

  private mutating func changeVerdict(_ table: inout Table) -> String? {
    guard let (chain, rule) = place(table) else { return nil }
    for (number, statement) in table.chains[chain].rules[rule].statements.enumerated() {
      guard case .verdict(let old) = statement else { continue }
      let new = generator.pick([Verdict.accept, .drop, .return, .continue])
      table.chains[chain].rules[rule].statements[number] = .verdict(new)
      return "\(old) became \(new) in rule \(rule) of \(table.chains[chain].name)"
    }
    return nil
  }

  private mutating func changeMapVerdict(_ table: inout Table) -> String? {
    let maps = table.maps.indices.filter { !table.maps[$0].elements.isEmpty }
    guard !maps.isEmpty else { return nil }
    let map = generator.pick(maps)
    let element = Int.random(in: 0..<table.maps[map].elements.count, using: &generator)
    let targets = table.maps[map].elements.map(\.verdict)
    table.maps[map].elements[element].verdict = generator.pick(targets + [.accept, .drop, .return])
    return "changed the verdict of element \(element) of \(table.maps[map].name)"
  }

  private mutating func setAndElement(_ table: Table) -> (set: Int, element: Int)? {
    let sets = table.sets.indices.filter { !table.sets[$0].elements.isEmpty }
    guard !sets.isEmpty else { return nil }
    let set = generator.pick(sets)
    return (set, Int.random(in: 0..<table.sets[set].elements.count, using: &generator))
  }

  private mutating func removeElement(_ table: inout Table) -> String? {
    let maps = table.maps.indices.filter { !table.maps[$0].elements.isEmpty }
    if generator.chance(oneIn: 3), !maps.isEmpty {
      let map = generator.pick(maps)
      let element = Int.random(in: 0..<table.maps[map].elements.count, using: &generator)
      table.maps[map].elements.remove(at: element)
      return "removed element \(element) of map \(table.maps[map].name)"
    }
    guard let (set, element) = setAndElement(table) else { return nil }
    table.sets[set].elements.remove(at: element)
    return "removed element \(element) of set \(table.sets[set].name)"
  }

  private mutating func addElement(_ table: inout Table) -> String? {
    guard let (set, element) = setAndElement(table) else { return nil }
    var fields = table.sets[set].elements[element].fields
    let field = Int.random(in: 0..<fields.count, using: &generator)
    let most = table.sets[set].key[field].maximum
    guard fields[field].upper < most else { return nil }
    fields[field] = Interval(fields[field].upper + 1)
    return insert(fields, into: set, of: &table) ? "added an element to \(table.sets[set].name)" : nil
  }

  private func insert(_ fields: [Interval<UInt128>], into set: Int, of table: inout Table) -> Bool {
    let overlaps = table.sets[set].elements.contains {
      zip($0.fields, fields).allSatisfy { $0.overlaps($1) }
    }
    if overlaps { return false }
    table.sets[set].elements.append(fields.count == 1 ? .single(fields[0]) : .concatenation(fields))
    table.sets[set].elements.sort()
    return true
  }

  private mutating func moveElement(_ table: inout Table) -> String? {
    guard let (set, element) = setAndElement(table) else { return nil }
    let others = table.sets.indices.filter { $0 != set && table.sets[$0].key == table.sets[set].key }
    guard !others.isEmpty else { return nil }
    let other = generator.pick(others)
    let moved = table.sets[set].elements.remove(at: element)
    guard insert(moved.fields, into: other, of: &table) else { return nil }
    return "moved element \(element) from \(table.sets[set].name) to \(table.sets[other].name)"
  }

  /// An end of a range, one further or nearer.
  private mutating func moved(_ interval: Interval<UInt128>, most: UInt128) -> Interval<UInt128>? {
    switch Int.random(in: 0..<4, using: &generator) {
    case 0: interval.lower > 0 ? Interval(interval.lower - 1, interval.upper) : nil
    case 1: interval.upper < most ? Interval(interval.lower, interval.upper + 1) : nil
    case 2: interval.isSingle ? nil : Interval(interval.lower + 1, interval.upper)
    default: interval.isSingle ? nil : Interval(interval.lower, interval.upper - 1)
    }
  }

  private mutating func changeRange(_ table: inout Table) -> String? {
    guard let (set, element) = setAndElement(table) else { return nil }
    var fields = table.sets[set].elements.remove(at: element).fields
    let field = Int.random(in: 0..<fields.count, using: &generator)
    guard let changed = moved(fields[field], most: table.sets[set].key[field].maximum) else { return nil }
    fields[field] = changed
    return insert(fields, into: set, of: &table)
      ? "moved an end of element \(element) of \(table.sets[set].name)" : nil
  }

  /// A protocol, port, address or state in a rule.
  private mutating func changeValue(_ table: inout Table) -> String? {
    guard let (chain, rule) = place(table) else { return nil }
    for (number, statement) in table.chains[chain].rules[rule].statements.enumerated() {
      guard case .match(var match) = statement else { continue }
      let place = "rule \(rule) of \(table.chains[chain].name)"
      switch match.operand {
      case .value(.single(let interval)):
        if generator.chance(oneIn: 4) {
          match.comparison = match.comparison == .equal ? .notEqual : .equal
        } else if match.key == [.metaL4Proto] {
          match.operand = .value(ElementKey(generator.pick([1, 6, 17, 132])))
        } else if let changed = moved(interval, most: match.key[0].type.maximum) {
          match.operand = .value(.single(changed))
        }
      case .anonymousSet(let elements) where elements.count > 1:
        match.operand = .anonymousSet(Array(elements.dropFirst()))
      case .anyBit(let bits): match.operand = .anyBit(bits ^ generator.pick([2, 4, 8]))
      default:
        if match.key == [.tcpDport] {
          match.key = [.udpDport]
        } else if match.key == [.ipSaddr] {
          match.key = [.ipDaddr]
        }
      }
      table.chains[chain].rules[rule].statements[number] = .match(match)
      return "changed a condition of \(place)"
    }
    return nil
  }

  private mutating func changePriority(_ table: inout Table) -> String? {
    guard let chain = table.chains.indices.first(where: { table.chains[$0].hook != nil }) else { return nil }
    table.chains[chain].hook?.priority += generator.pick([-10, 5, 105])
    return "changed the priority of \(table.chains[chain].name)"
  }

  private func changePolicy(_ table: inout Table) -> String? {
    guard let chain = table.chains.indices.first(where: { table.chains[$0].hook != nil }) else { return nil }
    let old = table.chains[chain].hook?.policy
    table.chains[chain].hook?.policy = old == .accept ? .drop : .accept
    return "changed the policy of \(table.chains[chain].name)"
  }
}
