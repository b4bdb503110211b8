import ArgumentParser
import Enforcement
import NFTables

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The command line.
struct Netpolc: ParsableCommand {
  /// The version of this build.
  static let version = "0.1.0"

  static let configuration = CommandConfiguration(
    commandName: "netpolc",
    abstract: "A compiler from Kubernetes NetworkPolicy to nftables.",
    version: version,
    groupedSubcommands: [
      CommandGroup(name: "Compiler", subcommands: [Compile.self, Verify.self]),
      CommandGroup(name: "Review", subcommands: [Diff.self, Explain.self, Lint.self, Assert.self]),
      CommandGroup(name: "Node", subcommands: [StatusCommand.self, Confirm.self, Rollback.self]),
    ])
}

/// Where the process begins.
@main
enum Main {
  static func main() {
    // Before anything else: the process that runs libnftables does nothing else.
    if let status = NFTablesGuest.runIfRequested(CommandLine.arguments) { exit(status) }
    #if os(Linux)
      // Nor does the process that undoes a change which nobody confirms.
      if let status = Watchdog.runIfRequested(CommandLine.arguments) { exit(status) }
    #endif
    // A reader of the output that goes away is an error of a write, not a death.
    signal(SIGPIPE, SIG_IGN)
    do {
      var command = try Netpolc.parseAsRoot()
      try command.run()
    } catch {
      exit(end(with: error))
    }
  }

  /// Tells why the command ended. Misuse is bad input: status 2 as for any other, where the argument parser alone
  /// would say 64.
  private static func end(with error: any Error) -> Int32 {
    let code = Netpolc.exitCode(for: error)
    if error is ExitCode { return code.rawValue }
    let message = Netpolc.fullMessage(for: error)
    if code.isSuccess {
      StandardOutput.write(message + "\n")
      return Status.success
    }
    StandardError.write(message + "\n")
    return Status.trouble
  }
}
