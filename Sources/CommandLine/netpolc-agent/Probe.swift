import ArgumentParser
import CNIPlugin

/// Asks the agent of this node how it is.
struct Probe: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract:
      "Asks the agent at its socket: livez, readyz, metrics or status. Exit status 0 where the answer is good."
  )

  @Argument(help: "livez, readyz, metrics or status.")
  var question = "readyz"

  @Option(help: ArgumentHelp("Where the agent's socket is.", valueName: "directory"))
  var runDirectory = "/run/netpolc"

  func validate() throws {
    guard ["livez", "readyz", "metrics", "status"].contains(question) else {
      throw ValidationError("'\(question)' is none of livez, readyz, metrics and status.")
    }
  }

  func run() throws {
    let path = "\(runDirectory)/agent.sock"
    let request = "GET /\(question) HTTP/1.1\r\nHost: agent\r\nConnection: close\r\n\r\n"
    guard case .answer(let answer) = AgentSocket.send(request, to: path, 5000), !answer.isEmpty else {
      print("no agent answers at \(path)")
      throw ExitCode(1)
    }
    let parts = answer.split(separator: "\r\n\r\n", maxSplits: 1, omittingEmptySubsequences: false)
    print(parts.count > 1 ? String(parts[1]) : "", terminator: "")
    if !answer.hasPrefix("HTTP/1.1 200") { throw ExitCode(1) }
  }
}
