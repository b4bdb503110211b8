import Addresses
import JSONText
public import PolicyExplain
import PolicyModel
import PolicyTrace
import Reachability
import Wording

/// Explanations as JSON, whose schema is `docs/schemas/explain.schema.json`.
public enum JSONExplanation {
  /// The document, one line, with the additions to each answer.
  public static func text(
    _ answers: [Explanation], beside: (Explanation) -> ExplanationExtras = { _ in ExplanationExtras() }
  ) -> String {
    var json = JSONWriter()
    json.object { json in
      json.pair("apiVersion", "netpolc/v1")
      json.pair("kind", "Explanation")
      json.key("allowed")
      json.bool(Answer.connection(answers).isAllowed)
      json.pair("verdict", Answer.connection(answers).verdict.rawValue)
      json.key("connections")
      json.array { json in
        for answer in answers { write(answer, beside(answer), &json) }
      }
    }
    return json.text + "\n"
  }

  static func write(_ answer: Explanation, _ beside: ExplanationExtras, _ json: inout JSONWriter) {
    json.object { json in
      json.pair("source", answer.source)
      if let address = answer.sourceAddress { json.pair("sourceAddress", address.description) }
      json.pair("destination", answer.destination)
      if let address = answer.destinationAddress { json.pair("destinationAddress", address.description) }
      if let traffic = answer.traffic { json.reference(traffic) }
      json.key("allowed")
      json.bool(answer.isAllowed)
      if let condition = answer.condition { json.pair("condition", condition) }
      if let traffic = answer.nodeTraffic {
        json.key("node")
        json.object { json in
          json.pair("name", traffic.node)
          switch traffic {
          case .fromNode: json.pair("is", "source")
          case .toNode, .toNodeByClusterTiers:
            json.pair("is", "destination")
            json.pair("podToNode", traffic.mode.rawValue)
          }
        }
      }
      json.key("traffic")
      json.traffic(answer.allowed)
      json.key("directions")
      json.array { json in
        for trace in [answer.egress, answer.ingress].compactMap({ $0 }) { write(trace, &json) }
      }
      if let path = beside.path {
        json.key("path")
        path.write(to: &json)
      }
      if let forgery = beside.forgery { write(forgery, &json) }
      guard let edits = beside.edits else { return }
      json.key("whyNot")
      json.array { json in for plan in edits { write(plan, &json) } }
    }
  }

  private static func write(_ forgery: ForgedSource, _ json: inout JSONWriter) {
    json.key("forgedSource")
    json.object { json in
      json.pair("sourceCheck", forgery.check.rawValue)
      json.key("passes")
      json.bool(forgery.passing != nil)
      guard let passing = forgery.passing else { return }
      json.pair("address", passing.address.description)
      if let owner = passing.owner { json.pair("pod", owner) }
      json.key("traffic")
      json.traffic(passing.traffic)
    }
  }

  private static func write(_ plan: AllowingEdits, _ json: inout JSONWriter) {
    json.object { json in
      json.list("edits", plan.words)
      json.pair("direction", plan.direction.rawValue)
      if let yaml = plan.yaml { json.pair("yaml", yaml) }
      json.key("concernsOthers")
      json.bool(plan.concernsOthers)
      json.pair("touchedPods", plan.touchedPods)
      guard let effects = plan.effects else { return }
      json.key("others")
      json.object { json in
        json.pair("allowedPairs", effects.allowed.pairs)
        json.key("allowedOutside")
        json.bool(effects.allowed.outside > 0)
        json.pair("deniedPairs", effects.denied.pairs)
        json.key("deniedOutside")
        json.bool(effects.denied.outside > 0)
      }
      json.list("effects", effects.words)
    }
  }

  private static func write(_ trace: DirectionTrace, _ json: inout JSONWriter) {
    json.object { json in
      json.pair("direction", trace.direction.rawValue)
      json.pair("pod", trace.pod)
      json.key("isolated")
      json.bool(!trace.isOpen)
      json.key("allows")
      json.bool(trace.allows)
      json.key("policies")
      json.array { json in
        for policy in trace.policies {
          json.object { json in
            json.pair("policy", policy.policy.description)
            if policy.tier != .networkPolicy { json.pair("tier", policy.tier.title) }
            json.key("origin")
            json.origin(policy.origin)
            json.key("rules")
            json.array { json in for rule in policy.rules { write(rule, &json) } }
          }
        }
      }
    }
  }

  private static func write(_ rule: RuleTrace, _ json: inout JSONWriter) {
    json.object { json in
      json.key("origin")
      json.origin(rule.origin)
      if rule.action != .accept { json.pair("action", rule.action.rawValue) }
      if let name = rule.name { json.pair("name", name) }
      json.key("allows")
      json.bool(rule.allows)
      for (key, entries) in [("peers", rule.peers), ("ports", rule.ports)] {
        json.key(key)
        json.array { json in
          for entry in entries {
            json.object { json in
              json.pair("asks", entry.asks)
              json.key("matches")
              json.bool(entry.matches)
              json.pair("reason", entry.reason)
              json.key("origin")
              json.origin(entry.origin)
            }
          }
        }
      }
    }
  }
}
