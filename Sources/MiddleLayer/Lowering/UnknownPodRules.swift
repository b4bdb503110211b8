import Addresses
import PolicyModel
import Ruleset

extension LoweredRuleset {
  /// The ruleset in other modes. Rules keep their places in their chains up to the denial at the end.
  func with(_ modes: EnforcementModes, pods: [Pod]) -> LoweredRuleset {
    var table = table
    var annotations = annotations
    var rules = provenance.rules
    if modes.established == .recheck {
      rules += ReplyTwins.add(to: &table, &annotations, provenance.rules)
    }
    UnknownPodRules(modes: modes, pods: pods).add(to: &table, &annotations)
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
          .limit(rate: log.rate, unit: log.unit.rawValue, burst: 5),
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
  let modes: EnforcementModes
  let pods: [Pod]

  func add(to table: inout Table, _ annotations: inout Annotations) {
    var jumps: [Rule] = []
    for family in IPFamily.allCases {
      let blocks = modes.unknownPodAddresses(family)
      if blocks.intervals.isEmpty { continue }
      let digit = family.rawValue
      let known = Set(
        pods.lazy.flatMap(\.addresses).filter { $0.family == family && blocks.contains($0.bits) }
          .map(\.bits))
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
