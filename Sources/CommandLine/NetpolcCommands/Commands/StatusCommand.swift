import ArgumentParser

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

      Exit status: 0 as installed; 1 no table, or not the one that netpolc installed; 2 trouble.
      """)

  @Option(help: "How the status is written.")
  var format: StatusFormat = .text

  func run() throws {
    #if os(Linux)
      do {
        let status = try Enforcer().status()
        StandardOutput.write(StatusReport(status).written(as: format))
        if !status.isAsInstalled { throw ExitCode(Status.finding) }
      } catch let failure as EnforcementFailure { try ApplyReport.tell(failure) }
    #else
      throw ValidationError("status needs Linux.")
    #endif
  }
}

/// The output formats of a status.
enum StatusFormat: String, ExpressibleByArgument, CaseIterable {
  /// Text for people.
  case text
  /// JSON for programs.
  case json
}
