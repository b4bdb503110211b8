import Addresses
import Lowering
import PolicyModel
import Reachability
import Ruleset
import TestSupport
import Testing
import Verification

/// An edit after which nothing may be claimed, because something is not modelled.
struct Unmodelled: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let reason: String
  let edit: @Sendable (inout Table) -> Void

  init(_ name: String, _ reason: String, _ edit: @escaping @Sendable (inout Table) -> Void) {
    (testDescription, self.reason, self.edit) = (name, reason, edit)
  }
}

private func inForward(_ statements: [Statement]) -> @Sendable (inout Table) -> Void {
  { table in
    guard let place = table.chains.firstIndex(where: { $0.hook != nil }) else { return }
    table.chains[place].rules.insert(Rule(statements), at: 0)
  }
}

private let unmodelled: [Unmodelled] = [
  Unmodelled(
    "a mark", "meta mark",
    inForward([.match(Match(.metaMark, .equal, .value(ElementKey(1)))), .verdict(.accept)])),
  Unmodelled(
    "an interface of departure", "oifname",
    inForward([.match(Match(.metaOifName, .equal, .value(ElementKey(1)))), .verdict(.accept)])),
  Unmodelled(
    "a kind of interface", "iifkind",
    inForward([.match(Match(.metaIifKind, .equal, .value(ElementKey(1)))), .verdict(.accept)])),
  Unmodelled(
    "an interface at the output hook", "the hooks forward and input",
    { table in
      table.chains.append(
        Chain(
          "out", hook: .init("output", priority: 0),
          rules: [Rule([.match(Match(.metaIifName, .equal, .value(ElementKey(1)))), .verdict(.accept)])]))
    }),
  Unmodelled(
    "a rate limit", "limit rate", inForward([.limit(rate: 1, unit: "second", burst: 5), .verdict(.drop)])),
  Unmodelled("a statement without a word", "dnat to", inForward([.unmodelled("dnat to 10.0.0.1")])),
  Unmodelled("an object without a word", "flowtable", { $0.unmodelled = ["flowtable f"] }),
  Unmodelled("a chain that is not there", "does not exist", inForward([.verdict(.jump("nowhere"))])),
  Unmodelled(
    "a set that is not there", "does not exist",
    inForward([.match(Match(.ipSaddr, .equal, .namedSet("nowhere")))])),
  Unmodelled(
    "a circle of jumps", "circle",
    { table in
      table.chains.append(Chain("round", rules: [Rule([.verdict(.jump("round"))])]))
      inForward([.verdict(.jump("round"))])(&table)
    }),
  Unmodelled(
    "elements that vanish", "t: flags 16",
    { table in
      table.sets.append(NamedSet("t", key: [.ipv4Address], flags: .timeout, elements: [ElementKey(1)]))
      inForward([.match(Match(.ipSaddr, .equal, .namedSet("t"))), .verdict(.accept)])(&table)
    }),
  Unmodelled(
    "a set of another type", "a register that nothing was loaded into",
    { table in
      table.sets.append(NamedSet("t", key: [.ipv6Address]))
      inForward([.match(Match(.ipSaddr, .equal, .namedSet("t"))), .verdict(.accept)])(&table)
    }),
  Unmodelled(
    "a prerouting chain that leads to a drop", "at the hook prerouting",
    { table in
      table.chains.append(Chain("leaf", rules: [Rule([.verdict(.drop)])]))
      table.chains.append(
        Chain("pre", hook: .init("prerouting", priority: 0), rules: [Rule([.verdict(.jump("leaf"))])]))
    }),
  Unmodelled(
    "a chain of type nat", "type nat",
    { table in
      table.chains.append(Chain("n", hook: .init("postrouting", type: "nat", priority: 100)))
    }),
]

@Suite("what is not modelled is never proved", .bounded)
struct UndecidedTests {
  private let cluster = RandomCluster(seed: 4).cluster

  private var table: Table {
    var lowerer = Lowerer(cluster)
    return lowerer.lower().table
  }

