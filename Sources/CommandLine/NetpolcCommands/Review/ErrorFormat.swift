import Diagnostics
import NodeCompiler
import Reports
import ReviewPages

/// The format of errors of the input on standard output; standard error has them as text in any case.
enum ErrorFormat: String {
  /// None on standard output.
  case text
  case json
  case markdown
  case sarif
  case github
  case junit
  case csv
  case dot
  case html

  /// The findings in this format.
  func text(_ findings: [Diagnostic]) -> String {
    switch self {
    case .text: ""
    case .json: ErrorReport.json(findings)
    case .markdown: ErrorReport.markdown(findings)
    case .sarif: ErrorReport.sarif(findings, version: ProductVersion.current)
    case .github: ErrorReport.gitHub(findings)
    case .junit: ErrorReport.jUnit(findings)
    case .csv: ErrorReport.csv(findings)
    case .dot: ErrorReport.dot(findings)
    case .html: HTMLErrors.text(findings)
    }
  }
}
