import Addresses
import Diagnostics
import Lowering
import PolicyModel
import Reachability
import Ruleset
import TestSupport
import Testing

@testable import Verification

@Suite("rulesets in other modes are proved as they are", .long, .bounded)
struct ModeProofTests {
  /// A mode that is proved.
  struct Mode: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let log: Bool
    let audit: Bool
    let unknownPods: Bool
    var rechecks = false
    var check = EnforcementModes.SourceCheck.off

    func modes(_ cluster: Cluster) -> EnforcementModes {
      // Around the first pods' addresses: some in the blocks are pods', most are not.
      let blocks = IPFamily.allCases.compactMap { family -> CIDR? in
        guard let first = cluster.pods.flatMap(\.addresses).first(where: { $0.family == family }) else {
          return nil
        }
        let bits = first.bits & ~UInt128(7)
        return CIDR(IPAddress(family, bits: bits), prefixLength: family.bitWidth - 3)
      }
      return EnforcementModes(
        established: rechecks ? .recheck : .keep, unknownPodBlocks: unknownPods ? blocks : [],
        log: log ? .init() : nil, isAudit: audit, sourceCheck: check,
        podInterfaces: check == .pods ? ["cali*", "eth1"] : [],
        uncheckedSources: check != .off ? Array(cluster.pods.flatMap(\.addresses).suffix(1)) : [])
    }
  }

  static let all = [
    Mode(testDescription: "log", log: true, audit: false, unknownPods: false),
    Mode(testDescription: "unknown pods", log: false, audit: false, unknownPods: true),
    Mode(testDescription: "audit", log: false, audit: true, unknownPods: false),
    Mode(testDescription: "all of them", log: true, audit: true, unknownPods: true),
    Mode(testDescription: "log, unknown pods", log: true, audit: false, unknownPods: true),
    Mode(testDescription: "recheck", log: false, audit: false, unknownPods: false, rechecks: true),
    Mode(testDescription: "recheck and all", log: true, audit: true, unknownPods: true, rechecks: true),
    Mode(testDescription: "local sources", log: false, audit: false, unknownPods: false, check: .local),
    Mode(testDescription: "pods' sources", log: false, audit: false, unknownPods: true, check: .pods),
    Mode(
      testDescription: "local sources, recheck, audit", log: true, audit: true, unknownPods: false,
      rechecks: true, check: .local),
    Mode(
      testDescription: "pods' sources, recheck", log: false, audit: false, unknownPods: false, rechecks: true,
      check: .pods),
  ]

  private func verifier(_ cluster: Cluster, _ modes: EnforcementModes) -> Verifier {
    Verifier(Specification(cluster), modes: modes, limit: 2)
  }

  @Test("random clusters", arguments: all)
  func proven(mode: Mode) {
    for seed: UInt64 in 0..<30 {
      let cluster = RandomCluster(seed: seed).cluster
      var modes = mode.modes(cluster)
      var lowerer = Lowerer(cluster)
      modes.podToNode = seed % 3 == 0 ? .policies : .open
      let options = LoweringOptions(denseFrom: seed % 2 == 0 ? 1 : 9, modes: modes)
      let table = lowerer.lower(options).table
      let result = verifier(cluster, modes).verify(table)
      #expect(result.isProven, "seed \(seed): \(result)")
    }
  }

  @Test("random edits are reported, or harmless for every representative packet", arguments: all)
  func edits(mode: Mode) {
    var reported = 0
    // The ways in which packets arrive make many more packets.
    for seed: UInt64 in 2_000..<(mode.check == .off ? 2_008 : 2_003) {
      let cluster = RandomCluster(seed: seed, pods: 5, policies: 4).cluster
      let modes = mode.modes(cluster)
      var lowerer = Lowerer(cluster)
      let lowered = lowerer.lower(LoweringOptions(modes: modes)).table
      let specification = Specification(cluster)
      let verifier = verifier(cluster, modes)
      var mutator = Mutator(generator: SeededGenerator(seed: seed))
      for _ in 0..<25 {
        guard let (table, what) = mutator.mutate(lowered) else { continue }
        switch verifier.verify(table) {
        case .counterexample(let found):
          reported += 1
          #expect(found.allSatisfy { $0.evaluation.decision == $0.actual }, "seed \(seed), \(what)")
        case .undecided:
          // A limit that has come to stand before a verdict is not modelled, nor is a direction without a connection.
          #expect(modes.log != nil || modes.established == .recheck, "seed \(seed), \(what)")
        case .proven:
          let enforced = modes.isAudit ? Self.enforcing(table) : table
          let missed = Representatives(enforced, specification, modes).firstMismatch()
          #expect(missed.packet == nil, "seed \(seed), \(what): missed \(String(describing: missed.packet))")
          if modes.isAudit {
            let dropped = Representatives(table, specification, modes).firstMismatch(.nothingDropped)
            #expect(
              dropped.packet == nil, "seed \(seed), \(what): drops \(String(describing: dropped.packet))")
          }
        }
      }
    }
    #expect(reported > 20)
  }

  /// The table with each denial that is only counted as a denial.
  private static func enforcing(_ table: Table) -> Table {
    var table = table
    for chain in table.chains.indices {
      for rule in table.chains[chain].rules.indices
      where table.chains[chain].rules[rule].statements == [.counter, .verdict(.return)] {
        table.chains[chain].rules[rule].statements = [.counter, .verdict(.drop)]
      }
    }
    return table
  }

  /// An edit of a rule or set that only a mode has.
  struct Slip: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let mode: Mode
    let requirement: Requirement?
    let edit: @Sendable (inout Table) -> Void
  }

  private static func rules(_ chain: String, _ edit: @escaping @Sendable (inout [Rule]) -> Void)
    -> @Sendable (inout Table) -> Void
  {
    { table in
      for place in table.chains.indices where table.chains[place].name == chain {
        edit(&table.chains[place].rules)
      }
    }
  }

  /// Replaces each denial of classes of pods.
  private static func denials(
    _ statements: [Statement], _ edit: @escaping @Sendable (Rule) -> [Rule]
  ) -> @Sendable (inout Table) -> Void {
    { table in
      for place in table.chains.indices where table.chains[place].name != "unknown" {
        table.chains[place].rules = table.chains[place].rules.flatMap {
          $0.statements == statements ? edit($0) : [$0]
        }
      }
    }
  }

  private static func elements(_ set: String, _ edit: @escaping @Sendable (inout [ElementKey]) -> Void)
    -> @Sendable (inout Table) -> Void
  {
    { table in
      for place in table.sets.indices where table.sets[place].name == set {
        edit(&table.sets[place].elements)
      }
    }
  }

  static let slips = [
    Slip(
      testDescription: "no guard of IPv4", mode: all[1], requirement: .unknownPods,
      edit: rules("forward") { $0.remove(at: 0) }),
    Slip(
      testDescription: "the guard behind established connections", mode: all[1], requirement: .unknownPods,
      edit: rules("forward") { $0.insert($0.remove(at: 2), at: 0) }),
    Slip(
      testDescription: "only senders are guarded", mode: all[1], requirement: .unknownPods,
      edit: rules("guard4") { $0.removeLast() }),
    Slip(
      testDescription: "unknown pods pass", mode: all[1], requirement: .unknownPods,
      edit: rules("unknown") { $0 = [Rule([.counter, .verdict(.return)])] }),
    Slip(
      testDescription: "a known pod is missing", mode: all[1], requirement: nil,
      edit: elements("known4") { $0.removeFirst() }),
    Slip(
      testDescription: "neighbour discovery of unknown pods is dropped", mode: all[1],
      requirement: .neverBlocked, edit: rules("guard6") { $0.removeFirst() }),
    Slip(
      testDescription: "established connections pass unseen", mode: all[5], requirement: .rechecked,
      edit: rules("forward") {
        $0.insert(
          Rule([.match(Match(.ctState, .equal, .anyBit(2))), .verdict(.accept)]), at: 0)
      }),
    Slip(
      testDescription: "replies pass unseen", mode: all[5], requirement: .rechecked,
      edit: rules("replies") { $0 = [] }),
    Slip(
      testDescription: "replies are taken for packets of their own", mode: all[5], requirement: .rechecked,
      edit: rules("forward") { $0.remove(at: 1) }),
    Slip(
      testDescription: "related packets are held against the policies", mode: all[5],
      requirement: .replies, edit: rules("forward") { $0.remove(at: 0) }),
    Slip(
      testDescription: "sources are not checked", mode: all[7], requirement: .genuineSource,
      edit: rules("forward") { $0.remove(at: 0) }),
    Slip(
      testDescription: "sources are checked behind established connections", mode: all[7],
      requirement: .genuineSource, edit: rules("forward") { $0.insert($0.remove(at: 2), at: 0) }),
    Slip(
      testDescription: "a source without a route passes, one with a route does not", mode: all[7],
      requirement: nil,
      edit: rules("forward") {
        $0[0].statements[1] = .match(Match(.fibSourceRoute, .equal, .value(ElementKey(1))))
      }),
    Slip(
      testDescription: "forged sources pass", mode: all[7], requirement: .genuineSource,
      edit: rules("forged") { $0 = [Rule([.counter, .verdict(.return)])] }),
    Slip(
      testDescription: "a pod that is checked is missing", mode: all[8], requirement: .genuineSource,
      edit: elements("local4") { $0.removeFirst() }),
    Slip(
      testDescription: "a source that is nobody's is checked", mode: all[8], requirement: nil,
      edit: elements("local4") { $0.append(ElementKey(0xcb00_7109)) }),
    Slip(
      testDescription: "an interface is missing", mode: all[8], requirement: .genuineSource,
      edit: elements("pod-interfaces") { $0.removeFirst() }),
    Slip(
      testDescription: "another interface is taken for a pod's", mode: all[8], requirement: nil,
      edit: elements("pod-interfaces") { $0.append(ElementKey(Arrival.usualInterface)) }),
    Slip(
      testDescription: "link-local sources pass without a bridge", mode: all[8],
      requirement: .genuineSource, edit: rules("link-sources") { $0 = [Rule([.verdict(.return)])] }),
    Slip(
      testDescription: "link-local sources pass nowhere", mode: all[8], requirement: nil,
      edit: rules("link-sources") { $0.removeFirst() }),
    Slip(
      testDescription: "neighbour discovery of pods' interfaces is dropped", mode: all[8],
      requirement: .neverBlocked,
      edit: rules("pod-sources") { rules in
        rules.removeAll {
          $0.statements.contains {
            if case .match(let match) = $0 { match.key == [.icmpv6Type] } else { false }
          }
        }
      }),
    Slip(
      testDescription: "audit drops", mode: all[2], requirement: .audit,
      edit: denials([.counter, .verdict(.return)]) { _ in [Rule([.counter, .verdict(.drop)])] }),
    Slip(
      testDescription: "audit does not count", mode: all[2], requirement: .policies,
      edit: denials([.counter, .verdict(.return)]) { _ in [] }),
    Slip(
      testDescription: "denials are logged and not dropped", mode: all[0], requirement: .policies,
      edit: denials([.counter, .verdict(.drop)]) { _ in [] }),
  ]

  /// One pod of both families, which takes port 8080 from everybody and nothing else.
  private static let oneIsolatedPod = Cluster(
    policies: [
      Policy(
        id: .init(namespace: "default", name: "web"), subjects: PodSet(.own, LabelSelector()),
        ingress: [
          PolicyRule(
            peers: .everything, ports: .anyOf([PolicyPort(.tcp, .range(Interval(8080)), origin: origin)]),
            origin: origin)
        ], egress: nil, origin: origin)
    ], namespaces: ["default": [Namespace.nameLabel: "default"]],
    pods: [
      Pod(
        namespace: "default", name: "web",
        addresses: [
          IPAddress(.ipv4, bits: 0x0af4_0101), IPAddress(.ipv6, bits: 0xfd00_0010_0244_0001 << 64 | 1),
        ], node: "node-a", origin: origin)
    ])
  private static let origin = Origin(SourceLocation(file: "test", line: 1, column: 1), field: "")

  @Test("a slip in a mode's own rules", arguments: slips)
  func slip(slip: Slip) throws {
    let cluster = Self.oneIsolatedPod
    let modes = slip.mode.modes(cluster)
    var lowerer = Lowerer(cluster)
    var table = lowerer.lower(LoweringOptions(modes: modes)).table
    #expect(verifier(cluster, modes).verify(table).isProven)
    let before = table
    slip.edit(&table)
    #expect(table != before)
    guard case .counterexample(let found) = verifier(cluster, modes).verify(table) else {
      Issue.record("not refuted")
      return
    }
    if let requirement = slip.requirement { #expect(found.contains { $0.requirement == requirement }) }
  }

  @Test("a limit before a verdict, and a direction outside the mode that rechecks, stay undecided")
  func undecided() {
    let cluster = Self.oneIsolatedPod
    var lowerer = Lowerer(cluster)
    let lowered = lowerer.lower()
    var table = lowered.table
    Self.denials([.counter, .verdict(.drop)]) {
      [Rule([.limit(rate: 1, unit: "second", burst: 5), .verdict(.return)]), $0]
    }(&table)
    // What is rechecked is no table of another mode; a direction where there may be no connection has no meaning.
    var direction = lowered.table
    Self.rules("forward") {
      $0.insert(
        Rule([.match(Match(.ctDirection, .equal, .value(ElementKey(1)))), .verdict(.drop)]), at: 0)
    }(&direction)
    for (table, modes) in [(table, EnforcementModes()), (direction, EnforcementModes())] {
      let result = Verifier(Specification(cluster), modes: modes).verify(table)
      guard case .undecided = result else {
        Issue.record("\(result)")
        continue
      }
    }
  }
}