  @Test("each of these", arguments: unmodelled)
  func undecided(edit: Unmodelled) {
    var table = table
    edit.edit(&table)
    guard case .undecided(let reasons) = Verifier(Specification(cluster)).verify(table) else {
      Issue.record("decided")
      return
    }
    #expect(reasons.contains { $0.description.contains(edit.reason) }, "\(reasons)")
  }

  @Test("another table with base chains is not looked at, and said so")
  func otherTable() {
    let other = Table(.ip, "other", chains: [Chain("f", hook: .init("forward", priority: 0, policy: .drop))])
    let verifier = Verifier(Specification(cluster))
    #expect(verifier.verify(Ruleset([table])).isProven)
    guard case .undecided(let reasons) = verifier.verify(Ruleset([table, other])) else {
      Issue.record("decided")
      return
    }
    #expect(reasons.map(\.description) == ["table ip other is not looked at"])
  }

  @Test("harmless additions stay proved")
  func harmless() {
    var table = table
    table.chains.append(Chain("out", hook: .init("output", priority: 0), rules: [Rule([.counter])]))
    table.chains.append(Chain("unused", rules: [Rule([.unmodelled("queue")])]))
    inForward([.counter, .log(prefix: "seen", group: nil)])(&table)
    #expect(Verifier(Specification(cluster)).verify(table).isProven)
  }

  @Test("an input chain is looked at: one that drops what egress policies allow is refuted")
  func input() {
    var table = table
    table.chains.append(Chain("in", hook: .init("input", priority: 0, policy: .drop)))
    guard case .counterexample(let found) = Verifier(Specification(cluster)).verify(table) else {
      Issue.record("not refuted")
      return
    }
    #expect(found.allSatisfy { $0.packet.path == .toNode && $0.expected == .accept })
  }

  @Test(
    "what a node sends to its own pods always passes: a chain that drops there is refuted",
    arguments: ["output", "postrouting"])
  func fromNode(hook: String) {
    var table = table
    table.chains.append(
      Chain(
        "from", hook: .init(hook, priority: 0),
        rules: [
          Rule([
            .match(Match(.thDport, .equal, .value(ElementKey(9_999)))), .verdict(.drop),
          ])
        ]))
    // Policies that isolate nobody, so that only the node's own packets are at stake.
    let open = Cluster(policies: [], namespaces: [:], pods: cluster.pods)
    let verifier = Verifier(Specification(open), limit: 1_000)
    guard case .counterexample(let found) = verifier.verify(table) else {
      Issue.record("not refuted")
      return
    }
    #expect(found.contains { $0.packet.path == .fromNode && $0.requirement == .fromNode })
  }

  @Test("what opens a table by the interface of arrival is refuted")
  func interface() throws {
    let isolating = try #require(
      (0..<50).lazy.map { RandomCluster(seed: $0).cluster }.first { cluster in
        Specification(cluster).classes.contains { $0.ingress.isIsolated && $0.egress.isIsolated }
      })
    var lowerer = Lowerer(isolating)
    let lowered = lowerer.lower().table
    for match in [
      Match(.metaIifName, .equal, .value(ElementKey(Arrival.usualInterface))),
      Match(.fibSourceRoute, .equal, .value(ElementKey(0))),
      Match(.metaIifKind, .notEqual, .value(ElementKey(InterfaceName.bridgeKind))),
    ] {
      var table = lowered
      inForward([.match(match), .verdict(.accept)])(&table)
      let result = Verifier(Specification(isolating)).verify(table)
      guard case .counterexample = result else {
        Issue.record("\(match) is not refuted: \(result)")
        continue
      }
    }
  }

  @Test("no table at all lets everything pass, which policies that isolate contradict")
  func nothing() {
    let isolating = RandomCluster(seed: 4).cluster
    let specification = Specification(isolating)
    let expected = specification.classes.allSatisfy { !$0.ingress.isIsolated && !$0.egress.isIsolated }
    #expect(Verifier(specification).verify(Ruleset([])).isProven == expected)
  }
}
