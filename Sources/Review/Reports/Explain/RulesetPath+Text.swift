import JSONText
public import PolicyExplain
import PolicyTrace
import Wording

extension RulesetPath {
  /// As text, each line ended.
  public var text: String {
    let end = passes.map { $0 ? "passes" : "is dropped" } ?? "is undecided"
    let lines: [PlainText] = ["", "through the ruleset: the packet \(end)"] + steps.map { "  \($0.words)" }
    return lines.ended
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
            json.pair("chain", step.chain)
            if let rule = step.rule { json.pair("rule", rule) }
            if let element = step.element {
              json.pair("set", element.set)
              json.pair("element", element.key)
            }
            json.pair("verdict", step.verdict)
            if let comment = step.comment { json.pair("comment", comment) }
          }
        }
      }
    }
  }
}

extension RulesetPath.Step {
  /// `chain new4 rule 2: 10.244.1.5 found in @ingress4 jump in4-default/web`.
  fileprivate var words: String {
    let place = rule.map { " rule \($0)" } ?? " policy"
    let found = element.map { " \($0.key) found in @\($0.set)" } ?? ""
    return "chain \(chain)\(place):\(found) \(verdict)\(comment.map { " # \($0)" } ?? "")"
  }
}
