import ArgumentParser
import Diagnostics
import Documents
import KubernetesManifests
import NodeCompiler
import PolicyModel
import PolicyAssert
import Reports

/// The command `netpolc assert`.
struct Assert: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Check connections that you require or forbid.",
    discussion: """
      FILE holds expectations in YAML; docs/review.md describes them, docs/schemas/assert.schema.json \
      exactly.

      Examples:
        netpolc assert expectations.yaml policies --inventory inventory.yaml
        netpolc assert expectations.yaml policies --inventory inventory.yaml \\
          --format junit

      Exit status: 0 all hold; 1 one does not; 2 error, or one is undecided, because the pods to come that it speaks \
      of are of too many kinds.
      """)

  @Argument(help: "The expectations.", completion: .file())
  var file: String

  @OptionGroup var input: ReviewInputOptions

  @OptionGroup var workloads: WorkloadOptions

  @OptionGroup var node: NodeOptions

  @Option(help: "How the results are written.")
  var format: AssertFormat = .text

  @OptionGroup(title: "Printing") var terminal: TerminalOptions

  func run() throws {
    let loaded = ManifestLoader().load([file])
    let read = loaded.sources.map(ExpectationReader.read)
    let (reading, _) = try input.inventory.readForReview(input.paths, workloads)
    var findings = loaded.diagnostics + read.flatMap(\.diagnostics) + reading.diagnostics
    if !findings.contains(where: { $0.severity == .error }) {
      findings += EmptyInput.withoutPolicies(
        reading.cluster, .error, "everything is allowed and nothing is checked")
    }
    try Findings(findings, strict: input.inventory.strict).report(in: format.ofErrors)
    let expectations = read.flatMap(\.expectations)
    let asserter = Asserter(
      reading.cluster, podToNode: node.podToNode, sourceCheck: node.sourceCheck)
    let results = expectations.map(asserter.check)
    guard StandardOutput.report(format.text(results)) else { throw ExitCode(Status.trouble) }
    if results.contains(where: { $0.undecided != nil }) { throw ExitCode(Status.trouble) }
    if results.contains(where: { !$0.holds }) { throw ExitCode(Status.finding) }
  }
}

/// The output formats of checked expectations.
enum AssertFormat: String, ExpressibleByArgument, CaseIterable {
  /// For a terminal.
  case text
  /// For programs; its schema is docs/schemas/assert-result.schema.json.
  case json
  /// A test suite, for CI services.
  case junit
  /// SARIF 2.1.0, for code hosting services.
  case sarif
  /// Annotations of GitHub Actions.
  case github

  /// The format of errors of the input.
  var ofErrors: ErrorFormat { ErrorFormat(rawValue: rawValue) ?? .text }

  /// The results in this format.
  func text(_ results: [ExpectationResult]) -> String {
    switch self {
    case .text:
      Terminal.isSummary ? AssertReport.summary(results) : AssertReport.text(results, Terminal.style)
    case .json: AssertReport.json(results)
    case .junit: AssertReport.jUnit(results)
    case .sarif: AssertReport.sarif(results, version: ProductVersion.current)
    case .github: AssertReport.gitHub(results)
    }
  }
}
