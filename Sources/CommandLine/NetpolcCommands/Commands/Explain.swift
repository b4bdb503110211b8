import ArgumentParser
import Diagnostics
import Lowering
import PolicyModel
import PolicyExplain
import PolicyTrace
import Reports
import Ruleset
import Wording

/// The command `netpolc explain`.
struct Explain: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show whether a connection is allowed, and why, rule by rule.",
    usage: """
      netpolc explain <source> <destination> [<port>[/<protocol>]] <path> ... [<options>]
      netpolc explain --from-log <line, file or -> <path> ... [<options>]
      """,
    discussion: """
      SOURCE and DESTINATION are namespace/pod, deploy/web or a name (with -n), namespace/kind/name for a workload, an \
      address, a block of addresses, or a selector as kubectl takes it (app=web, namespace/app=web,tier!=db): all such \
      pods, of which those that the policies treat alike are reported together. Without a port the answer is which ports \
      are allowed; a range (8080-8090) and a port's name (http) are answered part by part. DESTINATION may be \
      service/name, namespace/service/name or a service's address, with the service's port: packets to it are \
      rewritten to its pods before policies are asked, so these are explained. With --ingress-controller SOURCE may be \
      ingress-controller: its pods.

      Examples:
        netpolc explain v2-client hello-1 8080 policies --inventory inventory.yaml
        netpolc explain 172.17.0.9 default/app=hello 8080 policies \\
          --inventory inventory.yaml --path
        netpolc explain v1-client hello-1 8080 policies \\
          --inventory inventory.yaml --why-not
        journalctl -k | netpolc explain --from-log - policies \\
          --inventory inventory.yaml

      Exit status: 0 allowed, for every pair and in every family that both ends have; 1 denied; 2 error; 3 depends on \
      the address that a pod or workload without one gets. With \
      --from-log: 0 nothing that the log tells of is denied by these policies; 1 something is; 2 error.
      """)

  @Argument(
    help: ArgumentHelp(
      "Who sends, who receives, a port or port/protocol (80, 53/UDP, ICMP), then where policies are read from. "
        + "With --from-log the paths alone.", valueName: "source destination port path"),
    completion: .file())
  var words: [String] = []

  @OptionGroup var inventory: InventoryOptions

  @OptionGroup var workloads: WorkloadOptions

  @OptionGroup var node: NodeOptions

  @Option(help: "How the answer is written.")
  var format: ExplainFormat = .text

  @Flag(help: "Show the packet's way through the ruleset as well: chain, rule, set element; needs a port.")
  var path = false

  @Flag(
    help: ArgumentHelp(
      "For a denied connection, show the smallest edits that would allow it, each tried, those first that allow the "
        + "least besides; needs a port."))
  var whyNot = false

  @Option(
    help: ArgumentHelp(
      "Tell at which commits the verdict changed, and which commit of a merged branch brought it; paths are then those "
        + "of REV:PATH, from the repository's top. Needs a port.", valueName: "rev..rev"))
  var history: String?

  @Option(
    help: ArgumentHelp(
      "Explain what compile --log-denied made the kernel or ulogd log: a line itself, a file of lines, or '-' for "
        + "standard input.", valueName: "line, file or -"), completion: .file())
  var fromLog: String?

  @OptionGroup(title: "Printing") var terminal: TerminalOptions

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
    guard history == nil, !whyNot, !path, node.sourceCheck == nil else {
      throw ValidationError(
        "--from-log cannot be combined with --history, --path, --why-not, --source-check.")
    }
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
    guard StandardOutput.report(text) else { throw ExitCode(Status.trouble) }
    if log.deniesAny { throw ExitCode(Status.finding) }
    if log.damaged > 0 { throw ExitCode(Status.trouble) }
  }

  private func explainConnection() throws {
    let namespace = inventory.namespace
    guard words.count >= 2,
      let from = try ingressController() ?? EndpointReference(words[0], namespace: namespace),
      let to = EndpointReference(words[1], namespace: namespace)
    else {
      let file = words.prefix(2).first { InputFile(path: $0).exists }
      let hint = file.map { " '\($0)' is a file or directory: paths come behind the two ends." } ?? ""
      throw ValidationError("SOURCE and DESTINATION must be \(EndpointReference.forms).\(hint)")
    }
    let rest = words.dropFirst(2)
    // A word that names a file is a path.
    let question = rest.first.flatMap { InputFile(path: $0).exists ? nil : TrafficQuestion($0) }
    let traffic = question?.reference
    if case .service = from {
      throw ValidationError("A service cannot be the SOURCE: its pods send with their own addresses.")
    }
    for (isAsked, flag) in [(whyNot, "--why-not"), (path, "--path"), (history != nil, "--history")]
    where isAsked && traffic == nil {
      throw ValidationError("\(flag) needs a port, such as 80 or 53/UDP.")
    }
    let paths = Array(question == nil ? rest : rest.dropFirst())
    if let history, let traffic {
      guard !paths.isEmpty else { throw ValidationError("Missing expected argument '<path> ...'") }
      guard !whyNot, !path, node.sourceCheck == nil else {
        throw ValidationError("--history cannot be combined with --why-not, --path, --source-check.")
      }
      var asked = try VerdictHistory(
        history, source: from, destination: to, traffic: traffic, paths: paths, options: inventory,
        workloads: workloads, podToNode: node.podToNode, format: format.ofErrors)
      let report = try asked.report()
      try end(format == .json ? report.json : report.text, report.last)
      return
    }
    let reading = try read(paths)
    let explainer = Explainer(
      reading.cluster, reading.networkPolicies, contents: reading.contents, podToNode: node.podToNode)
    if let question, traffic == nil {
      try explain(question, from, to, explainer, reading.cluster)
      return
    }
    let answer = try telling { try explainer.ask(from, to, traffic, namespace: inventory.namespace) }
    let table = path ? table(reading.cluster) : nil
    func beside(_ answer: Explanation) -> ExplanationExtras {
      let way = table.flatMap { RulesetPath(answer, through: $0) }
      return ExplanationExtras(
        edits: whyNot ? explainer.edits(allowing: answer) : nil, path: way, hasNoPath: path && way == nil,
        forgery: node.sourceCheck.flatMap { explainer.forgery(answer, $0) })
    }
    guard StandardOutput.report(format.text(answer, beside)) else { throw ExitCode(Status.trouble) }
    switch answer.verdict {
    case .allowed: break
    case .denied: throw ExitCode(Status.finding)
    case .dependsOnAddress: throw ExitCode(Status.undecided)
    }
  }

  /// The pods of the controller of ingress that the options name, where `ingress-controller` is the sender.
  private func ingressController() throws -> EndpointReference? {
    guard words[0] == "ingress-controller" else { return nil }
    let known = workloads.controllers
    guard known.count == 1 else {
      throw ValidationError("The SOURCE ingress-controller needs one --ingress-controller NAMESPACE.")
    }
    return .selector(namespace: known[0].namespace, known[0].pods)
  }

  /// Answers a question about a range of ports or a named port part by part.
  private func explain(
    _ question: TrafficQuestion, _ from: EndpointReference, _ to: EndpointReference, _ explainer: Explainer,
    _ cluster: Cluster
  ) throws {
    let parts = question.parts(in: cluster, to.pods(in: cluster))
    guard !parts.isEmpty else {
      throw Findings.failure(
        "unknown-port",
        "no pod of \(ForeignText(to.words).line) has a port of this name, and no file is called so: \(ForeignText(words[2]).line)",
        in: format.ofErrors)
    }
    var text = ""
    var verdicts: [Answer.Verdict] = []
    for part in parts {
      let answer = try telling { try explainer.ask(from, to, part.traffic, namespace: inventory.namespace) }
      verdicts.append(answer.verdict)
      if format == .text { text += (text.isEmpty ? "" : "\n") + "\(part.words):\n" }
      text += format.text(answer) { answer in
        ExplanationExtras(forgery: node.sourceCheck.flatMap { explainer.forgery(answer, $0) })
      }
    }
    guard StandardOutput.report(text) else { throw ExitCode(Status.trouble) }
    if verdicts.contains(.denied) { throw ExitCode(Status.finding) }
    if verdicts.contains(.dependsOnAddress) { throw ExitCode(Status.undecided) }
  }

  private func end(_ text: String, _ verdict: VerdictReport.Verdict?) throws {
    guard StandardOutput.report(text) else { throw ExitCode(Status.trouble) }
    if verdict != .allowed { throw ExitCode(verdict == .denied ? Status.finding : Status.trouble) }
  }

  private func table(_ cluster: Cluster) -> Table {
    var lowerer = Lowerer(cluster)
    // A pod's packets come by its own interface, to which its address is routed: they pass a check of sources.
    let modes = EnforcementModes(
      podToNode: node.podToNode, sourceCheck: node.sourceCheck ?? .off, podInterfaces: ["pod*"])
    return lowerer.lower(LoweringOptions(modes: modes)).table
  }

  private func read(_ paths: [String]) throws -> Reading {
    var (reading, _) = try inventory.readForReview(paths, workloads)
    reading.add { EmptyInput.withoutPolicies($0.cluster, .warning, "everything is allowed") }
    try Findings(reading.diagnostics, strict: inventory.strict).report(in: format.ofErrors)
    return reading
  }

  /// Runs `ask`; without an answer the reason is printed, and the command ends.
  private func telling<Answer>(_ ask: () throws -> Answer) throws -> Answer {
    do {
      return try ask()
    } catch let failure as Explainer.Failure {
      throw Findings.failure("no-answer", failure.description, in: format.ofErrors)
    }
  }
}

