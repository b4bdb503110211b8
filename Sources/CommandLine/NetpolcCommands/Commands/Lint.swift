import ArgumentParser
import NodeCompiler
import Diagnostics
import PolicyModel
import PolicyLint
import Reports

/// The command `netpolc lint`.
struct Lint: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Find likely mistakes in policies.",
    discussion: """
      --explain ID tells what a rule is about; docs/lint.md has them all. A policy's annotation \
      netpolc.io/lint-ignore: "id: reason" suppresses a rule for it, --ignore id for all.

      Exit status: 0 nothing but notes; 1 findings; 2 trouble.
      """)

  @Argument(
    help: ArgumentHelp("Files, directories, '-', or REV:PATH of a git repository.", valueName: "path"))
  var paths: [String] = []

  @OptionGroup var inventory: InventoryOptions

  @OptionGroup var workloads: WorkloadOptions

  @Option(help: "How findings are written.")
  var format: LintFormat = .text

  @Option(help: ArgumentHelp("Leave a rule out. May be repeated.", valueName: "id"))
  var ignore: [String] = []

  @Option(help: ArgumentHelp("Explain a rule and do nothing else.", valueName: "id"))
  var explain: String?

  func validate() throws {
    let known = Set(LintRule.all.map(\.id))
    for id in ignore + [explain].compactMap({ $0 }) where !known.contains(id) {
      throw ValidationError(
        "No rule is called '\(id)'. The rules are \(known.sorted().joined(separator: ", ")).")
    }
    if explain == nil, paths.isEmpty { throw ValidationError("Missing expected argument '<path> ...'") }
  }

  func run() throws {
    if let explain {
      StandardOutput.write(LintRule.all.first { $0.id == explain }?.page ?? "")
      return
    }
    let reading = try Reading(
      paths: paths, options: inventory, subjects: .podsAndWorkloads, workloads: workloads)
    // The linter tells about host bits itself.
    try Findings(reading.diagnostics.filter { $0.id != "host-bits" }, strict: inventory.strict).report()
    let outcome = Linter(ignoring: Set(ignore))
      .run(reading.contents, reading.networkPolicies, reading.cluster, readerFindings: reading.diagnostics)
    guard StandardOutput.write(format.text(outcome)) else { throw ExitCode(Status.trouble) }
    if outcome.fails { throw ExitCode(Status.finding) }
  }
}

/// The output formats of findings.
enum LintFormat: String, ExpressibleByArgument, CaseIterable {
  /// For a terminal.
  case text
  /// For programs; its schema is docs/schemas/lint.schema.json.
  case json
  /// SARIF 2.1.0, for code hosting services.
  case sarif
  /// Annotations of GitHub Actions.
  case github

  /// The findings in this format.
  func text(_ outcome: Linter.Outcome) -> String {
    switch self {
    case .text: outcome.text(Terminal.style)
    case .json: outcome.json
    case .sarif: outcome.sarif(version: ProductVersion.current)
    case .github: outcome.gitHub
    }
  }
}
