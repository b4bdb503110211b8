import ArgumentParser

/// The root command: `netpolc`.
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
