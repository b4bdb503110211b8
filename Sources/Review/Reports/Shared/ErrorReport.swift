public import Diagnostics
import JSONText
import Wording

/// Findings about the input in the format that a report would have had: a syntax error is the annotation that helps most.
public enum ErrorReport {
  /// As JSON, whose schema is `docs/schemas/errors.schema.json`; one line.
  public static func json(_ findings: [Diagnostic]) -> String {
    var json = JSONWriter()
    json.object { json in
      json.pair("apiVersion", "netpolc/v1")
      json.pair("kind", "InputErrors")
      json.key("findings")
      json.array { json in for finding in findings { json.finding(finding) } }
    }
    return json.text + "\n"
  }

  /// As SARIF 2.1.0.
  public static func sarif(_ findings: [Diagnostic], version: String) -> String {
    let ids = Set(findings.map(\.id)).sorted()
    return SARIF.text(
      findings.map(ReportedFinding.init),
      rules: ids.map {
        .init(
          id: $0, title: "the input cannot be used as it is", explanation: "A finding of reading manifests.")
      }, version: version)
  }

  /// As annotations of GitHub Actions, of which a run shows ten: of many that are alike the first ones.
  public static func gitHub(_ findings: [Diagnostic]) -> String {
    GitHubAnnotations.text(
      Diagnostic.folded(findings).map { finding, others in
        ReportedFinding(others > 0 ? finding.with(others: others) : finding)
      })
  }

  /// As a comment of a pull request.
  public static func markdown(_ findings: [Diagnostic]) -> String {
    let errors = findings.filter { $0.severity == .error }
    var text: MarkdownText = "### netpolc: \(Counting.of(errors.count, "error")), nothing was compared\n\n"
    let folded = Diagnostic.folded(errors)
    for (finding, others) in folded.prefix(20) {
      text += "- \(words(finding))\n"
      if others > 0 { text += "- … and \(others) more like this\n" }
    }
    if folded.count > 20 { text += "\n… and \(folded.count - 20) more of other kinds.\n" }
    return text.text
  }

  /// As comma-separated values with a head of their own, so that no reader takes them for the report: one record a finding.
  public static func csv(_ findings: [Diagnostic]) -> String {
    CSV.record(["severity", "id", "file", "line", "column", "field", "message"])
      + findings.map { finding in
        let place = finding.location
        return CSV.record([
          finding.severity.rawValue, finding.id, place?.file ?? "", place.map { "\($0.line)" } ?? "",
          place.map { "\($0.column)" } ?? "", finding.field, finding.message,
        ])
      }.joined()
  }

  /// As a graph for Graphviz: a title that says that nothing was read, and a node for each of the first errors.
  public static func dot(_ findings: [Diagnostic]) -> String {
    func quoted(_ text: String) -> String { ForeignText(text).quoted }
    let errors = findings.filter { $0.severity == .error }
    let folded = Diagnostic.folded(errors)
    var text =
      "digraph errors {\n  label=\(quoted("netpolc: \(Counting.of(errors.count, "error")), nothing was listed"));\n"
    text += "  labelloc=t;\n  rankdir=LR;\n  node [shape=box, color=red];\n"
    for (number, (finding, others)) in folded.prefix(20).enumerated() {
      let more = others > 0 ? " (and \(others) more like this)" : ""
      text += "  error\(number) [label=\(quoted(words(finding) + more))];\n"
    }
    if folded.count > 20 { text += "  more [label=\(quoted("\(folded.count - 20) more of other kinds"))];\n" }
    return text + "}\n"
  }

  /// `FILE:LINE:COLUMN: field: message`.
  private static func words(_ finding: Diagnostic) -> String {
    let place = finding.location.map { "\($0): " } ?? ""
    let field = finding.field.isEmpty ? "" : "\(finding.field): "
    return place + field + finding.message
  }

  /// As a test suite of JUnit with one failing case.
  public static func jUnit(_ findings: [Diagnostic]) -> String {
    JUnit.text(
      suite: "netpolc input",
      cases: findings.filter { $0.severity == .error }.map { finding in
        JUnit.Case(
          name: finding.id, file: finding.location?.file, line: finding.location?.line,
          outcome: .error(finding.message, detail: words(finding)))
      })
  }
}

extension Diagnostic {
  /// The finding with the number of others that are like it.
  fileprivate func with(others: Int) -> Diagnostic {
    Diagnostic(
      severity, id: id, at: location, field: field, "\(message) (and \(others) more like this)", notes: notes)
  }
}
