import ArgumentParser

/// The root command: `netpolc`.
struct Netpolc: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "netpolc",
    abstract: "A compiler from Kubernetes NetworkPolicy to nftables.",
    discussion: """
      Examples:
        netpolc compile policies/ --inventory cluster.yaml -o netpolc.nft
        netpolc diff main:policies HEAD:policies --inventory cluster.yaml
        netpolc compile policies/ --inventory cluster.yaml --node node-a --apply --confirm-within 2m
        netpolc status

      The inventory is what `kubectl get pods,namespaces,nodes -A -o yaml` prints.
      """,
    version: BuildDescription.text,
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
