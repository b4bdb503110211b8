import Addresses
import JSONText
public import PolicyList
import PolicyModel
public import Wording

/// A list of connections in the formats of `netpolc list`.
public enum ListReport {
  /// As text for a terminal: a line for each connection, then what was left out, then counts.
  public static func text(_ list: ConnectionList, _ style: TerminalStyle = TerminalStyle()) -> String {
    var lines: [PlainText] = list.connections.map { connection in
      "\(list.from(connection)) → \(list.to(connection))\(family(connection)): \(traffic(connection))"
    }
    if let exposures = list.exposures {
      lines += [
        "", style.paint("with pods to come, as far as the policies of the pods of today decide:", .bold),
      ]
      for exposure in exposures {
        let own = list.endpoints[exposure.endpoint].description
        let (from, to) =
          exposure.direction == .ingress ? (exposure.peer.words, own) : (own, exposure.peer.words)
        let open = exposure.isIsolated ? "" : " (no policy isolates it)"
        lines.append("\(from) → \(to): \(exposure.trafficWords)\(open)")
      }
    }
    lines += ["", "\(summary(list))"]
    return lines.map { style.wrapped($0, indent: 2) }.ended
  }

  /// `12 lines for 28 pods in 9 groups`, and what is not listed.
  public static func summary(_ list: ConnectionList) -> String {
    let pods = list.groups.reduce(0) { $0 + $1.pods.count }
    var words =
      "\(Counting.of(list.connections.count, "line")) about \(Counting.of(pods, "pod")) in \(Counting.of(list.groups.count, "group"))"
    for omission in list.omissions where omission.count > 0 {
      words += "; not listed: \(Counting.of(omission.count, omission.kind)) \(omission.reason)"
    }
    return words
  }

  /// The traffic, with the remark that it depends on an address that is not known.
  private static func traffic(_ connection: ConnectionList.Connection) -> String {
    connection.traffic.words
      + (connection.dependsOnAddress ? ", depending on the address that a pod gets (--pod-cidr)" : "")
  }

  private static func family(_ connection: ConnectionList.Connection) -> String {
    switch connection.family {
    case .ipv4: " (IPv4)"
    case .ipv6: " (IPv6)"
    case nil: ""
    }
  }

  /// As a table of Markdown.
  public static func markdown(_ list: ConnectionList) -> String {
    var text: MarkdownText = "| from | to | traffic |\n|---|---|---|\n"
    for connection in list.connections {
      text +=
        "| \(list.from(connection)) | \(list.to(connection))\(family(connection)) | \(traffic(connection)) |\n"
    }
    if let exposures = list.exposures {
      text +=
        "\nWith pods to come:\n\n| pods of today | direction | pods to come | traffic |\n|---|---|---|---|\n"
      for exposure in exposures {
        text +=
          "| \(list.endpoints[exposure.endpoint].description) | \(exposure.direction.rawValue.lowercased()) | \(exposure.peer.words) | \(exposure.trafficWords) |\n"
      }
    }
    return (text + "\n\(summary(list))\n").text
  }

  /// As comma-separated values (RFC 4180) with a head; descriptions of large endpoints are short, the JSON has all names.
  public static func csv(_ list: ConnectionList) -> String {
    var text = "kind,from,from_pods,to,to_pods,traffic,family\n"
    for connection in list.connections {
      let (from, to) = (list.endpoints[connection.from], list.endpoints[connection.to])
      let family = connection.family.map { $0 == .ipv4 ? "IPv4" : "IPv6" } ?? ""
      text += CSV.record([
        "connection", from.description, "\(from.podCount)", to.description, "\(to.podCount)",
        traffic(connection), family,
      ])
    }
    for exposure in list.exposures ?? [] {
      let own = list.endpoints[exposure.endpoint]
      let ends = [(own.description, "\(own.podCount)"), (exposure.peer.words, "")]
      let (from, to) = exposure.direction == .ingress ? (ends[1], ends[0]) : (ends[0], ends[1])
      text += CSV.record(["exposure", from.0, from.1, to.0, to.1, exposure.trafficWords, ""])
    }
    return text
  }

  /// As a graph for Graphviz: endpoints are nodes, connections edges.
  public static func dot(_ list: ConnectionList) -> String {
    func quoted(_ text: String) -> String { ForeignText(text).quoted }
    var text = "digraph connections {\n  rankdir=LR;\n  node [shape=box];\n"
    for (number, endpoint) in list.endpoints.enumerated() {
      let isOutside = if case .outside = endpoint.members { true } else { false }
      text += "  e\(number) [label=\(quoted(endpoint.description))\(isOutside ? ", style=dashed" : "")];\n"
    }
    for connection in list.connections {
      let label = traffic(connection) + family(connection)
      text += "  e\(connection.from) -> e\(connection.to) [label=\(quoted(label))];\n"
    }
    for (number, exposure) in (list.exposures ?? []).enumerated() {
      text += "  x\(number) [label=\(quoted(exposure.peer.words + " (to come)")), style=dotted];\n"
      let ends = ["x\(number)", "e\(exposure.endpoint)"]
      let (from, to) = exposure.direction == .ingress ? (ends[0], ends[1]) : (ends[1], ends[0])
      text += "  \(from) -> \(to) [label=\(quoted(exposure.trafficWords)), style=dotted];\n"
    }
    return text + "}\n"
  }
}

extension ConnectionList {
  fileprivate func from(_ connection: Connection) -> String { endpoints[connection.from].description }
  fileprivate func to(_ connection: Connection) -> String { endpoints[connection.to].description }

  /// Pods of the input that are no endpoints, with the reason.
  var omissions: [(count: Int, kind: String, reason: String)] {
    [
      (cluster.omitted.hostNetwork.count, "pod", "on the host network"),
      (cluster.omitted.finished.count, "pod", "that ended"),
      (cluster.omitted.addressTaken.count, "pod", "whose address another pod has"),
      (cluster.idle.count, "workload", "with 0 replicas"),
    ]
  }
}
