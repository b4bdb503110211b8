public import KernelProgram
public import Ruleset

/// Makes the kernel's instructions of a typed table, as libnftables 1.0.6 does of the table's text. A test holds the two
/// against each other. What has no instruction here is unknown in the result, and so never part of a proof.
public enum Assembler {
  /// The table as the kernel holds it once the text of `table` is loaded. O(elements + rules).
  public static func assemble(_ table: Table) -> KernelTable {
    var flags: KernelTableFlags = []
    var unknown = table.unmodelled
    for flag in table.flags {
      switch flag {
      case "dormant": flags.insert(.dormant)
      case "owner": flags.insert(.owner)
      case "persist": flags.insert(.persist)
      default: unknown.append("flag \(flag)")
      }
    }
    for names in [table.sets.map(\.name) + table.maps.map(\.name), table.chains.map(\.name)] {
      var seen: Set<String> = []
      unknown += names.filter { !seen.insert($0).inserted }.map { "\($0) is there twice" }
    }
    let intervals = Set(
      table.sets.filter { $0.flags.contains(.interval) }.map(\.name)
        + table.maps.filter { $0.flags.contains(.interval) }.map(\.name))
    // Classes by the dozen have the same rules.
    var known: [[Statement]: KernelRule] = [:]
    return KernelTable(
      table.family, table.name, flags: flags,
      sets: table.sets.map { assembled($0) } + table.maps.map { assembled($0) },
      chains: table.chains.map { chain in
        KernelChain(
          chain.name, hook: chain.hook,
          // A rule without a statement has no text, so the kernel gets none.
          rules: chain.rules.filter { !$0.statements.isEmpty }.map { rule in
            if let made = known[rule.statements] { return made }
            var assembler = RuleAssembler(table.family, intervalSets: intervals)
            let made = KernelRule(assembler.assemble(rule))
            known[rule.statements] = made
            return made
          })
      }, unknown: unknown)
  }

  static func assembled(_ set: NamedSet) -> KernelSet {
    let (flags, unknown) = flags(set.flags, set.key)
    return KernelSet(
      set.name, flags: flags, fieldLengths: set.key.map(\.byteCount),
      elements: .keys(RawKeys(set.key, isInterval: flags.contains(.interval)).raw(set.elements)),
      unknown: unknown)
  }

  static func assembled(_ map: VerdictMap) -> KernelSet {
    let (flags, unknown) = flags(map.flags, map.key)
    return KernelSet(
      map.name, flags: flags.union(.map), fieldLengths: map.key.map(\.byteCount),
      elements: .verdicts(RawKeys(map.key, isInterval: flags.contains(.interval)).raw(map.elements)),
      unknown: unknown)
  }

  private static func flags(_ flags: SetFlags, _ key: [DataType]) -> (KernelSetFlags, [String]) {
    var result: KernelSetFlags = []
    if flags.contains(.constant) { result.insert(.constant) }
    if flags.contains(.interval) {
      result.insert(.interval)
      if key.count > 1 { result.insert(.concatenation) }
    }
    if flags.contains(.timeout) { result.insert(.timeout) }
    if flags.contains(.dynamic) { result.insert(.dynamic) }
    return (result, result.isSubset(of: .known) ? [] : ["flags \(result.rawValue)"])
  }
}
