import Addresses
import Connectivity
import Diagnostics
import JSONText
public import PolicyDiff
import PolicyModel
import Reachability
import Wording

/// A difference as JSON, whose schema is `docs/schemas/diff.schema.json`.
public enum JSONDiff {
  /// The document, one line.
  public static func text(_ diff: ConnectivityDiff) -> String {
    var json = JSONWriter()
    json.object { json in
      json.pair("apiVersion", "netpolc/v1")
      json.pair("kind", "Diff")
      json.key("equivalent")
      json.bool(diff.isEquivalent)
      json.key("summary")
      json.object { json in
        json.pair("text", diff.summary)
        json.pair("widened", diff.count(.widened))
        json.pair("narrowed", diff.count(.narrowed))
        json.pair("changed", diff.count(.changed))
        json.pair("pods", diff.comparedPods)
        json.pair("unchangedPods", diff.comparedPods - diff.changedPods)
      }
      json.key("changes")
      json.array { json in for change in diff.changes { write(change, &json) } }
      json.key("futureChanges")
      json.array { json in for change in diff.futureChanges { write(change, &json) } }
      json.list("notCompared", diff.omissions)
      json.key("reviewChanges")
      json.array { json in
        for change in diff.reviewChanges {
          json.object { json in
            json.pair("text", change.words)
            if let location = change.location {
              json.pair("file", location.file)
              json.pair("line", location.line)
              json.pair("column", location.column)
            }
          }
        }
      }
      json.key("leftOut")
      json.array { json in
        for one in diff.leftOut {
          json.object { json in
            json.pair("count", one.count)
            json.pair("before", one.before)
            json.pair("reason", one.reason)
          }
        }
      }
      json.key("isolation")
      json.array { json in for change in diff.isolation { write(change, &json) } }
      json.key("pods")
      json.object { json in
        json.list("appeared", diff.pods.appeared)
        json.list("vanished", diff.pods.vanished)
        json.list("readdressed", diff.pods.readdressed)
        json.list("ontoHostNetwork", diff.ontoHostNetwork.map(\.name))
        json.key("renamed")
        json.array { json in
          for rename in diff.pods.renamed {
            json.object { json in
              json.pair("from", rename.from)
              json.pair("to", rename.to)
            }
          }
        }
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
      json.pair("kind", change.kind.rawValue)
      json.key("source")
      json.group(change.source)
      json.key("destination")
      json.group(change.destination)
      json.list("families", change.families.map { $0 == .ipv4 ? "IPv4" : "IPv6" })
      json.key("before")
      json.traffic(change.before)
      json.key("after")
      json.traffic(change.after)
      json.key("dependsOnAddress")
      json.bool(change.dependsOnAddress)
      json.list(
        "portNames",
        change.portNames.sorted { $0.key < $1.key }.map { "\($0.key) stands for port \"\($0.value)\"" })
      json.key("witness")
      write(change.witness, &json)
    }
  }

  private static func write(_ change: IsolationChange, _ json: inout JSONWriter) {
    json.object { json in
      json.pair("direction", change.direction.rawValue)
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
      json.pair("text", witness.description)
      for (key, name, address) in [
        ("source", witness.source, witness.sourceAddress),
        ("destination", witness.destination, witness.destinationAddress),
      ] {
        json.key(key)
        json.object { json in
          if let name { json.pair("pod", name) }
          if let address { json.pair("address", address.description) }
        }
      }
      json.pair("protocol", IPProtocol(witness.transport).description)
      if let port = witness.port { json.pair("port", Int(port)) }
      if let name = witness.portName { json.pair("portName", name) }
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
      if let node = ruleset.node { json.pair("node", node) }
      json.key("parts")
      json.array { json in
        for part in ruleset.parts {
          json.object { json in
            json.pair("kind", part.kind)
            json.pair("name", part.name)
            json.pair("fate", part.fate.rawValue)
            json.pair("added", part.added)
            json.pair("removed", part.removed)
          }
        }
      }
    }
  }
}
