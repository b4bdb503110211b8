import ArgumentParser
import NodeCompiler

/// The root command: `netpolc`.
struct Netpolc: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "netpolc",
    abstract: "A compiler from Kubernetes NetworkPolicy to nftables.",
    version: ProductVersion.current,
    groupedSubcommands: [
      CommandGroup(name: "Compiler", subcommands: [Compile.self, Verify.self]),
      CommandGroup(
        name: "Review", subcommands: [Diff.self, List.self, Explain.self, Lint.self, Assert.self]),
      CommandGroup(
        name: "Node",
        subcommands: [
          PlanCommand.self, ApplyCommand.self, StatusCommand.self, Confirm.self, Rollback.self, Remove.self,
        ]),
    ])
}
