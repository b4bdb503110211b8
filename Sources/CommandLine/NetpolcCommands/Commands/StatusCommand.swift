import ArgumentParser
import CNIPlugin

#if os(Linux)
  import Enforcement
#endif

/// The command `netpolc status`.
struct StatusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Show what is installed in this network namespace.",
    discussion: """
      Table, revision, age, what waits for a confirmation, whether another program changed the table, and how many \
      packets each class of pods was denied.

      Examples:
        netpolc status
        netpolc status --format json

      Exit status: 0 as installed; 1 no table, or not the one that netpolc installed; 2 error.
      """)

  @Option(help: "How the status is written.")
  var format: StatusFormat = .text

  func run() throws {
    #if os(Linux)
      do {
        let enforcer = Enforcer()
        // An agent writes the record when it is asked; a commit of its own may come between.
        var agent = AgentLine.ask(in: enforcer.directory.path)
        var status = try enforcer.status()
        for _ in 0..<5 where agent != nil && !status.isAsInstalled {
          agent = AgentLine.ask(in: enforcer.directory.path)
          status = try enforcer.status()
        }
        let report = StatusReport(status, agent: agent)
        StandardOutput.write(report.written(as: format))
        if !status.isAsInstalled { throw ExitCode(Status.finding) }
      } catch let failure as EnforcementFailure { try ApplyReport.tell(failure) }
    #else
      throw ValidationError("status needs Linux.")
    #endif
  }
}

#if os(Linux)
  /// The word of the node's agent about itself; the agent writes the record of its table before.
  enum AgentLine {
    /// One line; nil where no agent runs on this node.
    static func ask(in directory: String) -> String? {
      let path = "\(directory)/agent.sock"
      let request = "GET /status HTTP/1.1\r\nHost: agent\r\nConnection: close\r\n\r\n"
      guard case .answer(let answer) = AgentSocket.send(request, to: path, 10_000),
        answer.hasPrefix("HTTP/1.1 200"), let head = answer.firstRange(of: "\r\n\r\n")
      else { return nil }
      return String(answer[head.upperBound...].prefix { !$0.isNewline })
    }
  }
#endif

/// The output formats of a status.
enum StatusFormat: String, ExpressibleByArgument, CaseIterable {
  /// Text for people.
  case text
  /// JSON for programs.
  case json
}
