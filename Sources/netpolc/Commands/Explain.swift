import ArgumentParser
import Diagnostics
import Lowering
import PolicyModel
import Review

/// `netpolc explain`.
struct Explain: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Tell whether a connection is allowed, and why, rule by rule.",
    usage: """
      netpolc explain <source> <destination> [<port>[/<protocol>]] <path> ... [<options>]
      netpolc explain --from-log <line, file or -> <path> ... [<options>]
      """,
    discussion: """
      An end is namespace/pod, namespace/kind/name for a workload, an address, or labels (app=web, \
      namespace/app=web: the first such pod). Without a port the answer is which ports are allowed.

      Exit status: 0 allowed; 1 denied, in any family that both ends have; 2 trouble. With --from-log: 0 nothing \
      that the log tells of is denied by these policies; 1 something is; 2 trouble.
      """)

  @Argument(
    help: ArgumentHelp(
      "Who sends, who receives, a port or port/protocol (80, 53/UDP, ICMP), then where policies are read from. "
        + "With --from-log the paths alone.", valueName: "source destination port path"))
  var words: [String] = []

  @OptionGroup var inventory: InventoryOptions

  @Option(help: "How the answer is written.")
  var format: ExplainFormat = .text

  @Flag(help: "Show the packet's way through the ruleset as well; needs a port, and text output.")
  var path = false

  @Flag(
    help: "For a denied connection, show the smallest edits that would allow it, each tried; needs a port.")
  var whyNot = false

  @Option(
    help: ArgumentHelp(
      "Tell at which commits the verdict changed; paths are then those of REV:PATH, from the repository's top. "
        + "Needs a port.", valueName: "rev..rev"))
  var history: String?

  @Option(
    help: ArgumentHelp(
      "Explain what compile --log-denied made the kernel or ulogd log: a line itself, a file of lines, or '-' for "
        + "standard input.", valueName: "line, file or -"))
  var fromLog: String?

  func run() throws {
    if let fromLog {
      try explainLog(fromLog)
    } else {
      try explainConnection()
    }
  }
}

extension Explain {
  private func explainLog(_ source: String) throws {
    guard history == nil, !whyNot, !path else {
      throw ValidationError("--from-log goes with none of --history, --path, --why-not.")
    }
    guard !words.isEmpty else { throw ValidationError("Missing expected argument '<path> ...'") }
    if ([source] + words + inventory.inventory).filter({ $0 == "-" }).count > 1 {
      throw ValidationError("'-' can be read only once.")
    }
    let reading = try read(words)
    let log = try telling { try LogReading(source: source).explained(reading.cluster) }
    let text =
      switch format {
      case .text: log.text(Terminal.style)
      case .json: log.json
      }
    guard StandardOutput.write(text) else { throw ExitCode(Status.trouble) }
    if log.deniesAny { throw ExitCode(Status.finding) }
    if log.damaged > 0 { throw ExitCode(Status.trouble) }
  }

  private func explainConnection() throws {
    guard words.count >= 2, let from = EndpointReference(words[0]), let to = EndpointReference(words[1])
    else {
      throw ValidationError(
        "An end is namespace/pod, namespace/kind/name, an address, or labels such as app=web.")
    }
    let rest = words.dropFirst(2)
    let traffic = rest.first.flatMap(TrafficReference.init)
    if whyNot, traffic == nil { throw ValidationError("--why-not needs a port, such as 80 or 53/UDP.") }
    let paths = Array(traffic == nil ? rest : rest.dropFirst())
    guard !paths.isEmpty else { throw ValidationError("Missing expected argument '<path> ...'") }
    if let history {
      guard let traffic, !whyNot, !path, format == .text else {
        throw ValidationError("--history needs a port, and goes with none of --why-not, --path, --format.")
      }
      let asked = VerdictHistory(
        source: from, destination: to, traffic: traffic, inventory: inventory)
      return try asked.run(history, paths: paths)
    }
    let reading = try read(paths)
    let explainer = Explainer(reading.cluster)
    let answers = try telling { try explainer.explain(from, to, traffic) }
    let edits = whyNot ? answers.map(explainer.edits) : nil
    guard StandardOutput.write(format.text(answers, edits)) else { throw ExitCode(Status.trouble) }
    if path, format == .text { showPaths(answers, reading.cluster) }
    if !answers.allSatisfy(\.isAllowed) { throw ExitCode(Status.finding) }
  }

  private func read(_ paths: [String]) throws -> Reading {
    let reading = try Reading(paths: paths, options: inventory, subjects: .podsAndWorkloads)
    try Findings(reading.diagnostics, strict: inventory.strict).report()
    return reading
  }

  /// Runs `ask`; why there is no answer is told, and ends the command.
  private func telling<Answer>(_ ask: () throws -> Answer) throws -> Answer {
    do {
      return try ask()
    } catch let failure as Explainer.Failure {
      StandardError.write("netpolc: error: \(failure)\n")
      throw ExitCode(Status.trouble)
    }
  }

  private func showPaths(_ answers: [Explanation], _ cluster: Cluster) {
    var lowerer = Lowerer(cluster)
    let table = lowerer.lower().table
    for answer in answers {
      if let way = RulesetPath(answer, through: table) { StandardOutput.write(way.text) }
    }
  }
}

/// How an explanation is written.
enum ExplainFormat: String, ExpressibleByArgument, CaseIterable {
  /// For a terminal.
  case text
  /// For programs; its schema is docs/schemas/explain.schema.json.
  case json

  /// The explanations in this format.
  func text(_ answers: [Explanation], _ edits: [[AllowingEdits]]?) -> String {
    switch self {
    case .text:
      answers.enumerated().map { place, answer in
        let plans = answer.isAllowed ? nil : edits.map { Explanation.text($0[place], Terminal.style) }
        return answer.text(Terminal.style) + (plans ?? "")
      }.joined(separator: "\n")
    case .json: JSONExplanation.text(answers, edits: edits)
    }
  }
}
