import ArgumentParser
import NFTables

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Measures what everything costs, as ratios against limits of the same run, and makes the clusters for that.
struct Benchmarks: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "netpolc-bench", abstract: "Benchmarks of netpolc, and clusters for them.",
    subcommands: [Measure.self, Generate.self, Repeat.self, Peers.self, Sizes.self, Rollback.self],
    defaultSubcommand: Measure.self)
}

/// Where the process begins.
@main
enum Main {
  static func main() {
    // A process that runs libnftables does nothing else.
    if let status = NFTablesWorker.runIfRequested(CommandLine.arguments) { exit(status) }
    Benchmarks.main()
  }
}
