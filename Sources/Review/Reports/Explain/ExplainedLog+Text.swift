import Addresses
import JSONText
public import PolicyExplain
import PolicyModel
public import Wording

extension ExplainedLog {
  /// As text for a terminal.
  public func text(_ style: TerminalStyle = TerminalStyle()) -> String {
    let told = denials.reduce(0) { $0 + $1.lines }
    var counts = [
      "\(Counting.of(told, "line")) of netpolc's, \(Counting.of(denials.count, "connection"))"
    ]
    if damaged > 0 { counts.append("\(Counting.of(damaged, "damaged line")) of netpolc's") }
    if foreign > 0 { counts.append("\(Counting.of(foreign, "line")) of others") }
    let blocks = denials.map { denial in
      let lines: [PlainText] = ["\(denial.headline)"] + denial.remarks.map { "  \($0)" }
      return lines.wrapped(style)
        + denial.answer.text(style, saying: !denial.isDenied, isBrief: true)
    }
    return ([counts.joined(separator: "; ") + "\n"] + blocks).joined(separator: "\n")
  }

  /// As JSON, whose schema is `docs/schemas/explain.schema.json`; one line.
  public var json: String {
    var json = JSONWriter()
    json.object { json in
      json.pair("apiVersion", "netpolc/v1")
      json.pair("kind", "LogExplanation")
      json.key("allowed")
      json.bool(!deniesAny)
      json.key("lines")
      json.object { json in
        json.pair("explained", denials.reduce(0) { $0 + $1.lines })
        json.pair("damaged", damaged)
        json.pair("foreign", foreign)
      }
      json.key("denials")
      json.array { json in for denial in denials { denial.write(to: &json) } }
    }
    return json.text + "\n"
  }
}

extension LoggedDenial {
  /// `3 lines of chain in4-shop/web: ingress of shop/web, by shop/web`.
  fileprivate var headline: String {
    "\(Counting.of(lines, "line")) of chain \(key.chain)" + chainWords.map { ": \($0)" }.joined()
  }

  private var chainWords: [String] {
    switch chain {
    case .pods(let direction, let policies, let pods):
      let words = Counting.first(3, of: policies.map(\.description))
      return ["\(direction.rawValue.lowercased()) of \(Counting.first(3, of: pods)), by \(words)"]
    case .shared: return ["the end of classes with many rules"]
    case .rule(let rule):
      let name = rule.name.map { " \(ForeignText($0).quoted)" } ?? ""
      return [
        "\(rule.direction.rawValue.lowercased()), by tier \(rule.tier.title) \(ForeignText("\(rule.policy)").quoted) rule \(rule.number)\(name)"
      ]
    case .unknownPods: return ["addresses of the node that no pod has"]
    case .forgedSources: return ["sources that are not their senders'"]
    case .missing: return []
    }
  }

  fileprivate func write(to json: inout JSONWriter) {
    json.object { json in
      json.pair("lines", lines)
      json.key("chain")
      json.object { json in
        json.pair("name", key.chain)
        switch chain {
        case .pods(let direction, let policies, let pods):
          json.pair("is", "pods")
          json.pair("direction", direction.rawValue)
          json.list("policies", policies.map(\.description))
          json.list("pods", pods)
        case .shared: json.pair("is", "shared")
        case .rule(let rule):
          json.pair("is", "rule")
          json.pair("direction", rule.direction.rawValue)
          json.list("policies", [rule.policy.description])
          json.pair("tier", rule.tier.title)
          json.pair("rule", rule.number)
          if let name = rule.name { json.pair("ruleName", name) }
        case .unknownPods: json.pair("is", "unknownPods")
        case .forgedSources: json.pair("is", "forgedSources")
        case .missing: json.pair("is", "missing")
        }
      }
      json.key("audit")
      json.bool(key.isAudit)
      json.key("reply")
      json.bool(key.isReply)
      json.key("denied")
      json.bool(isDenied)
      json.list("remarks", remarks)
      json.key("connection")
      JSONExplanation.write(answer, ExplanationExtras(), &json)
    }
  }
}
