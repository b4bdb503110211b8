import ArgumentParser
import NodeCompiler
import Diagnostics
import PolicyModel
import PolicyLint
import Reports
import ReviewSettings
import Wording

/// The command `netpolc lint`.
struct Lint: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Find likely mistakes in policies.",
    discussion: """
      --list has all rules, --explain ID describes one. A policy's annotation \
      netpolc.io/lint-ignore: "id: reason" suppresses a rule for it, --ignore id for all. Without pods, rules that need \
      an inventory are left out, and that is said.

      Examples:
        netpolc lint policies --inventory inventory.yaml
        netpolc lint policies --ignore host-bits --format sarif
        netpolc lint --explain host-bits

      Exit status: 0 nothing but notes; 1 findings; 2 error.
      """)

  @Argument(
    help: ArgumentHelp("Files, directories, '-', or REV:PATH of a git repository.", valueName: "path"),
    completion: .file())
  var paths: [String] = []

  @OptionGroup var inventory: InventoryOptions

  @OptionGroup var workloads: WorkloadOptions

  @OptionGroup var node: NodeOptions

  @Option(help: "How findings are written.")
  var format: LintFormat = .text

  @Option(
    help: ArgumentHelp("Leave a rule out. May be repeated.", valueName: "id"), completion: Self.ids)
  var ignore: [String] = []

  @Option(
    help: ArgumentHelp("Explain a rule and do nothing else.", valueName: "id"), completion: Self.ids)
  var explain: String?

  @Flag(help: "List the rules and do nothing else.")
  var list = false

  @OptionGroup(title: "Printing") var terminal: TerminalOptions

  private static let ids = CompletionKind.list(LintRule.all.map(\.id).sorted())

  func validate() throws {
    let known = Set(LintRule.all.map(\.id))
    for id in ignore + [explain].compactMap({ $0 }) where !known.contains(id) {
      throw ValidationError(
        "No rule is called '\(id)'. The rules are \(known.sorted().joined(separator: ", ")).")
    }
  }

  func run() throws {
    if let explain {
      StandardOutput.write(LintRule.all.first { $0.id == explain }?.page ?? "")
      return
    }
    if list {
      StandardOutput.write(format == .json ? LintRule.json : LintRule.listing)
      return
    }
    let (reading, settings) = try inventory.readForReview(paths, workloads)
    // The linter reports host bits itself.
    var findings = reading.diagnostics.filter { $0.id != "host-bits" } + unknownRules(settings)
    if !findings.contains(where: { $0.severity == .error }) {
      findings += EmptyInput.withoutPolicies(
        reading.cluster, .error, "there is nothing to look for mistakes in")
    }
    try Findings(findings, strict: inventory.strict).report(in: format.ofErrors)
    let outcome = Linter(
      ignoring: Set(ignore), podToNode: node.podToNode, sourceCheck: node.sourceCheck
    ) { finding in
      settings.suppressions.contains { $0.rule == finding.id && $0.covers(finding.location) }
    }.run(reading.contents, reading.networkPolicies, reading.cluster, readerFindings: reading.diagnostics)
    guard StandardOutput.report(format.text(outcome)) else { throw ExitCode(Status.trouble) }
    if outcome.fails { throw ExitCode(Status.finding) }
  }
}

extension Lint {
  /// Findings about suppressions of rules that do not exist.
  private func unknownRules(_ settings: ReviewSettings) -> [Diagnostic] {
    let known = Set(LintRule.all.map(\.id))
    return settings.suppressions.filter { !known.contains($0.rule) }.map {
      Diagnostic(
        .error, id: "bad-config", at: $0.location, field: "suppress",
        "no rule is called \(ForeignText($0.rule).quoted); 'netpolc lint --list' has them all")
    }
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

  /// The format of errors of the input.
  var ofErrors: ErrorFormat { ErrorFormat(rawValue: rawValue) ?? .text }

  /// The findings in this format.
  func text(_ outcome: Linter.Outcome) -> String {
    switch self {
    case .text: Terminal.isSummary ? outcome.summary : outcome.text(Terminal.style)
    case .json: outcome.json
    case .sarif: outcome.sarif(version: ProductVersion.current)
    case .github: outcome.gitHub
    }
  }
}
