import ArgumentParser
import Enforcement
import KernelReader
import LinuxNet
import NFTables

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The whole program as a function of its arguments.
public enum NetpolcProgram {
  /// Runs the command that this process was started with.
  ///
  /// - Returns: the exit status of the command-line contract.
  public static func run() -> Int32 {
    #if os(Linux)
      run(ProcessFacts.arguments)
    #else
      run(CommandLine.arguments)
    #endif
  }

  /// Runs one command, or serves as one of netpolc's own child processes.
  ///
  /// - Parameter arguments: the process's arguments, with the program's name first.
  /// - Returns: the exit status of the command-line contract.
  public static func run(_ arguments: [String]) -> Int32 {
    // First of all: the process that runs libnftables does nothing else.
    if let status = NFTablesWorker.runIfRequested(arguments) { return status }
    if let status = LibraryVersion.runIfRequested(arguments) { return status }
    #if os(Linux)
      if let status = RulesetTrial.runIfRequested(arguments) { return status }
    #endif
    #if os(Linux)
      // Nor does the process that undoes an unconfirmed change.
      if let status = Watchdog.runIfRequested(arguments) { return status }
    #endif
    // SIGPIPE is ignored, so a closed pipe is a write error.
    signal(SIGPIPE, SIG_IGN)
    do {
      var command = try Netpolc.parseAsRoot(Array(arguments.dropFirst()))
      #if os(Linux)
        if arguments.dropFirst().first != "help", helpOptions.isDisjoint(with: arguments) {
          try prepareNode()
        }
      #endif
      try command.run()
      return StandardOutput.hasFailed ? Status.trouble : Status.success
    } catch {
      return end(with: error)
    }
  }

  /// The options that ask for the help.
  private static let helpOptions: Set<String> = ["--help", "-h"]

  /// Reports why the command ended. Misuse is bad input: status 2 as for any other, where the argument parser alone
  /// would say 64.
  private static func end(with error: any Error) -> Int32 {
    let code = Netpolc.exitCode(for: error)
    if error is ExitCode { return StandardOutput.hasFailed ? Status.trouble : code.rawValue }
    let message = Netpolc.fullMessage(for: error)
    if code.isSuccess {
      // Known only when it is asked for: the library's version takes a process.
      let isVersion = message == Netpolc.configuration.version
      StandardOutput.write(isVersion ? VersionText.text : message + "\n")
      return StandardOutput.hasFailed ? Status.trouble : Status.success
    }
    StandardError.write(message + "\n")
    return Status.trouble
  }

  #if os(Linux)
    /// Requires `/proc`, which every command needs, and undoes a change that was not confirmed in time and whose
    /// watchdog is gone.
    private static func prepareNode() throws {
      guard ProcessFacts.hasProcFileSystem else {
        StandardError.write(
          "netpolc: error: /proc is not mounted, which netpolc needs: mount -t proc proc /proc\n")
        throw ExitCode(Status.trouble)
      }
      do throws(EnforcementFailure) {
        if let undone = try Enforcer().undoExpired(onWait: Waiting.tell) {
          StandardError.write("netpolc: warning: \(undone.words)\n")
        }
      } catch {
        StandardError.write(
          "netpolc: warning: a change was not confirmed in time and its watchdog is gone, but it cannot be undone: \(error)\n"
        )
      }
    }
  #endif
}
