import Addresses
import IncrementalLowering
import Lowering
import PolicyModel
import Ruleset
import TestSupport
import Testing
import Verification

/// Mistakes that were seen to pass a slice, each in the smallest cluster that shows it.
extension TableSliceTests {
  private static func pod(_ name: String, _ app: String, _ address: String, on node: String = "node-a")
    -> String
  {
    """
    ---
    apiVersion: v1
    kind: Pod
    metadata: {namespace: default, name: \(name), labels: {app: \(app)}}
    spec: {nodeName: \(node)}
    status: {phase: Running, podIP: \(address), podIPs: [{ip: \(address)}]}

    """
  }

  private static func policy(_ name: String, _ app: String, _ rules: String) -> String {
    """
    ---
    apiVersion: networking.k8s.io/v1
    kind: NetworkPolicy
    metadata: {namespace: default, name: \(name)}
    spec: {podSelector: {matchLabels: {app: \(app)}}, \(rules)}

    """
  }

  private static func session(_ parts: [String], isGuarded: Bool = false) throws -> IncrementalCompiler {
    let block = CIDR(IPAddress(.ipv4, bits: 0x0a01_0000), prefixLength: 24)
    let modes = EnforcementModes(unknownPodBlocks: isGuarded ? [block] : [])
    return try IncrementalCompiler(
      Scenario(yaml: parts.joined()).contents,
      LoweringOptions(node: "node-a", denseFrom: 1_000, modes: modes))
  }

  private static func events(_ text: String) -> [ClusterEvent] {
    Scenario(yaml: text).contents.pods.map { .pod($0) }
  }

  private static func verdict(_ field: Field, _ address: String, _ verdict: Verdict) throws -> Rule {
    let bits = try #require(IPAddress(address)).bits
    return Rule([.match(Match([field], .equal, .value(ElementKey(bits)))), .verdict(verdict)])
  }

  /// Puts a rule in front of a chain.
  private static func spoil(_ session: inout IncrementalCompiler, _ chain: String, _ rule: Rule) throws {
    var wrong = try #require(session.table.chains.first { $0.name == chain })
    wrong.rules.insert(rule, at: 0)
    session.spoil(wrong)
    #expect(isRight(session), "it is hidden")
  }

  private static func isRight(_ session: IncrementalCompiler) -> Bool {
    proves(session.table, session.resolvedCluster, session)
  }

  private static func proves(_ table: Table, _ cluster: Cluster, _ session: IncrementalCompiler) -> Bool {
    Verifier.verify(table, for: cluster, node: "node-a", modes: session.options.modes).isProven
  }

  /// Expects that a table that is wrong after a change is wrong in its slice too, where there is one.
  private static func expectFound(_ session: IncrementalCompiler, _ change: IncrementalCompiler.Change) {
    var session = session
    #expect(!isRight(session))
    guard let slice = session.slice(of: change) else { return }
    #expect(!proves(slice.table, slice.cluster, session))
  }

  @Test("a rule for pods is missing that a rule for a block hides, but not for each of them")
  func hiddenByBlock() throws {
    let others = (1...12).map { Self.pod("r\($0)", "r", "10.1.0.\($0)", on: "elsewhere") }
    var session = try Self.session(
      others + [
        Self.pod("r13", "r", "10.2.0.1", on: "elsewhere"),
        Self.policy(
          "x", "x",
          "egress: [{to: [{podSelector: {matchLabels: {app: r}}}]}, {to: [{ipBlock: {cidr: 10.1.0.0/16}}]}]"),
      ])
    let before = session.table
    let change = session.apply(Self.events(Self.pod("x", "x", "10.3.0.1")))
    var wrong = try #require(session.table.chains.first { $0.name == "out4-default/x" })
    let place = try #require(wrong.rules.firstIndex { $0.comment?.contains("egress[0]") == true })
    wrong.rules.remove(at: place)
    session.spoil(wrong)
    Self.expectFound(session, change.with(TableDelta(from: before, to: session.table)))
  }

