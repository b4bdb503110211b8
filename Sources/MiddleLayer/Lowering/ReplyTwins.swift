import Ruleset

/// The chains that hold replies against the policies: those of the connections themselves, with both ends swapped.
///
/// A reply is allowed where the packet it answers would be. In the forward hook its source is the real server and
/// its destination the real client, translated back already or not yet, exactly as the ends of the packets that it
/// answers; so a twin that reads source for destination, and the other way round, asks the same question.
enum ReplyTwins {
  /// Adds the twins, and sends the packets of existing connections past them instead of accepting them unseen.
  ///
  /// - Returns: where the twins' rules come from.
  static func add(to table: inout Table, _ annotations: inout Annotations, _ rules: [Provenance.Rule])
    -> [Provenance.Rule]
  {
    let shared: Set = ["forward", "input", "node4", "node6", Denial.chain]
    let twins = table.chains.filter { !shared.contains($0.name) }.map { chain in
      Chain(name(chain.name), rules: chain.rules.map(twin))
    }
    table.maps += table.maps.map { map in
      VerdictMap(
        name(map.name), key: map.key, flags: map.flags,
        elements: map.elements.map { VerdictElement($0.key, twin($0.verdict)) })
    }
    let replies = Chain(
      "replies",
      rules: [(2, "new4"), (10, "new6")].map { number, chain in
        Rule([
          .match(Match(.metaNFProto, .equal, .value(ElementKey(number)))), .verdict(.jump(name(chain))),
        ])
      })
    // What pods answer to their own node always passes: the node began it, and that is no policy's matter.
    for (hook, verdict) in [("forward", Verdict.goto("replies")), ("input", .accept)] {
      guard let index = table.chains.firstIndex(where: { $0.name == hook }) else { continue }
      // In the place of the rule that accepts all that is established.
      table.chains[index].rules.replaceSubrange(
        0..<min(1, table.chains[index].rules.count),
        with: [
          Rule([state(.related), .verdict(.accept)]),
          Rule([
            state(.established), .match(Match(.ctDirection, .equal, .value(ElementKey(1)))),
            .verdict(verdict),
          ]),
        ])
    }
    table.chains.append(replies)
    table.chains += twins
    annotations.headings["replies"] = "Replies, by the rules for what they answer"
    for (chain, lines) in annotations.remarks where twins.contains(where: { $0.name == name(chain) }) {
      annotations.remarks[name(chain)] = lines
    }
    return rules.map { rule in
      Provenance.Rule(
        chain: name(rule.chain), position: rule.position, policies: rule.policies, origins: rule.origins)
    }
  }

  private static func state(_ state: ConnectionState) -> Statement {
    .match(Match(.ctState, .equal, .anyBit(UInt128(state.rawValue))))
  }

  /// The name of a chain's or map's twin. No policy's name has an underscore, so no other chain can have that name.
  static func name(_ name: String) -> String { "\(name)_reply" }

  private static func twin(_ rule: Rule) -> Rule {
    Rule(rule.statements.map(twin), comment: rule.comment)
  }

  private static func twin(_ statement: Statement) -> Statement {
    switch statement {
    case .match(var match):
      match.key = match.key.map(\.fromTheOtherEnd)
      return .match(match)
    case .verdictMap(let key, .named(let map)):
      return .verdictMap(key.map(\.fromTheOtherEnd), .named(name(map)))
    case .verdictMap(let key, .anonymous(let elements)):
      return .verdictMap(
        key.map(\.fromTheOtherEnd), .anonymous(elements.map { VerdictElement($0.key, twin($0.verdict)) }))
    case .verdict(let verdict): return .verdict(twin(verdict))
    case .counter, .log, .limit, .reject, .unmodelled: return statement
    }
  }

  private static func twin(_ verdict: Verdict) -> Verdict {
    switch verdict {
    case .jump(let chain) where chain != Denial.chain: .jump(name(chain))
    case .goto(let chain) where chain != Denial.chain: .goto(name(chain))
    default: verdict
    }
  }
}

extension Field {
  /// The field that holds in a reply what this one holds in the packet that is answered.
  var fromTheOtherEnd: Field {
    switch self {
    case .ipSaddr: .ipDaddr
    case .ipDaddr: .ipSaddr
    case .ip6Saddr: .ip6Daddr
    case .ip6Daddr: .ip6Saddr
    case .thSport: .thDport
    case .thDport: .thSport
    case .tcpSport: .tcpDport
    case .tcpDport: .tcpSport
    case .udpSport: .udpDport
    case .udpDport: .udpSport
    case .sctpSport: .sctpDport
    case .sctpDport: .sctpSport
    case .metaNFProto, .metaL4Proto, .metaMark, .metaIifName, .metaOifName, .ctState, .ctMark, .ctDirection,
      .icmpType, .icmpv6Type:
      self
    }
  }
}
