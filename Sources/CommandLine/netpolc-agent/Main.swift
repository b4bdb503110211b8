import ArgumentParser
import CNIPlugin
import Enforcement
import Glibc
import LinuxNet
import NFTables

/// The node agent's command line.
struct NetpolcAgent: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "netpolc-agent", abstract: "Enforces a cluster's NetworkPolicies on one node.",
    subcommands: [Run.self, Manifest.self, InstallCNI.self, UninstallCNI.self, Probe.self, CNI.self])
}

/// Where the process begins.
@main
enum Main {
  static func main() async {
    // Before anything else: the process that runs libnftables does nothing else.
    let arguments = ProcessFacts.arguments
    if let status = NFTablesWorker.runIfRequested(arguments) { exit(status) }
    if arguments.first?.split(separator: "/").last == "netpolc-cni" { exit(AgentSocket.main()) }
    signal(SIGPIPE, SIG_IGN)
    ProcessMemory.keepSmall()
    let help: Set<String> = ["--help", "-h", "help"]
    if !ProcessFacts.hasProcFileSystem, help.isDisjoint(with: arguments) {
      let message = Array("netpolc-agent: error: /proc is not mounted, which netpolc-agent needs\n".utf8)
      _ = write(STDERR_FILENO, message, message.count)
      exit(2)
    }
    // A signal that comes before the agent listens waits for it.
    if arguments.dropFirst().first == "run" { EndSignal.take() }
    do {
      await NetpolcAgent.main(try OptionsFile.expand(Array(arguments.dropFirst())))
    } catch { NetpolcAgent.exit(withError: error) }
  }
}

/// The plugin, by its long name.
struct CNI: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cni", abstract: "Runs as the CNI plugin, as a container runtime starts it.")

  func run() throws { throw ExitCode(AgentSocket.main()) }
}