  @Test(
    "an element too many lets a pod in at one of two pods of a kind, which are in different blocks",
    arguments: ["10.1.0.1", "10.1.0.2"])
  func concernedInCells(block: String) throws {
    var session = try Self.session([
      Self.pod("o1", "o", "10.1.0.1"), Self.pod("o2", "o", "10.1.0.2"), Self.pod("q", "q", "10.1.0.9"),
      Self.policy("o", "o", "ingress: [{from: [{podSelector: {matchLabels: {app: q}}}]}]"),
      Self.policy("x", "x", "egress: [{to: [{ipBlock: {cidr: \(block)/32}}]}]"),
    ])
    let before = session.table
    let change = session.apply(Self.events(Self.pod("x", "x", "10.3.0.1")))
    let set = try #require(session.table.sets.first { $0.name.hasPrefix("pods4") })
    let mistake = Mistake.element(
      set: set.name, ElementKey(try #require(IPAddress("10.3.0.1")).bits), set.key)
    let whole = mistake.made(in: session.table)
    #expect(!Self.proves(whole, session.resolvedCluster, session))
    guard let slice = session.slice(of: change.with(TableDelta(from: before, to: whole))) else { return }
    #expect(!Self.proves(mistake.made(in: slice.table), slice.cluster, session))
  }

  @Test(
    "what a pod's rules say about another own pod was hidden by that one's, which let the next pod of the kind in"
  )
  func knownKindInCells() throws {
    var session = try Self.session(
      [
        Self.pod("z", "x", "10.1.0.1"), Self.pod("o", "o", "10.1.0.9"),
        Self.policy("x", "x", "egress: [{to: [{ipBlock: {cidr: 192.168.0.0/16}}]}]"),
        Self.policy("o", "o", "ingress: [{from: [{ipBlock: {cidr: 10.3.0.0/16}}]}]"),
      ], isGuarded: true)
    try Self.spoil(&session, "out4-default/x", Self.verdict(.ipDaddr, "10.1.0.9", .return))
    let change = session.apply(Self.events(Self.pod("x", "x", "10.3.0.1")))
    Self.expectFound(session, change)
  }

  @Test("what a pod's rules say about another own pod was hidden by that one's policy, which goes")
  func policyGoes() throws {
    var session = try Self.session([
      Self.pod("x", "x", "10.1.0.1"), Self.pod("o", "o", "10.1.0.9"),
      Self.policy("x", "x", "policyTypes: [Egress]"), Self.policy("o", "o", "ingress: []"),
    ])
    try Self.spoil(&session, "in4-default/o", Self.verdict(.ipSaddr, "10.1.0.1", .return))
    let change = session.apply([.policyRemoved(PolicyID(namespace: "default", name: "x"))])
    Self.expectFound(session, change)
  }

  @Test("the only other addresses of a block were those of pods until now")
  func noHostBefore() throws {
    var session = try Self.session([
      Self.pod("p", "p", "10.1.0.9"), Self.pod("x", "x", "10.3.0.2"), Self.pod("q", "x", "10.3.0.3"),
      Self.policy("p", "p", "ingress: []"), Self.policy("x", "x", "policyTypes: [Egress]"),
    ])
    let range = Interval(try #require(IPAddress("10.3.0.2")).bits, try #require(IPAddress("10.3.0.3")).bits)
    let rule = Rule([.match(Match([.ipSaddr], .equal, .value(.single(range)))), .verdict(.return)])
    try Self.spoil(&session, "in4-default/p", rule)
    let change = session.apply([
      .podRemoved(namespace: "default", name: "x"), .podRemoved(namespace: "default", name: "q"),
    ])
    Self.expectFound(session, change)
  }

  @Test("an element of the other family with the bits of the changed address")
  func otherFamily() throws {
    var session = try Self.session([
      Self.pod("o", "o", "fd00::9"), Self.pod("q", "q", "fd00::1", on: "elsewhere"),
      Self.policy("o", "o", "ingress: [{from: [{podSelector: {matchLabels: {app: q}}}]}]"),
    ])
    let before = session.table
    let change = session.apply(Self.events(Self.pod("x", "x", "32.1.2.3", on: "elsewhere")))
    let set = try #require(session.table.sets.first { $0.name.hasPrefix("pods6") })
    let mistake = Mistake.element(set: set.name, ElementKey(0x2001_0203), set.key)
    let whole = mistake.made(in: session.table)
    #expect(!Self.proves(whole, session.resolvedCluster, session))
    let slice = session.slice(of: change.with(TableDelta(from: before, to: whole)))
    #expect(slice == nil)
  }

  @Test("a chain that another pod has goes with the last pod of a kind")
  func takenChain() throws {
    var session = try Self.session([
      Self.pod("o", "o", "10.1.0.9"), Self.pod("x", "x", "10.1.0.1"),
      Self.policy("o", "o", "ingress: []"), Self.policy("x", "x", "ingress: []"),
    ])
    let before = session.table
    let change = session.apply([.podRemoved(namespace: "default", name: "x")])
    let whole = Mistake.missing("in4-default/o").made(in: session.table)
    #expect(!Self.proves(whole, session.resolvedCluster, session))
    let slice = session.slice(of: change.with(TableDelta(from: before, to: whole)))
    #expect(slice == nil)
  }

  @Test(
    "a block that has guarded addresses only is lost, and pods have these",
    arguments: ["node-a", "elsewhere"])
  func guardedBlock(node: String) throws {
    var session = try Self.session(
      [
        Self.pod("o", "o", "10.1.0.9", on: node),
        Self.policy("x", "x", "egress: [{to: [{ipBlock: {cidr: 10.1.0.8/30}}]}]"),
      ], isGuarded: true)
    let before = session.table
    let change = session.apply(Self.events(Self.pod("x", "x", "10.1.0.1")))
    var wrong = try #require(session.table.chains.first { $0.name == "out4-default/x" })
    wrong.rules.removeFirst()
    session.spoil(wrong)
    Self.expectFound(session, change.with(TableDelta(from: before, to: session.table)))
  }

  @Test("a verdict too many in a map of replies")
  func mapOfReplies() throws {
    let parts = [
      Self.pod("o", "o", "10.1.0.9"), Self.pod("q", "q", "10.3.0.1", on: "elsewhere"),
      Self.policy(
        "o", "o",
        """
        ingress: [{from: [{podSelector: {matchLabels: {app: q}}}], ports: [{port: 80}]},
          {from: [{ipBlock: {cidr: 192.168.0.0/16}}], ports: [{port: 81}]}, {ports: [{port: 82}]}]
        """),
    ]
    var session = try IncrementalCompiler(
      Scenario(yaml: parts.joined()).contents,
      LoweringOptions(node: "node-a", denseFrom: 1, modes: EnforcementModes(established: .recheck)))
    let before = session.table
    let change = session.apply(Self.events(Self.pod("x", "x", "10.3.0.2", on: "elsewhere")))
    let map = try #require(session.table.maps.first { $0.name == "in4-default/o.pods_reply" })
    let mistake = Mistake.verdict(
      map: map.name, ElementKey(try #require(IPAddress("10.3.0.2")).bits), map.key,
      try #require(map.elements.first).verdict)
    let whole = mistake.made(in: session.table)
    #expect(!Self.proves(whole, session.resolvedCluster, session))
    guard let slice = session.slice(of: change.with(TableDelta(from: before, to: whole))) else { return }
    #expect(!Self.proves(mistake.made(in: slice.table), slice.cluster, session))
  }

  @Test("a pod is sent to another pod's chain that says the same about all pods of the slice")
  func sentElsewhere() throws {
    func from(_ apps: String...) -> String {
      let peers = apps.map { "{podSelector: {matchLabels: {app: \($0)}}}" }
      return "ingress: [{from: [\(peers.joined(separator: ", "))]}]"
    }
    let parts = [
      Self.pod("z", "x", "10.3.0.1"), Self.pod("w", "w", "10.3.0.3"),
      Self.pod("q", "q", "10.4.0.1", on: "elsewhere"), Self.pod("r", "r", "10.4.0.2", on: "elsewhere"),
      Self.policy("x", "x", from("q", "w")), Self.policy("w", "w", from("r", "w")),
    ]
    try Self.expectFound(parts, sending: "10.3.0.2", to: .jump("in4-default/w"))
  }

  @Test("a pod is sent to no chain, and only pods with guarded addresses are denied")
  func sentNowhere() throws {
    let parts = [
      Self.pod("z", "x", "10.3.0.1"), Self.pod("p", "p", "10.1.0.9", on: "elsewhere"),
      Self.policy(
        "x", "x", "ingress: [{from: [{ipBlock: {cidr: 0.0.0.0/0, except: [10.1.0.8/30]}}]}]"),
    ]
    try Self.expectFound(parts, sending: "10.3.0.2", to: nil, isGuarded: true)
  }

  @Test("an element is missing in a new set, of a pod that the slice has not")
  func newSet() throws {
    var session = try Self.session(
      (1...12).map { Self.pod("r\($0)", "r", "10.4.0.\($0)", on: "elsewhere") } + [
        Self.policy("x", "x", "ingress: [{from: [{podSelector: {matchLabels: {app: r}}}]}]")
      ])
    let before = session.table
    let change = session.apply(Self.events(Self.pod("x", "x", "10.3.0.1")))
    let set = try #require(change.delta.addedSets.first { $0.name.hasPrefix("pods4") })
    let mistakes = set.elements.map { Mistake.element(set: set.name, $0, set.key) }
    for mistake in mistakes {
      let whole = mistake.made(in: session.table)
      #expect(!Self.proves(whole, session.resolvedCluster, session))
      guard let slice = session.slice(of: change.with(TableDelta(from: before, to: whole))) else { continue }
      let addresses = Set(slice.cluster.pods.flatMap(\.addresses))
      let part = mistake.made(in: slice.table, about: addresses)
      #expect(!Self.proves(part, slice.cluster, session), "\(mistake)")
    }
  }

  @Test(
    "the address of a pod that goes is sent to its chain still, which denies pods only that the slice has not"
  )
  func sentStill() throws {
    var session = try Self.session(
      [
        Self.pod("x", "x", "10.3.0.2"), Self.pod("z", "x", "10.3.0.1"),
        Self.pod("p", "p", "10.1.0.9", on: "elsewhere"),
        Self.policy(
          "x", "x",
          "ingress: [{from: [{ipBlock: {cidr: 0.0.0.0/0, except: [10.1.0.8/30]}}, {podSelector: {matchLabels: {app: x}}}]}]"
        ),
      ], isGuarded: true)
    let before = session.table
    let change = session.apply([.podRemoved(namespace: "default", name: "x")])
    session.missend(try #require(IPAddress("10.3.0.2")), by: "ingress4", to: "in4-default/x")
    Self.expectFound(session, change.with(TableDelta(from: before, to: session.table)))
  }

  /// Expects that a wrong verdict of a pod `x` that comes is found in its slice, where there is one.
  private static func expectFound(
    _ parts: [String], sending address: String, to verdict: Verdict?, isGuarded: Bool = false
  ) throws {
    var session = try session(parts, isGuarded: isGuarded)
    let before = session.table
    let change = session.apply(events(pod("x", "x", address)))
    let key = ElementKey(try #require(IPAddress(address)).bits)
    let mistake = Mistake.verdict(map: "ingress4", key, [.ipv4Address], verdict)
    let whole = mistake.made(in: session.table)
    #expect(!proves(whole, session.resolvedCluster, session))
    guard let slice = session.slice(of: change.with(TableDelta(from: before, to: whole))) else { return }
    #expect(!proves(mistake.made(in: slice.table), slice.cluster, session))
  }
}
