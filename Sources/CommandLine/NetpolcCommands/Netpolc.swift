import ArgumentParser
import NodeCompiler

/// The root command: `netpolc`.
struct Netpolc: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "netpolc",
    abstract: "A compiler from Kubernetes NetworkPolicy to nftables.",
    discussion: """
      Examples:
        kubectl get networkpolicies -A -o yaml > policies.yaml
        kubectl get pods,namespaces,nodes -A -o yaml > inventory.yaml
        netpolc compile policies.yaml --inventory inventory.yaml -o all.nft
        netpolc list policies.yaml --inventory inventory.yaml
      """,
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
