import Diagnostics
import JSONText
public import PolicyLint

extension LintRule {
  /// All pages as one Markdown document: `docs/lint.md`.
  public static var documentation: String {
    """
    # Rules of `netpolc lint`

    Written by the program; `netpolc lint --explain ID` prints one. A warning makes the exit status 1, a note does not.
    A policy's annotation `\(Linter.annotation): "id: reason"` (several parted by `;`) suppresses a rule for it;
    `--ignore id` leaves a rule out.


    """
      + all.map { "## \($0.id)\n\n*\($0.severity.rawValue)*: \($0.title).\n\n\($0.explanation)\n" }.joined(
        separator: "\n")
  }

  /// Every rule on a line, with its severity: for a terminal.
  public static var listing: String {
    let width = all.map(\.id.count).max() ?? 0
    return all.map { rule in
      let padding = String(repeating: " ", count: width - rule.id.count)
      let severity = rule.severity == .note ? "note   " : rule.severity.rawValue
      return "\(rule.id)\(padding)  \(severity)  \(rule.title)\(rule.needsPods ? " (needs pods)" : "")\n"
    }.joined()
  }

  /// Every rule as JSON, whose schema is `docs/schemas/lint.schema.json`; one line.
  public static var json: String {
    var json = JSONWriter()
    json.object { json in
      json.pair("apiVersion", "netpolc/v1")
      json.pair("kind", "LintRules")
      json.key("rules")
      json.array { json in
        for rule in all {
          json.object { json in
            json.pair("id", rule.id)
            json.pair("severity", rule.severity.rawValue)
            json.pair("title", rule.title)
            json.pair("explanation", rule.explanation)
            json.key("needsPods")
            json.bool(rule.needsPods)
          }
        }
      }
    }
    return json.text + "\n"
  }
}
