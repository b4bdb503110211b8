import Addresses
import JSONText
public import Ruleset
import RulesetText
import Verification

/// The way of one packet through a ruleset: which chains and rules give verdicts, and which elements they find.
public struct RulesetPath: Sendable {
  /// An element that the packet hit.
  public struct Element: Sendable, Hashable {
    /// The name of the set or map.
    public let set: String
    /// The element's key, as nft writes it.
    public let key: String
  }

  /// A rule that gave a verdict, or a chain's policy.
  public struct Step: Sendable, Hashable {
    /// The chain.
    public let chain: String
    /// The rule's place in it, from 0; nil for the chain's policy.
    public let rule: Int?
    /// The verdict, as nft writes it.
    public let verdict: String
    /// The rule's comment, which names the policy; nil where it has none.
    public let comment: String?
    /// The set or map that was looked up, with the element that was found; nil where there was none with a name.
    public let element: Element?

    /// `chain new4 rule 2: 10.244.1.5 found in @ingress4 jump in4-default/web`.
    var words: String {
      let place = rule.map { " rule \($0)" } ?? " policy"
      let found = element.map { " \($0.key) found in @\($0.set)" } ?? ""
      return "chain \(chain)\(place):\(found) \(verdict)\(comment.map { " # \($0)" } ?? "")"
    }
  }

  /// Whether the ruleset lets the packet pass; nil where that is undecided.
  public let passes: Bool?
  /// The rules that gave verdicts, in order.
  public let steps: [Step]

  /// The way of an explained connection's first packet; nil where it has no protocol or an end has no address yet.
  public init?(_ answer: Explanation, through table: Table) {
    guard let traffic = answer.traffic, let source = answer.sourceAddress,
      let destination = answer.destinationAddress
    else { return nil }
    let evaluation = RulesetEvaluator(table).evaluate(
      Packet(source, destination, transport: traffic.transport, destinationPort: traffic.port))
    passes = evaluation.decision.map { $0 == .accept }
    steps = evaluation.trace.map { step in
      let rules = table.chains.first { $0.name == step.chain }?.rules ?? []
      let comment = step.rule.flatMap { rules.indices.contains($0) ? rules[$0].comment : nil }
      let element = step.element.flatMap { found in
        found.set.map { Element(set: $0, key: NFTPrinter.text(of: found.key, Self.types($0, table))) }
      }
      return Step(
        chain: step.chain, rule: step.rule, verdict: Self.words(step.verdict), comment: comment,
        element: element)
    }
  }

  private static func types(_ set: String, _ table: Table) -> [DataType] {
    table.sets.first { $0.name == set }?.key ?? table.maps.first { $0.name == set }?.key ?? []
  }

  /// As text, each line ended.
  public var text: String {
    let end = passes.map { $0 ? "passes" : "is dropped" } ?? "is undecided"
    return "\nthrough the ruleset: the packet \(end)\n" + steps.map { "  \($0.words)\n" }.joined()
  }

  func write(to json: inout JSONWriter) {
    json.object { json in
      if let passes {
        json.key("passes")
        json.bool(passes)
      }
      json.key("steps")
      json.array { json in
        for step in steps {
          json.object { json in
            json.text("chain", step.chain)
            if let rule = step.rule { json.count("rule", rule) }
            if let element = step.element {
              json.text("set", element.set)
              json.text("element", element.key)
            }
            json.text("verdict", step.verdict)
            if let comment = step.comment { json.text("comment", comment) }
          }
        }
      }
    }
  }

  private static func words(_ verdict: Verdict) -> String {
    switch verdict {
    case .accept: "accept"
    case .drop: "drop"
    case .continue: "continue"
    case .return: "return"
    case .jump(let chain): "jump \(chain)"
    case .goto(let chain): "goto \(chain)"
    }
  }
}
