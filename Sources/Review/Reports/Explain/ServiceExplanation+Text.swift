import JSONText
public import PolicyExplain
import PolicyModel
import PolicyTrace
public import Wording

extension ServiceExplanation {
  /// The limit of endpoints explained in full; of the others only the verdict is shown.
  private static let explained = 8

  /// As text for a terminal, with the additions to each explanation.
  public func text(
    _ style: TerminalStyle = TerminalStyle(),
    beside: (Explanation) -> ExplanationExtras = { _ in ExplanationExtras() }
  ) -> String {
    let allowed = endpoints.count { $0.verdict == .allowed }
    let word: PlainText =
      switch verdict {
      case .allowed: style.paint("ALLOWED", .green)
      case .denied: style.paint("DENIED", .red)
      case .dependsOnAddress:
        style.paint("DEPENDS", .yellow) + " on the address: name its block with --pod-cidr"
      }
    var head: [PlainText] = ["\(word) \(source) → service \(service) \(traffic.words)"]
    head.append(
      "  a packet to the service is rewritten to one of its endpoints before policies are asked: \(allowed) of \(Counting.of(endpoints.count, "endpoint")) allowed"
    )
    head += remarks.map { "  \($0)" }
    var blocks = [head.wrapped(style)]
    for endpoint in endpoints.prefix(Self.explained) {
      blocks += endpoint.explanations.map { $0.text(style) + beside($0).text($0, style) }
    }
    if endpoints.count > Self.explained {
      blocks.append(
        "\(Counting.of(endpoints.count - Self.explained, "endpoint")) more: --format json has all\n")
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
      json.pair("kind", "ServiceExplanation")
      json.pair("source", source)
      json.pair("service", service)
      json.reference(traffic)
      json.key("allowed")
      json.bool(verdict == .allowed)
      json.pair("verdict", verdict.rawValue)
      json.list("remarks", remarks)
      json.key("connections")
      json.array { json in
        for answer in endpoints.flatMap(\.explanations) {
          JSONExplanation.write(answer, beside(answer), &json)
        }
      }
    }
    return json.text + "\n"
  }
}
