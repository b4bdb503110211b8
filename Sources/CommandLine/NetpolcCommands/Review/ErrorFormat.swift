import Diagnostics
import NodeCompiler
import Reports

/// The format of errors of the input on standard output; standard error has them as text in any case.
enum ErrorFormat: String {
  /// None on standard output.
  case text
  case json
  case markdown
  case sarif
  case github
  case junit

  /// The findings in this format.
  func text(_ findings: [Diagnostic]) -> String {
    switch self {
    case .text: ""
    case .json: ErrorReport.json(findings)
    case .markdown: ErrorReport.markdown(findings)
    case .sarif: ErrorReport.sarif(findings, version: ProductVersion.current)
    case .github: ErrorReport.gitHub(findings)
    case .junit: ErrorReport.jUnit(findings)
    }
  }
}
