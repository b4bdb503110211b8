import Addresses
import JSONText
import PolicyModel
import Reachability

/// A difference as JSON, whose schema is `docs/schemas/diff.schema.json`.
public enum JSONDiff {
  /// The document, one line.
  public static func text(_ diff: ConnectivityDiff) -> String {
    var json = JSONWriter()
    json.object { json in
      json.text("apiVersion", "netpolc/v1")
      json.text("kind", "Diff")
      json.key("equivalent")
      json.bool(diff.isEquivalent)
      json.key("summary")
      json.object { json in
        json.text("text", diff.summary)
        json.count("widened", diff.count(.widened))
        json.count("narrowed", diff.count(.narrowed))
        json.count("changed", diff.count(.changed))
        json.count("pods", diff.comparedPods)
        json.count("unchangedPods", diff.comparedPods - diff.changedPods)
      }
      json.key("changes")
      json.array { json in for change in diff.changes { write(change, &json) } }
      json.key("isolation")
      json.array { json in for change in diff.isolation { write(change, &json) } }
      json.key("pods")
      json.object { json in
        json.texts("appeared", diff.pods.appeared)
        json.texts("vanished", diff.pods.vanished)
        json.texts("readdressed", diff.pods.readdressed)
      }
      if let ruleset = diff.ruleset {
        json.key("ruleset")
        write(ruleset, &json)
      }
    }
    return json.text + "\n"
  }

  private static func write(_ change: ConnectionChange, _ json: inout JSONWriter) {
    json.object { json in
      json.text("kind", change.kind.rawValue)
      json.key("source")
      json.group(change.source)
      json.key("destination")
      json.group(change.destination)
      json.texts("families", change.families.map { $0 == .ipv4 ? "IPv4" : "IPv6" })
      json.key("before")
      json.traffic(change.before)
      json.key("after")
      json.traffic(change.after)
      json.key("witness")
      write(change.witness, &json)
    }
  }

  private static func write(_ change: IsolationChange, _ json: inout JSONWriter) {
    json.object { json in
      json.text("direction", change.direction.rawValue)
      json.key("isolated")
      json.bool(change.isIsolated)
      json.key("pods")
      json.group(change.pods)
      json.key("policies")
      json.array { json in for source in change.policies { json.source(source) } }
    }
  }

  private static func write(_ witness: PacketWitness, _ json: inout JSONWriter) {
    json.object { json in
      json.text("text", witness.description)
      for (key, name, address) in [
        ("source", witness.source, witness.sourceAddress),
        ("destination", witness.destination, witness.destinationAddress),
      ] {
        json.key(key)
        json.object { json in
          if let name { json.text("pod", name) }
          if let address { json.text("address", address.description) }
        }
      }
      json.text("protocol", IPProtocol(witness.transport).description)
      if let port = witness.port { json.count("port", Int(port)) }
      json.key("allowedBefore")
      json.bool(witness.allowedBefore)
      for (key, causes) in [("before", witness.before), ("after", witness.after)] {
        json.key(key)
        json.array { json in for cause in causes { json.cause(cause) } }
      }
    }
  }

  private static func write(_ ruleset: RulesetChange, _ json: inout JSONWriter) {
    json.object { json in
      if let node = ruleset.node { json.text("node", node) }
      json.key("parts")
      json.array { json in
        for part in ruleset.parts {
          json.object { json in
            json.text("kind", part.kind)
            json.text("name", part.name)
            json.text("fate", part.fate.rawValue)
            json.count("added", part.added)
            json.count("removed", part.removed)
          }
        }
      }
    }
  }
}
