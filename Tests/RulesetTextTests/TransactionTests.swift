import Addresses
import Ruleset
import RulesetText
import Testing

@Suite("The smallest transaction between two tables")
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
    "after the transaction the kernel has the new table", .enabled(if: Kernel.isUsable, Kernel.reason),
    arguments: UInt64(1)...UInt64(100))
  func applied(seed: UInt64) throws {
    var random = RandomRuleset(seed: seed, forKernel: true)
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
      new.chains[index].rules.removeAll { usesNamed($0) }
    }
    let delta = TableDelta(from: old, to: new)
    try Kernel.with { kernel in
      try kernel.load(NFTPrinter.replacing(old))
      try kernel.load(NFTPrinter.transaction(delta, to: new))
      let listed = try NFTReader.read(kernel.listing())
      #expect(
        NFTPrinter.print(listed.normalized()) == NFTPrinter.print(Ruleset([new]).normalized()), "seed \(seed)"
      )
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
