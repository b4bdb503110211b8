import Addresses
import Ruleset
import RulesetText
import TestSupport
import Testing

@Suite("The smallest transaction between two tables", .bounded)
struct TransactionTests {
  @Test("equal tables differ in nothing, whatever their order")
  func nothing() {
    var turned = Samples.policy
    turned.sets.reverse()
    turned.chains.reverse()
    turned.sets[2].elements.reverse()
    let delta = TableDelta(from: Samples.policy, to: turned)
    #expect(delta.isEmpty)
    #expect(NFTPrinter.transaction(delta, to: turned) == "")
  }

  @Test("one pod is a handful of elements")
  func onePod() {
    var new = Samples.policy
    new.sets[2].elements.append(Samples.address("10.244.9.9"))
    new.maps[0].elements[1].verdict = .jump("new-class")
    new.chains.append(Chain("new-class", rules: [Rule([.verdict(.goto("deny"))])]))
    #expect(
      NFTPrinter.transaction(TableDelta(from: Samples.policy, to: new), to: new) == """
        flush map inet netpolc ingress4
        table inet netpolc {
        \tset p4-version.v2-5a02 {
        \t\ttype ipv4_addr
        \t\telements = { 10.244.9.9 }
        \t}

        \tmap ingress4 {
        \t\ttype ipv4_addr : verdict
        \t\telements = { 10.244.1.5 : jump i-7c1e, 10.244.1.6 : jump new-class }
        \t}

        \tchain new-class {
        \t\tgoto deny
        \t}
        }

        """)
  }

  @Test("a chain that elements lead to comes first, with all it needs; a map that is used goes last")
  func steps() {
    func table(_ chains: [Chain], _ maps: [VerdictMap], _ sets: [NamedSet] = []) -> Table {
      var table = Table(.inet, "netpolc")
      (table.chains, table.maps, table.sets) = (chains, maps, sets)
      return table
    }
    func map(_ name: String, _ chain: String, at address: String = "10.0.0.1") -> VerdictMap {
      VerdictMap(
        name, key: [.ipv4Address], elements: [VerdictElement(Samples.address(address), .jump(chain))])
    }
    func look(_ map: String) -> Rule { Rule([.verdictMap([.ipSaddr], .named(map))]) }
    let base = Chain("forward", hook: .init("forward", priority: -5), rules: [look("ingress4")])
    let old = table(
      [
        base, Chain("old", rules: [look("dense-old")]), Chain("end", rules: [Rule([.verdict(.drop)])]),
        Chain("r-1"),
      ],
      [map("ingress4", "old"), map("dense-old", "end")])
    let new = table(
      [
        base, Chain("new", rules: [look("dense-new"), Rule([.verdict(.goto("far"))])]), Chain("far"),
        Chain("behind"), Chain("r-2"),
      ], [map("ingress4", "new"), map("dense-new", "behind")], [NamedSet("s", key: [.ipv4Address])])
    let steps = TableDelta(from: old, to: new).steps
    #expect(steps.map { $0.addedChains.map(\.name) } == [["new", "far", "behind"], ["r-2"], []])
    #expect(steps.map { $0.addedMaps.map(\.name) } == [["dense-new"], [], []])
    #expect(steps.map { $0.addedSets.map(\.name) } == [["s"], [], []])
    #expect(steps.map { $0.changedMaps.map(\.map.name) } == [[], ["ingress4"], []])
    #expect(steps.map(\.removedMaps) == [[], [], ["dense-old"]])
    #expect(steps.map(\.removedChains) == [[], [], ["old", "end", "r-1"]])

    // One step: a chain that only rules lead to, elements that lead to what is there, elements of sets.
    var rules = old
    rules.chains[0].rules.append(Rule([.verdict(.jump("more"))]))
    rules.chains.append(Chain("more"))
    #expect(TableDelta(from: old, to: rules).steps.count == 1)
    var elements = old
    elements.maps[0] = map("ingress4", "old", at: "10.0.0.2")
    #expect(TableDelta(from: old, to: elements).steps.count == 1)
    #expect(TableDelta(from: old, to: old).steps.count == 1)
    var other = new
    other.chains[0].hook?.priority = 7
    #expect(TableDelta(from: old, to: other).steps == [TableDelta(from: old, to: other)])
  }

  @Test("elements leave a large set by command, and a small one by filling it anew")
  func deletion() {
    func table(_ count: Int) -> Table {
      let elements = (0..<count).map { ElementKey(0x0a00_0000 + UInt128($0)) }
      return Table(.inet, "netpolc", sets: [NamedSet("s", key: [.ipv4Address], elements: elements)])
    }
    func transaction(_ before: Int, _ after: Int) -> String {
      NFTPrinter.transaction(TableDelta(from: table(before), to: table(after)), to: table(after))
    }
    #expect(transaction(5_001, 5_000) == "delete element inet netpolc s { 10.0.19.136 }\n")
    #expect(transaction(1_001, 1_000).hasPrefix("flush set inet netpolc s\nadd set inet netpolc s {"))
    #expect(
      transaction(1, 2) == """
        add set inet netpolc s {
        \t\ttype ipv4_addr
        \t\telements = { 10.0.0.1 }
        }

        """)
    #expect(transaction(1, 0) == "flush set inet netpolc s\n")
  }

  @Test("what cannot change in place replaces the table")
  func replacement() {
    var new = Samples.policy
    new.chains[0].hook?.priority = 7
    let delta = TableDelta(from: Samples.policy, to: new)
    #expect(delta.needsReplacement)
    #expect(NFTPrinter.transaction(delta, to: new) == NFTPrinter.replacing(new))
  }

  @Test(
    "after the transaction the kernel has the new table", .long, .needsRoot,
    arguments: UInt64(1)...UInt64(100))
  func applied(seed: UInt64) throws {
    var random = RandomTable(seed: seed, forKernel: true)
    var old = random.table()
    var new = random.table()
    old.name = "t"
    new.name = "t"
    // Most things of one name are of one shape, as in two compilations of the same cluster.
    for index in new.sets.indices where index < old.sets.count && index % 3 != 2 {
      new.sets[index].key = old.sets[index].key
      new.sets[index].flags = old.sets[index].flags
      new.sets[index].elements = old.sets[index].elements.filter { _ in random.isHeads() }
      if random.isHeads() { swap(&new.sets[index].elements, &old.sets[index].elements) }
    }
    for index in new.sets.indices where index % 3 == 2 { new.sets[index].name += "-new" }
    for index in new.maps.indices where index < old.maps.count {
      new.maps[index].key = old.maps[index].key
      new.maps[index].elements = old.maps[index].elements.filter { _ in random.isHeads() }
      for element in new.maps[index].elements.indices where random.isHeads() {
        new.maps[index].elements[element].verdict = .jump("fresh")
      }
    }
    new.chains.insert(Chain("fresh", rules: [Rule([.counter])]), at: 0)
    // Rules over sets whose key is another now would not load.
    for index in new.chains.indices {
      new.chains[index].hook = old.chains.first { $0.name == new.chains[index].name }?.hook
      let isOutput = new.chains[index].hook?.hook == "output"
      new.chains[index].rules.removeAll { usesNamed($0) || isOutput && asksForArrival($0) }
    }
    let delta = TableDelta(from: old, to: new)
    let expected = NFTPrinter.print(Ruleset([new]).normalized())
    try Kernel.with { kernel in
      try kernel.load(NFTPrinter.replacing(old))
      try kernel.load(NFTPrinter.transaction(delta, to: new))
      let listed = try NFTReader.read(kernel.listing())
      #expect(NFTPrinter.print(listed.normalized()) == expected, "seed \(seed)")
    }
    // The same in steps; what comes first changes nothing that was there.
    let steps = delta.steps
    try Kernel.with { kernel in
      try kernel.load(NFTPrinter.replacing(old))
      for (place, step) in steps.enumerated() {
        try kernel.load(NFTPrinter.transaction(step, to: new))
        // Chains for the elements of the next step.
        guard place == 0, steps.count > 1, !steps[1].changedMaps.isEmpty else {
          continue
        }
        let listed = try NFTReader.read(kernel.listing()).normalized().tables[0]
        let done = TableDelta(from: old.normalized(), to: listed)
        #expect(done.changedChains.isEmpty && done.changedMaps.isEmpty && done.changedSets.isEmpty)
        #expect(done.removedChains.isEmpty && done.removedMaps.isEmpty && done.removedSets.isEmpty)
      }
      let listed = try NFTReader.read(kernel.listing())
      #expect(NFTPrinter.print(listed.normalized()) == expected, "seed \(seed), in steps")
    }
  }

  /// Whether a rule asks for the interface of arrival, which the kernel refuses for what leaves the node.
  private func asksForArrival(_ rule: Rule) -> Bool {
    rule.statements.contains { statement in
      if case .match(let match) = statement { return match.key.contains(.fibSourceRoute) }
      return false
    }
  }

  private func usesNamed(_ rule: Rule) -> Bool {
    rule.statements.contains { statement in
      switch statement {
      case .match(let match): if case .namedSet = match.operand { true } else { false }
      case .verdictMap(_, .named): true
      default: false
      }
    }
  }
}
