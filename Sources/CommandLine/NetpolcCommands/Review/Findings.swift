import ArgumentParser
import Diagnostics
import Wording

/// Findings about the input of a review, for standard error.
struct Findings {
  private let findings: [Diagnostic]

  /// Findings in any order; warnings are errors where `strict` asks for that.
  init(_ findings: [Diagnostic], strict: Bool) {
    self.findings = findings.map { finding in
      guard strict, finding.severity == .warning else { return finding }
      var raised = finding
      raised.severity = .error
      return raised
    }.sorted(by: Diagnostic.inReadingOrder)
  }

  /// Tells them; ends the command with status 2 if an error is among them, which standard output then has too, in the format
  /// of the report that would be there.
  func report(in format: ErrorFormat = .text) throws {
    StandardError.report(findings)
    StandardError.write(
      LikelyCause.of(findings).map { "netpolc: likely cause: \(ForeignText($0).line)\n" }.joined())
    if findings.contains(where: { $0.severity == .error }) { StandardOutput.write(format.text(findings)) }
    let errors = findings.filter { $0.severity == .error }.count
    guard errors == 0 else {
      StandardError.write("netpolc: \(Counting.of(errors, "error"))\n")
      throw ExitCode(Status.trouble)
    }
  }

  /// Tells an error that is about no place of the input, in the format of the report too.
  ///
  /// - Returns: the exit status to end the command with.
  static func failure(_ id: String, _ message: String, in format: ErrorFormat) -> ExitCode {
    StandardError.write("netpolc: error: \(message)\n")
    StandardOutput.write(format.text([Diagnostic(.error, id: id, at: nil, message)]))
    return ExitCode(Status.trouble)
  }
}
