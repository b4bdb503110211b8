import Addresses
public import Ruleset

extension NFTPrinter {
  /// The smallest transaction for the difference of two tables, as nft text; empty for none.
  ///
  /// Elements are added by declaring their set again, which costs the same whatever other tables hold, where an
  /// element command would first read every interval set of the namespace, other programs' too. For the same reason
  /// small sets from which elements go are filled anew, and so are plain interval sets, where a deletion is dearer
  /// than that; only from large sets elements are deleted by command. A map's key that gets another verdict is deleted
  /// first. What goes, goes last, and after the rules that use it.
  ///
  /// - Parameters:
  ///   - delta: the difference.
  ///   - new: the table as it is to be, printed whole where `delta` asks for replacement.
  /// - Returns: commands for `nft -f`.
  public static func transaction(_ delta: TableDelta, to new: Table) -> String {
    transaction(delta) ?? replacing(new)
  }

  /// The transactions of the difference's steps, in order: see `TableDelta.steps`.
  ///
  /// - Parameters:
  ///   - delta: the difference.
  ///   - new: the table as it is to be, printed whole where `delta` asks for replacement.
  /// - Returns: a script for each; none where nothing differs.
  public static func transactions(_ delta: TableDelta, to new: Table) -> [String] {
    transactions(delta) ?? [replacing(new)]
  }

  /// The transactions of the difference's steps, in order; nil where it cannot be made in place.
  public static func transactions(_ delta: TableDelta) -> [String]? {
    if delta.needsReplacement { return nil }
    return delta.steps.compactMap { transaction($0) }.filter { !$0.isEmpty }
  }

  /// The smallest transaction of a difference; nil where it cannot be made in place.
  public static func transaction(_ delta: TableDelta) -> String? {
    if delta.needsReplacement { return nil }
    guard !delta.isEmpty else { return "" }
    var printer = TransactionPrinter(delta)
    return printer.print()
  }
}

struct TransactionPrinter {
  private var buffer = TextBuffer()
  private let delta: TableDelta
  private let table: String

  init(_ delta: TableDelta) {
    self.delta = delta
    table = "\(delta.family.rawValue) \(delta.name)"
  }

  mutating func print() -> String {
    makeRoom()
    buffer.lines(block())
    takeAway()
    return buffer.text
  }

  /// True where elements are taken away by filling the set anew.
  private func isRefilled(_ key: [DataType], _ flags: SetFlags, removed: Int, left: Int) -> Bool {
    // Few elements are filled in within a few milliseconds; an element command costs up to a second where anyone has
    // an interval set of a hundred thousand.
    removed > 0 && (left <= TableDelta.fewElements || key.count == 1 && flags.contains(.interval))
  }

  /// Removes all that must go before anything new is added: rules of changed chains, and elements.
  private mutating func makeRoom() {
    for chain in delta.changedChains { buffer.line(0, "flush chain \(table) \(chain.name)") }
    for name in delta.removedChains { buffer.line(0, "flush chain \(table) \(name)") }
    for change in delta.changedMaps where !change.removed.isEmpty {
      if isRefilled(
        change.map.key, change.map.flags, removed: change.removed.count, left: change.count)
      {
        buffer.line(0, "flush map \(table) \(change.map.name)")
      } else {
        delete(change.removed.map(\.key), of: change.map.name, change.map.key)
      }
    }
    for change in delta.changedSets where !change.removed.isEmpty {
      if isRefilled(
        change.set.key, change.set.flags, removed: change.removed.count, left: change.count)
      {
        buffer.line(0, "flush set \(table) \(change.set.name)")
      } else {
        delete(change.removed, of: change.set.name, change.set.key)
      }
    }
  }

  private mutating func delete(_ keys: [ElementKey], of name: String, _ types: [DataType]) {
    let notations = types.map { Notation($0) }
    buffer.put("delete element \(table) \(name) {")
    for (index, key) in keys.enumerated() {
      buffer.put(index == 0 ? " " : ", ")
      buffer.key(key, notations)
    }
    buffer.put(" }")
    buffer.newline()
  }

  /// Everything new. Where there is more than elements it is a block of the table: nft makes chains and sets before the
  /// rules that use them.
  private func block() -> String {
    var part = Table(delta.family, delta.name)
    part.sets = delta.addedSets
    for change in delta.changedSets {
      var set = change.set
      if !isRefilled(set.key, set.flags, removed: change.removed.count, left: change.count) {
        set.elements = change.added
      }
      if !set.elements.isEmpty { part.sets.append(set) }
    }
    part.maps = delta.addedMaps
    for change in delta.changedMaps {
      var map = change.map
      if !isRefilled(map.key, map.flags, removed: change.removed.count, left: change.count) {
        map.elements = change.added
      }
      if !map.elements.isEmpty { part.maps.append(map) }
    }
    part.chains = delta.addedChains
    for var chain in delta.changedChains {
      // The hook stays as it is; to name it again would change nothing.
      chain.hook = nil
      if !chain.rules.isEmpty { part.chains.append(chain) }
    }
    if part.sets.isEmpty && part.maps.isEmpty && part.chains.isEmpty { return "" }
    if delta.addedSets.isEmpty && delta.addedMaps.isEmpty && part.chains.isEmpty {
      // For a block of the table libnftables asks the kernel for chains and rules first, whatever stands in it.
      var printer = TablePrinter(Annotations())
      printer.declarations(part)
      return printer.finished.text
    }
    return NFTPrinter.print(Ruleset([part]))
  }

  /// Removes the objects that are no longer used.
  private mutating func takeAway() {
    for name in delta.removedMaps { buffer.line(0, "delete map \(table) \(name)") }
    for name in delta.removedChains { buffer.line(0, "delete chain \(table) \(name)") }
    for name in delta.removedSets { buffer.line(0, "delete set \(table) \(name)") }
  }
}
