import ArgumentParser
import Diagnostics
import PolicyExplain
import PolicyList
import PolicyModel
import Reports
import Wording

/// The command `netpolc list`.
struct List: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "List every allowed connection, by groups of pods that may reach the same.",
    discussion: """
      A line is SENDER to RECEIVER: TRAFFIC, and holds for each pod of one and each of the other. Addresses outside are \
      those that no pod has. With --exposure the list also has what pods to come may reach and be reached by.

      --from and --to take what explain takes: namespace/pod, namespace/kind/name, an address or a block, or a selector \
      such as app=web.

      Examples:
        netpolc list policies --inventory inventory.yaml
        netpolc list policies --inventory inventory.yaml --to app=hello --exposure

      Exit status: 0 listed; 2 error.
      """)

  @OptionGroup var input: ReviewInputOptions

  @Option(help: ArgumentHelp("Only connections from these.", valueName: "end"))
  var from: String?

  @Option(help: ArgumentHelp("Only connections to these.", valueName: "end"))
  var to: String?

  @Flag(help: "Add what pods to come may reach and be reached by.")
  var exposure = false

  @Option(help: "How the list is written.")
  var format: ListFormat = .text

  @OptionGroup var workloads: WorkloadOptions

  @OptionGroup(title: "Printing") var terminal: TerminalOptions

  func run() throws {
    var (reading, _) = try input.inventory.readForReview(input.paths, workloads)
    reading.add { EmptyInput.withoutPolicies($0.cluster, .warning, "everything is allowed") }
    try Findings(reading.diagnostics, strict: input.inventory.strict).report(in: format.ofErrors)
    let lister = ConnectionLister(reading.cluster)
    let list = lister.list(
      from: try from.map { try filter($0, "--from", lister.cluster) },
      to: try to.map { try filter($0, "--to", lister.cluster) }, exposure: exposure)
    guard StandardOutput.report(format.text(list)) else { throw ExitCode(Status.trouble) }
  }

  private func filter(_ text: String, _ option: String, _ cluster: Cluster) throws -> EndpointFilter {
    guard let reference = EndpointReference(text, namespace: input.inventory.namespace) else {
      throw ValidationError("\(option) takes \(EndpointReference.forms).")
    }
    let filter = EndpointFilter(pods: Set(reference.pods(in: cluster)), blocks: reference.blocks)
    if filter.pods.isEmpty, filter.blocks.isEmpty {
      throw Findings.failure(
        "unknown-endpoint", "\(option): no pod or workload is \(ForeignText(reference.words).line)",
        in: format.ofErrors)
    }
    return filter
  }
}

/// The output formats of a list.
enum ListFormat: String, ExpressibleByArgument, CaseIterable {
  /// For a terminal.
  case text
  /// For programs; its schema is docs/schemas/list.schema.json.
  case json
  /// Comma-separated values, with a head.
  case csv
  /// A table for a page or a comment.
  case markdown
  /// A graph for Graphviz.
  case dot

  /// The format of errors beside it.
  var ofErrors: ErrorFormat { ErrorFormat(rawValue: rawValue) ?? .text }

  /// The list in this format.
  func text(_ list: ConnectionList) -> String {
    switch self {
    case .text: Terminal.isSummary ? ListReport.summary(list) + "\n" : ListReport.text(list, Terminal.style)
    case .json: JSONList.text(list)
    case .csv: ListReport.csv(list)
    case .markdown: ListReport.markdown(list)
    case .dot: ListReport.dot(list)
    }
  }
}
