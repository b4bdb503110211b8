import ArgumentParser
import NodeCompiler
import PolicyModel

/// The limits of what an apply may open.
struct ReleaseOptions: ParsableArguments {
  @Flag(help: "Apply also where no pod with an address or no policy was read, which leaves every pod open.")
  var allowEmpty = false

  @Option(
    help: ArgumentHelp(
      "The most addresses that may lose their isolation while they are in use. By default a tenth of them or 3, "
        + "whichever is more, but never all.", valueName: "N|N%"))
  var maxReleased: ReleaseLimit?

  /// Ends the command with status 2 where too little was read to be applied.
  func refuseEmpty(_ cluster: Cluster) throws {
    guard !allowEmpty, cluster.pods.isEmpty || cluster.policies.isEmpty else { return }
    let missing = cluster.pods.isEmpty ? "no pod with an address" : "no policy"
    StandardError.write(
      "netpolc: error: \(missing) was read: this ruleset would leave every pod open (--allow-empty applies it all the "
        + "same); nothing was applied\n")
    throw ExitCode(Status.trouble)
  }
}
