import ArgumentParser
import Diagnostics
import KubernetesManifests
import PolicyModel
import Wording

/// The two revisions of a comparison. An inventory that both share is read, and put together, once.
struct ReadingPair {
  let old: Cluster
  let new: Cluster
  /// The source lines that a report quotes.
  let quotations: Quotations

  /// Reads both sides and prints their findings; ends the command where one is an error.
  init(_ command: Diff) throws {
    let options = command.inventory
    let shared = SharedInventory(options.inventory, options, command.workloads)
    let before =
      command.oldInventory.isEmpty
      ? shared : SharedInventory(command.oldInventory, options, command.workloads)
    let (old, oldFindings, oldSources) = before.cluster(of: [command.old])
    let (new, newFindings, newSources) = shared.cluster(of: [command.new])
    var findings = shared.diagnostics + oldFindings
    if !command.oldInventory.isEmpty { findings += before.diagnostics }
    let known = Set(findings)
    findings += newFindings.filter { !known.contains($0) }
    try Findings(findings, strict: options.strict).report()
    (self.old, self.new) = (old, new)
    quotations = Quotations(oldSources + newSources)
  }
}

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

  /// Tells them; ends the command with status 2 if an error is among them.
  func report() throws {
    StandardError.report(findings)
    let errors = findings.filter { $0.severity == .error }.count
    guard errors == 0 else {
      StandardError.write("netpolc: \(Counting.of(errors, "error"))\n")
      throw ExitCode(Status.trouble)
    }
  }
}
