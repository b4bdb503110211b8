import ArgumentParser

/// Measures what everything costs, as ratios against limits of the same run, and makes the clusters for that.
@main
struct Benchmarks: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "netpolc-bench", abstract: "Benchmarks of netpolc, and clusters for them.",
    subcommands: [Generate.self])
}
