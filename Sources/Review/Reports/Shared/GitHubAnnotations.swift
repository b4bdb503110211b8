import Diagnostics
import Wording

/// Workflow commands of GitHub Actions, which become annotations of a pull request.
public enum GitHubAnnotations {
  /// One line a finding.
  public static func text(_ findings: [ReportedFinding]) -> String {
    findings.map { finding in
      let command = finding.severity == .note ? "notice" : finding.severity.rawValue
      var properties: [String] = []
      if let path = finding.path, let location = finding.location {
        properties = ["file=\(property(path))", "line=\(location.line)", "col=\(location.column)"]
      }
      properties.append("title=\(property("netpolc \(finding.rule)"))")
      return
        "::\(command) \(properties.joined(separator: ","))::\(data(finding.message + related(finding)))\n"
    }.joined()
  }

  /// The related places as lines of the message: an annotation has one place.
  private static func related(_ finding: ReportedFinding) -> String {
    finding.related.map { "\nalso decides: \($0)" }.joined()
  }

  /// A message; its line feeds are the program's own.
  private static func data(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false).map { GitHubMessage(foreign: String($0)) }
      .joined(separator: "\n").text
  }

  private static func property(_ text: String) -> String {
    EscapedText<GitHubPropertySink>(foreign: text).text
  }
}
