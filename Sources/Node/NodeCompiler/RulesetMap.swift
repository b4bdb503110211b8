import Diagnostics
import Digest
import JSONText
import Lowering
import PolicyModel
import RulesetText

/// The map file beside a ruleset (`x.nft` -> `x.map.json`): the policy, file, line and field that each rule and set
/// comes from. Its schema is `docs/schemas/map.schema.json`.
public struct RulesetMap {
  let provenance: Provenance
  let digests: InputDigests
  /// The text of the ruleset it belongs to.
  let ruleset: String
  /// The node whose pods it isolates; nil: every pod.
  let node: String?
  /// True where the ruleset was proved before it was written.
  let isProven: Bool
  /// In which modes it is.
  let modes: EnforcementModes

  /// The path of a ruleset file's map: the same with `.map.json` for its ending.
  public static func path(for ruleset: String) -> String {
    for ending in [".nft", ".json"] where ruleset.hasSuffix(ending) {
      return ruleset.dropLast(ending.count) + ".map.json"
    }
    return ruleset + ".map.json"
  }

  /// The file's text.
  var text: String {
    var json = JSONWriter()
    json.object { json in
      json.key("apiVersion")
      json.string("netpolc/v1")
      json.key("kind")
      json.string("RulesetMap")
      json.key("ruleset")
      json.object { $0.pair("sha256", SHA256.hex(ruleset)) }
      json.key("inputs")
      json.object { json in
        json.pair("policies", digests.policies)
        json.pair("inventory", digests.inventory)
        if let node { json.pair("node", node) }
      }
      json.key("proof")
      json.object { json in
        json.pair("verdict", isProven ? "proven" : "not tried")
        json.pair("by", "netpolc \(ProductVersion.current)")
      }
      if !modes.options.isEmpty { json.list("modes", modes.options) }
      json.key("chains")
      json.array { json in
        for chain in provenance.chains {
          json.object { json in
            json.pair("name", chain.name)
            json.pair("direction", chain.direction.rawValue)
            json.list("policies", chain.policies.map(\.description))
            json.list("pods", chain.pods)
          }
        }
        // A rule's own chain is one, whatever pods meet it.
        for rule in provenance.ruleChains {
          json.object { json in
            json.pair("name", rule.chain)
            json.pair("direction", rule.direction.rawValue)
            json.list("policies", [rule.policy.description])
            json.list("pods", [])
          }
        }
      }
      json.key("rules")
      json.array { json in for rule in provenance.rules { write(rule, &json) } }
      json.key("sets")
      json.array { json in
        for set in provenance.sets {
          json.object { json in
            json.pair("name", set.name)
            json.pair("holds", set.holds)
            json.list("policies", set.policies.map(\.description))
          }
        }
      }
    }
    return json.text + "\n"
  }

  private func write(_ rule: Provenance.Rule, _ json: inout JSONWriter) {
    json.object { json in
      json.pair("chain", rule.chain)
      json.key("index")
      json.number(rule.position)
      json.list("policies", rule.policies.map(\.description))
      json.key("sources")
      json.array { json in
        for origin in rule.origins {
          json.object { json in
            json.pair("file", origin.location.file)
            json.key("line")
            json.number(origin.location.line)
            json.key("column")
            json.number(origin.location.column)
            json.pair("field", origin.field)
          }
        }
      }
    }
  }
}
