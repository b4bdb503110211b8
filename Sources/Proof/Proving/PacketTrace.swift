public import Ruleset
import RulesetText
public import Verification

/// The way of one packet through a table: the rules that gave verdicts, and the elements that it matched.
public struct PacketTrace: Sendable, Hashable {
  /// An element that the packet matched.
  public struct Element: Sendable, Hashable {
    /// The name of the set or map.
    public let set: String
    /// The element's key, as nft writes it.
    public let key: String
  }

  /// A rule that gave a verdict, or a chain's policy.
  public struct Step: Sendable, Hashable {
    /// The chain's name.
    public let chain: String
    /// The rule's place in it, from 0; nil for the chain's policy.
    public let rule: Int?
    /// The verdict, as nft writes it.
    public let verdict: String
    /// The rule's comment, which names the policy; nil where it has none.
    public let comment: String?
    /// The named set or map that was looked up, with the element that matched; nil where there was none.
    public let element: Element?
  }

  /// True where the table lets the packet pass; nil where that is undecided.
  public let passes: Bool?
  /// The rules that gave verdicts, in order.
  public let steps: [Step]

  /// Follows a packet. O(rules and elements on its way).
  ///
  /// - Parameters:
  ///   - packet: the packet.
  ///   - table: the table that it goes through.
  public init(of packet: Packet, through table: Table) {
    let evaluation = RulesetEvaluator(table).evaluate(packet)
    passes = evaluation.decision.map { $0 == .accept }
    steps = evaluation.trace.map { step in
      let rules = table.chains.first { $0.name == step.chain }?.rules ?? []
      let comment = step.rule.flatMap { rules.indices.contains($0) ? rules[$0].comment : nil }
      let element = step.element.flatMap { found in
        found.set.map { Element(set: $0, key: NFTPrinter.text(of: found.key, table.keyTypes(of: $0))) }
      }
      return Step(
        chain: step.chain, rule: step.rule, verdict: step.verdict.words, comment: comment, element: element)
    }
  }
}

extension Table {
  /// The types of the key of a named set or map; empty where there is none.
  fileprivate func keyTypes(of name: String) -> [DataType] {
    sets.first { $0.name == name }?.key ?? maps.first { $0.name == name }?.key ?? []
  }
}

extension Verdict {
  /// The verdict as nft writes it.
  fileprivate var words: String {
    switch self {
    case .accept: "accept"
    case .drop: "drop"
    case .continue: "continue"
    case .return: "return"
    case .jump(let chain): "jump \(chain)"
    case .goto(let chain): "goto \(chain)"
    }
  }
}
