#if os(Linux)
  import Assembler
  import KernelProgram
  import KernelReader
  import NFTables
  import Ruleset
  import RulesetText

  /// The table that the kernel holds, read from its program in the terms of tables that are known: where an object is what
  /// such a table makes of it, it is that object; what differs is kept apart.
  struct FoundTable {
    /// The table. A chain whose rules are unknown has one rule that says so, and the digest of the chain.
    private(set) var table: Table
    /// Commands that come before the difference of `table`: sets to be emptied, policies to be set back.
    private(set) var preparation = ""
    /// True where a set must be emptied and filled again.
    private(set) var refills = false

    /// Compares a program with tables that are known.
    ///
    /// - Parameters:
    ///   - program: what the kernel holds.
    ///   - wanted: the table that it should become: sets and chains that differ are named in its terms.
    ///   - former: other tables that it may be made of, the likelier first.
    init(_ program: KernelTable, wanted: Table, former: [Table] = []) {
      let known = ([wanted] + former).map { Known($0) }
      table = Table(program.family, program.name)
      table.unmodelled = program.unknown
      for (flag, name) in [(KernelTableFlags.dormant, "dormant"), (.owner, "owner"), (.persist, "persist")]
      where program.flags.contains(flag) { table.flags.append(name) }
      for set in program.sets { take(set, known) }
      for chain in program.chains { take(chain, known) }
    }

    /// A table with its assembled form, both by name.
    private struct Known {
      let chains: [String: Chain]
      let sets: [String: NamedSet]
      let maps: [String: VerdictMap]
      let assembledChains: [String: KernelChain]
      let assembledSets: [String: KernelSet]

      init(_ table: Table) {
        let program = Assembler.assemble(table)
        chains = Dictionary(table.chains.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        sets = Dictionary(table.sets.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        maps = Dictionary(table.maps.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        assembledSets = Dictionary(
          program.sets.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        assembledChains = Dictionary(
          program.chains.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
      }
    }

    private mutating func take(_ set: KernelSet, _ known: [Known]) {
      var isKnown = false
      for candidate in known where candidate.assembledSets[set.name] == set {
        if let found = candidate.sets[set.name] { return table.sets.append(found) }
        if let found = candidate.maps[set.name] { return table.maps.append(found) }
      }
      for candidate in known {
        if let declaration = candidate.sets[set.name] {
          if let found = Assembler.set(set, declaredAs: declaration) { return table.sets.append(found) }
          isKnown = true
        }
        if let declaration = candidate.maps[set.name] {
          if let found = Assembler.map(set, declaredAs: declaration) { return table.maps.append(found) }
          isKnown = true
        }
      }
      // Unknown elements, such as one for all other keys, go when the set is emptied.
      if isKnown, !set.unknown.isEmpty, let wanted = known.first {
        var sound = set
        sound.unknown = []
        sound.elements = set.flags.contains(.map) ? .verdicts([]) : .keys([])
        if let declaration = wanted.sets[set.name],
          let empty = Assembler.set(sound, declaredAs: declaration)
        {
          preparation += "flush set \(NFTablesTable.netpolc) \(set.name)\n"
          refills = true
          return table.sets.append(empty)
        }
        if let declaration = wanted.maps[set.name],
          let empty = Assembler.map(sound, declaredAs: declaration)
        {
          preparation += "flush map \(NFTablesTable.netpolc) \(set.name)\n"
          refills = true
          return table.maps.append(empty)
        }
      }
      // Its key has another type, or its owner is unknown: it is there, and that is all.
      if set.flags.contains(.map) {
        table.maps.append(VerdictMap(set.name, key: []))
      } else {
        table.sets.append(NamedSet(set.name, key: []))
      }
    }

    private mutating func take(_ chain: KernelChain, _ known: [Known]) {
      for candidate in known where candidate.assembledChains[chain.name] == chain {
        if let typed = candidate.chains[chain.name] { return table.chains.append(typed) }
      }
      if !chain.unknown.isEmpty { table.unmodelled += chain.unknown.map { "chain \(chain.name): \($0)" } }
      var found = Chain(chain.name, hook: chain.hook)
      found.rules = [Rule([.unmodelled("program \(chain.digest)")])]
      // The rules alone may be known: then only the policy differs.
      for candidate in known {
        if let assembled = candidate.assembledChains[chain.name], assembled.rules == chain.rules,
          let typed = candidate.chains[chain.name]
        {
          found.rules = typed.rules
          break
        }
      }
      if let wanted = known.first?.chains[chain.name]?.hook, var hook = chain.hook,
        hook.policy != wanted.policy
      {
        hook.policy = wanted.policy
        if hook == wanted {
          found.hook = wanted
          preparation +=
            "add chain \(NFTablesTable.netpolc) \(chain.name) { policy \(wanted.policy == .drop ? "drop" : "accept"); }\n"
        }
      }
      table.chains.append(found)
    }

    /// The transactions that make the wanted table of this one in place, with the difference; nil where it must be deleted
    /// first.
    func repair(to wanted: Table) -> (delta: TableDelta, steps: [String])? {
      let delta = TableDelta(from: table, to: wanted)
      if delta.needsReplacement { return nil }
      var steps = delta.isEmpty ? [""] : NFTPrinter.transactions(delta, to: wanted)
      // A set that is empty between two steps would decide otherwise.
      if refills, steps.count > 1 { return nil }
      steps[0] = preparation + steps[0]
      return (delta, steps)
    }
  }
#endif
