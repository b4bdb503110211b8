import AgentService
import ArgumentParser

/// Prints what installs the agent.
struct Manifest: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Prints what `kubectl apply -f -` installs on every Linux node, or takes out again.")

  @Option(help: "The agent's image.")
  var image = "netpolc-agent:latest"

  @Flag(help: "Print a DaemonSet that takes the CNI plugin and the table out of every node.")
  var uninstall = false

  @Option(
    name: .customLong("argument"),
    help: ArgumentHelp(
      "A further argument of `run`, such as --unknown-pods=allow; may be repeated.", valueName: "text"))
  var arguments: [String] = []

  func run() {
    print(AgentManifest(image: image, isRemoval: uninstall, arguments: arguments).text, terminator: "")
  }
}