/// The output formats of an explanation.
enum ExplainFormat: String, ExpressibleByArgument, CaseIterable {
  /// For a terminal.
  case text
  /// For programs; its schema is docs/schemas/explain.schema.json.
  case json

  /// The format of errors of the input.
  var ofErrors: ErrorFormat { ErrorFormat(rawValue: rawValue) ?? .text }

  /// The answer in this format, with the additions to each explanation.
  func text(_ answer: Answer, _ beside: (Explanation) -> ExplanationExtras) -> String {
    if self == .text, Terminal.isSummary {
      let text = ExplainFormat.text.whole(answer, beside)
      return text.split(separator: "\n").first.map { $0 + "\n" } ?? ""
    }
    return whole(answer, beside)
  }

  private func whole(_ answer: Answer, _ beside: (Explanation) -> ExplanationExtras) -> String {
    switch (self, answer) {
    case (.text, .connection(let answers)):
      (answer.verdict == .dependsOnAddress
        ? "DEPENDS on the address that an end gets: name its block with --pod-cidr\n\n" : "")
        + answers.map { $0.text(Terminal.style) + beside($0).text($0, Terminal.style) }.joined(
          separator: "\n")
    case (.text, .group(let group)): group.text(Terminal.style, beside: beside)
    case (.text, .service(let service)): service.text(Terminal.style, beside: beside)
    case (.json, .service(let service)): service.json(beside: beside)
    case (.json, .connection(let answers)): JSONExplanation.text(answers, beside: beside)
    case (.json, .group(let group)): group.json(beside: beside)
    }
  }
}
