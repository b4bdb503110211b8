import Diagnostics

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
      return "::\(command) \(properties.joined(separator: ","))::\(data(finding.message))\n"
    }.joined()
  }

  private static func data(_ text: String) -> String {
    escape(text, [("%", "%25"), ("\r", "%0D"), ("\n", "%0A")])
  }

  private static func property(_ text: String) -> String {
    escape(text, [("%", "%25"), ("\r", "%0D"), ("\n", "%0A"), (":", "%3A"), (",", "%2C")])
  }

  private static func escape(_ text: String, _ pairs: [(Character, String)]) -> String {
    text.reduce(into: "") { result, character in
      result += pairs.first { $0.0 == character }?.1 ?? String(character)
    }
  }
}
