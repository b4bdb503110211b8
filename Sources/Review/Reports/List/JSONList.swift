import Addresses
import JSONText
public import PolicyList
import PolicyModel
import Wording

/// A list of connections as JSON, whose schema is `docs/schemas/list.schema.json`.
public enum JSONList {
  /// The document, one line.
  public static func text(_ list: ConnectionList) -> String {
    var json = JSONWriter()
    json.object { json in
      json.pair("apiVersion", "netpolc/v1")
      json.pair("kind", "ConnectionList")
      json.key("groups")
      json.array { json in
        for (number, group) in list.groups.enumerated() {
          json.object { json in
            json.pair("id", number)
            if let first = group.pods.first { json.pair("namespace", list.cluster.pods[first].namespace) }
            json.list("pods", list.names(of: number))
          }
        }
      }
      json.key("endpoints")
      json.array { json in
        for (number, endpoint) in list.endpoints.enumerated() { write(endpoint, number, &json) }
      }
      json.key("connections")
      json.array { json in for connection in list.connections { write(connection, &json) } }
      if let exposures = list.exposures {
        json.key("exposures")
        json.array { json in for exposure in exposures { write(exposure, &json) } }
      }
      json.key("notListed")
      json.array { json in
        for omission in list.omissions where omission.count > 0 {
          json.object { json in
            json.pair("pods", omission.count)
            json.pair(
              "reason", omission.kind == "pod" ? omission.reason : "\(omission.kind)s \(omission.reason)")
          }
        }
      }
    }
    return json.text + "\n"
  }

  private static func write(_ endpoint: ConnectionList.Endpoint, _ number: Int, _ json: inout JSONWriter) {
    json.object { json in
      json.pair("id", number)
      json.pair("description", endpoint.description)
      switch endpoint.members {
      case .groups(let groups):
        json.pair("podCount", endpoint.podCount)
        json.key("groups")
        json.array { json in for group in groups { json.number(group) } }
      case .outside(let blocks): json.list("outside", blocks.map(\.description))
      }
    }
  }

  private static func write(_ connection: ConnectionList.Connection, _ json: inout JSONWriter) {
    json.object { json in
      json.pair("from", connection.from)
      json.pair("to", connection.to)
      if let family = connection.family { json.pair("family", family == .ipv4 ? "IPv4" : "IPv6") }
      json.key("dependsOnAddress")
      json.bool(connection.dependsOnAddress)
      json.key("traffic")
      json.traffic(connection.traffic)
    }
  }

  private static func write(_ exposure: Exposure, _ json: inout JSONWriter) {
    json.object { json in
      json.pair("endpoint", exposure.endpoint)
      json.pair("direction", exposure.direction.rawValue)
      json.key("isolated")
      json.bool(exposure.isIsolated)
      json.pair("peer", exposure.peer.words)
      switch exposure.peer {
      case .everyPod: break
      case .inNamespace(let namespace, let pods):
        json.pair("namespace", namespace)
        json.pair("podSelector", pods.description)
      case .inNamespaces(let namespaces, let pods):
        json.pair("namespaceSelector", namespaces.description)
        json.pair("podSelector", pods.description)
      case .atAddresses(let block):
        json.pair("cidr", block.cidr.description)
        if !block.except.isEmpty { json.list("except", block.except.map(\.description)) }
      }
      json.pair("podsOfToday", exposure.matchesToday)
      json.key("traffic")
      json.traffic(exposure.traffic)
      json.list("portNames", exposure.portNames)
      json.key("atMost")
      json.bool(exposure.isAtMost)
    }
  }
}
