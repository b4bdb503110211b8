import Diagnostics
import JSONText
public import PolicyLint
public import Wording

extension Linter.Outcome {
  /// As JSON, whose schema is `docs/schemas/lint.schema.json`; one line.
  public var json: String {
    var json = JSONWriter()
    json.object { json in
      json.pair("apiVersion", "netpolc/v1")
      json.pair("kind", "Lint")
      json.pair("suppressed", suppressed)
      json.list("withoutInventory", withoutInventory)
      json.key("findings")
      json.array { json in for finding in findings { json.finding(finding) } }
    }
    return json.text + "\n"
  }

  /// As SARIF 2.1.0.
  public func sarif(version: String) -> String {
    SARIF.text(
      findings.map(ReportedFinding.init),
      rules: LintRule.all.map { .init(id: $0.id, title: $0.title, explanation: $0.explanation) },
      version: version)
  }

  /// As annotations of GitHub Actions.
  public var gitHub: String { GitHubAnnotations.text(findings.map(ReportedFinding.init)) }

  /// The numbers of findings, as one line.
  public var summary: String {
    let counts = Severity.allCases.compactMap { severity in
      let count = findings.count { $0.severity == severity }
      return count == 0 ? nil : Counting.of(count, severity.rawValue)
    }
    let nothing = isWithoutPolicies ? "nothing found: no policy was read" : "nothing found"
    return (counts.isEmpty ? nothing : counts.joined(separator: ", "))
      + (suppressed > 0 ? "; \(suppressed) suppressed" : "") + "\n"
  }

  /// As text for a terminal.
  public func text(_ style: TerminalStyle = TerminalStyle()) -> String {
    let renderer = DiagnosticRenderer(colour: style.colour)
    var text = findings.map(renderer.render).joined()
    text += summary
    guard !withoutInventory.isEmpty else { return text }
    let count = Counting.of(withoutInventory.count, "rule")
    return text
      + "left out: \(count) that need pods, of which none was read (--inventory): \(withoutInventory.joined(separator: ", "))\n"
  }
}
