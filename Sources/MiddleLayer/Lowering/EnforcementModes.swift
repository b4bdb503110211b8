public import Addresses
import Ruleset

/// Ways to enforce policies that differ from the plain one. Each is a change of the finished table, so that the table
/// of the policies themselves can be proved first.
public struct EnforcementModes: Sendable, Hashable {
  /// What becomes of connections that exist already.
  public enum Established: Sendable, Hashable {
    /// They go on, whatever policies say by now.
    case keep
    /// Each of their packets is held against the policies, replies as the replies that they are.
    case recheck
  }

  /// How denied packets are logged.
  public struct Log: Sendable, Hashable {
    /// How many a unit of time and chain at most.
    public var rate: UInt64
    /// `second`, `minute`, `hour` or `day`.
    public var unit: String
    /// The nflog group, or nil for the kernel's log.
    public var group: UInt16?

    /// So many lines a unit of time.
    public init(rate: UInt64 = 10, unit: String = "second", group: UInt16? = nil) {
      self.rate = rate
      self.unit = unit
      self.group = group
    }
  }

  /// Addresses of pods that nobody has heard of yet.
  public struct UnknownPods: Sendable, Hashable {
    /// Where the node's pods have their addresses.
    public var blocks: [CIDR]
    /// The addresses of pods in the inventory.
    public var known: [IPAddress]

    /// What is in the blocks but not known is denied.
    public init(blocks: [CIDR], known: [IPAddress]) {
      self.blocks = blocks
      self.known = known
    }
  }

  /// What becomes of connections that exist already.
  public var established: Established
  /// How denied packets are logged; nil: not.
  public var log: Log?
  /// Whether denied packets are only counted and logged, and pass.
  public var isAudit: Bool
  /// Whose packets pass neither way until they are in the inventory; nil: nobody's.
  public var unknownPods: UnknownPods?

  /// The plain mode unless told otherwise.
  public init(
    established: Established = .keep, log: Log? = nil, isAudit: Bool = false, unknownPods: UnknownPods? = nil
  ) {
    self.established = established
    self.log = log
    self.isAudit = isAudit
    self.unknownPods = unknownPods
  }

  /// Whether the table says what the policies say and nothing else.
  public var isPlain: Bool { self == EnforcementModes() }

  /// The modes by name, for headers and reports; empty for the plain mode.
  public var summary: [String] {
    var words: [String] = []
    if established == .recheck { words.append("established connections are rechecked") }
    if let unknownPods {
      words.append(
        "unknown pods of \(unknownPods.blocks.map(\.description).joined(separator: ", ")) are denied")
    }
    if log != nil { words.append("denials are logged") }
    if isAudit { words.append("audit: nothing is dropped") }
    return words
  }
}

extension LoweredRuleset {
  /// The ruleset in other modes. Rules keep their places in their chains up to the denial at the end.
  public func with(_ modes: EnforcementModes) -> LoweredRuleset {
    if modes.isPlain { return self }
    var table = table
    var annotations = annotations
    var rules = provenance.rules
    if modes.established == .recheck {
      rules += ReplyTwins.add(to: &table, &annotations, provenance.rules)
    }
    if let unknown = modes.unknownPods { UnknownPodRules(unknown).add(to: &table, &annotations) }
    if modes.log != nil || modes.isAudit {
      for index in table.chains.indices {
        let name = table.chains[index].name
        table.chains[index].rules = table.chains[index].rules.flatMap { denial($0, of: name, modes) }
      }
    }
    var counts = counts
    counts.rules = table.chains.reduce(0) { $0 + $1.rules.count }
    counts.elements =
      table.sets.reduce(0) { $0 + $1.elements.count } + table.maps.reduce(0) { $0 + $1.elements.count }
    let provenance = Provenance(
      rules: rules.sorted { ($0.chain, $0.position) < ($1.chain, $1.position) }, sets: provenance.sets,
      chains: provenance.chains)
    return LoweredRuleset(
      table: table, annotations: annotations, provenance: provenance, counts: counts, modes: modes)
  }

  /// The rules that a denial becomes: a limited line of log first, since a limit is a condition of all that
  /// follows in its rule, and the drop must have none.
  private func denial(_ rule: Rule, of chain: String, _ modes: EnforcementModes) -> [Rule] {
    guard rule.isDenial else { return [rule] }
    var rules: [Rule] = []
    if let log = modes.log {
      rules.append(
        Rule([
          .limit(rate: log.rate, unit: log.unit, burst: 5),
          .log(prefix: DenialPrefix(isAudit: modes.isAudit, chain: chain).text, group: log.group),
        ]))
    }
    rules.append(modes.isAudit ? Rule([.counter, .verdict(.return)]) : rule)
    return rules
  }
}

extension Rule {
  /// Whether the rule is the end of a chain that denies.
  var isDenial: Bool { statements == [.counter, .verdict(.drop)] }
}

/// The chains that keep unknown pods of the node from sending and receiving.
private struct UnknownPodRules {
  private let modes: EnforcementModes.UnknownPods

  init(_ modes: EnforcementModes.UnknownPods) { self.modes = modes }

  func add(to table: inout Table, _ annotations: inout Annotations) {
    var jumps: [Rule] = []
    for family in IPFamily.allCases {
      let blocks = IntervalSet(modes.blocks.filter { $0.family == family }.map(\.interval))
      if blocks.intervals.isEmpty { continue }
      let digit = family.rawValue
      let known = Set(
        modes.known.lazy.filter { $0.family == family && blocks.contains($0.bits) }.map(\.bits))
      let type = family.dataType
      table.sets.append(
        NamedSet(
          "node-pods\(digit)", key: [type], flags: .interval, elements: blocks.intervals.map { .single($0) }))
      table.sets.append(
        NamedSet("known\(digit)", key: [type], elements: known.sorted().map { ElementKey($0) }))
      annotations.remarks["node-pods\(digit)"] = ["where this node's pods have their addresses"]
      annotations.remarks["known\(digit)"] = ["those of them that the inventory has"]
      let ends: [Field] = family == .ipv4 ? [.ipSaddr, .ipDaddr] : [.ip6Saddr, .ip6Daddr]
      var rules = ends.map { end in
        Rule([
          .match(Match(end, .equal, .namedSet("node-pods\(digit)"))),
          .match(Match(end, .notEqual, .namedSet("known\(digit)"))),
          .verdict(.goto(DenyingChains.unknownPodsChain)),
        ])
      }
      if family == .ipv6 { rules.insert(TableParts.neighbours, at: 0) }
      table.chains.append(Chain("guard\(digit)", rules: rules))
      annotations.remarks["guard\(digit)"] = [
        "of this node's pod addresses, only those of the inventory pass"
      ]
      jumps.append(
        Rule([
          .match(Match(.metaNFProto, .equal, .value(ElementKey(family == .ipv4 ? 2 : 10)))),
          .verdict(.jump("guard\(digit)")),
        ]))
    }
    if jumps.isEmpty { return }
    table.chains.append(
      Chain(DenyingChains.unknownPodsChain, rules: [Rule([.counter, .verdict(.drop)])]))
    annotations.remarks[DenyingChains.unknownPodsChain] = [
      "addresses of this node that no pod of the inventory has"
    ]
    // First of all: an address that changed hands may still have a former owner's connections.
    if let forward = table.chains.firstIndex(where: { $0.name == "forward" }) {
      table.chains[forward].rules.insert(contentsOf: jumps, at: 0)
    }
  }
}
