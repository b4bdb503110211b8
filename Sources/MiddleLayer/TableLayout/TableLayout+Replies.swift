import Addresses
import PolicyModel
public import Ruleset

/// The chains that hold replies against the policies: those of the connections themselves, with both ends exchanged.
///
/// A reply is allowed where the packet that it answers would be. In the forward hook its source is the real server and its
/// destination the real client, translated back already or not yet, exactly as the ends of the packets that it answers;
/// so a chain that reads source for destination, and the other way round, asks the same question.
extension TableLayout {
  /// The chain that replies are sent to.
  var replyChain: Chain {
    Chain(
      ChainName.replies,
      rules: IPFamily.allCases.map {
        Self.rule($0, .jump(ChainName.reply(ChainName.newConnections($0))))
      })
  }

  /// The chain that judges replies as a chain of the plain modes judges what they answer.
  func replyChain(_ chain: Chain) -> Chain {
    denying(Chain(ChainName.reply(chain.name), rules: chain.rules.map(replyRule)))
  }

  /// The map that replies are looked up in, to the chains that judge replies.
  public func replyMap(_ map: VerdictMap) -> VerdictMap {
    VerdictMap(
      SetName.reply(map.name), key: map.key, flags: map.flags, elements: map.elements.map(replyElement))
  }

  /// An element of such a map.
  public func replyElement(_ element: VerdictElement) -> VerdictElement {
    VerdictElement(element.key, replyVerdict(element.verdict))
  }

  private func replyRule(_ rule: Rule) -> Rule {
    Rule(rule.statements.map(replyStatement), comment: rule.comment)
  }

  private func replyStatement(_ statement: Statement) -> Statement {
    switch statement {
    case .match(var match):
      match.key = match.key.map(\.fromTheOtherEnd)
      return .match(match)
    case .verdictMap(let key, .named(let map)):
      return .verdictMap(key.map(\.fromTheOtherEnd), .named(SetName.reply(map)))
    case .verdictMap(let key, .anonymous(let elements)):
      return .verdictMap(key.map(\.fromTheOtherEnd), .anonymous(elements.map(replyElement)))
    case .verdict(let verdict): return .verdict(replyVerdict(verdict))
    case .counter, .log, .limit, .reject, .unmodelled: return statement
    }
  }

  private func replyVerdict(_ verdict: Verdict) -> Verdict {
    switch verdict {
    case .jump(let chain): .jump(ChainName.reply(chain))
    case .goto(let chain): .goto(ChainName.reply(chain))
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
    case .metaNFProto, .metaL4Proto, .metaMark, .metaIifName, .metaIifKind, .metaOifName, .fibSourceRoute,
      .ctState, .ctStatus, .ctMark, .ctDirection, .ip6HopLimit, .icmpType, .icmpv6Type:
      self
    }
  }
}
