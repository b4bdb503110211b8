import Addresses
import Connectivity
import JSONText
public import PolicyExplain
import PolicyModel
import PolicyTrace
import Reachability
public import Wording

extension GroupExplanation {
  /// The limit of verdicts explained in full; for the others only the pairs are shown.
  private static let explained = 12

  /// As text for a terminal, with the additions to each explanation.
  public func text(
    _ style: TerminalStyle = TerminalStyle(),
    beside: (Explanation) -> ExplanationExtras = { _ in ExplanationExtras() }
  ) -> String {
    let asked = traffic.map { " \($0.words)" } ?? ""
    var head: [PlainText] = [
      "\(allowedPairs) of \(Counting.of(pairs, "pair")) allowed: \(source) → \(destination)\(asked)"
    ]
    if strangers > 0 {
      head.append("\(Counting.of(strangers, "pair")) more without an address family in common")
    }
    var blocks = [head.wrapped(style)]
    for (place, verdict) in verdicts.enumerated() {
      let word: PlainText =
        switch verdict.verdict {
        case .allowed: style.paint("ALLOWED", .green)
        case .denied: style.paint("DENIED", .red)
        case .dependsOnAddress:
          style.paint("DEPENDS", .yellow) + " on the address: name its block with --pod-cidr"
        }
      var lines: [PlainText] = ["\(Counting.of(verdict.pairs, "pair")) \(word)"]
      lines += verdict.blocks.map { "  \($0.sources.description) → \($0.destinations.description)" }
      let example = place < Self.explained ? verdict.examplePacket : nil
      lines.append(example == nil ? "  not explained here: --format json has all of it" : "for example")
      blocks.append(
        lines.wrapped(style)
          + (example.map { $0.text(style) + beside($0).text($0, style) } ?? ""))
    }
    return blocks.joined(separator: "\n")
  }

  /// As JSON, whose schema is `docs/schemas/explain.schema.json`; one line, with the additions to each explanation.
  public func json(
    beside: (Explanation) -> ExplanationExtras = { _ in ExplanationExtras() }
  ) -> String {
    var json = JSONWriter()
    json.object { json in
      json.pair("apiVersion", "netpolc/v1")
      json.pair("kind", "GroupExplanation")
      json.pair("source", source)
      json.pair("destination", destination)
      if let traffic { json.reference(traffic) }
      json.key("allowed")
      json.bool(isAllowed)
      json.pair("verdict", verdict.rawValue)
      json.key("pairs")
      json.object { json in
        json.pair("allowed", allowedPairs)
        json.pair("denied", pairs - allowedPairs)
        json.pair("withoutCommonFamily", strangers)
      }
      json.key("verdicts")
      json.array { json in
        for verdict in verdicts {
          json.object { json in
            json.key("allowed")
            json.bool(verdict.isAllowed)
            json.pair("verdict", verdict.verdict.rawValue)
            json.pair("pairs", verdict.pairs)
            json.key("blocks")
            json.array { json in
              for block in verdict.blocks {
                json.object { json in
                  json.key("sources")
                  json.group(block.sources)
                  json.key("destinations")
                  json.group(block.destinations)
                }
              }
            }
            json.key("example")
            json.array { json in
              for answer in verdict.example { JSONExplanation.write(answer, beside(answer), &json) }
            }
          }
        }
      }
    }
    return json.text + "\n"
  }
}
