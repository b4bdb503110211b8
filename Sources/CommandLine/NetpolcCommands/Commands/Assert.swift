import ArgumentParser
import Diagnostics
import Documents
import KubernetesManifests
import PolicyModel
import PolicyAssert
import Reports

/// The command `netpolc assert`.
struct Assert: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Check connections that you require or forbid.",
    discussion: """
      FILE holds expectations in YAML; docs/review.md tells how they are written, docs/schemas/assert.schema.json \
      exactly.

      Exit status: 0 all hold; 1 one does not; 2 trouble, or one is undecided, because the pods to come that it speaks \
      of are of too many kinds.
      """)

  @Argument(help: "The expectations.")
  var file: String

  @OptionGroup var input: InputOptions

  @OptionGroup var workloads: WorkloadOptions

  @Option(help: "How the results are written.")
  var format: ExplainFormat = .text

  func run() throws {
    let loaded = ManifestLoader().load([file])
    let read = loaded.sources.map(ExpectationReader.read)
    let reading = try input.read(.podsAndWorkloads, workloads)
    let findings = loaded.diagnostics + read.flatMap(\.diagnostics) + reading.diagnostics
    try Findings(findings, strict: input.inventory.strict).report()
    let expectations = read.flatMap(\.expectations)
    let asserter = Asserter(reading.cluster)
    let results = expectations.map(asserter.check)
    let text = format == .json ? AssertReport.json(results) : AssertReport.text(results, Terminal.style)
    guard StandardOutput.write(text) else { throw ExitCode(Status.trouble) }
    if results.contains(where: { $0.undecided != nil }) { throw ExitCode(Status.trouble) }
    if results.contains(where: { !$0.holds }) { throw ExitCode(Status.finding) }
  }
}
