import Documents
import ArgumentParser
import Digest
import KubernetesManifests
import Lowering
import NodeCompiler
import PolicyModel
import Proving
import RulesetText

#if os(Linux)
  import Enforcement
#endif

/// The command `netpolc plan`.
struct PlanCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "Show what an apply would change, and keep it as a plan.",
    discussion: """
      Compiles, proves, and compares with the table of this network namespace, as `compile --apply --dry-run` does. \
      Nothing is changed.

      With --output the plan is kept in a file with all its inputs. `netpolc apply FILE` makes exactly this change, and \
      refuses it where the table that is loaded by then is another.

      Examples:
        netpolc plan policies --inventory inventory.yaml --node node-a -o plan.json
        netpolc apply plan.json --confirm-within 2m

      Exit status: 0 done; 2 bad input or failure.
      """)

  @OptionGroup var input: InputOptions

  @Option(help: ArgumentHelp("Isolate the pods of this node only.", valueName: "name"), completion: .nodes)
  var node: String?

  @Option(
    name: .shortAndLong, help: ArgumentHelp("Keep the plan in a file.", valueName: "file"),
    completion: .file())
  var output: String?

  @OptionGroup(title: "Enforcing") var enforcing: ModeOptions

  @OptionGroup(title: "Limits") var limits: ReleaseOptions

  func validate() throws {
    if enforcing.established == .cut {
      throw ValidationError(
        "--established cut cannot be planned: it depends on the connections at the time of the apply.")
    }
  }

  func run() throws {
    #if os(Linux)
      var reading = try input.read()
      reading.add { $0.cluster.effectWarnings() }
      reading.add { OmissionReport(cluster: $0.cluster, skipped: $0.contents.skipped).diagnostics }
      reading.add { NodeFindings.diagnostics(node, $0.cluster) }
      try reading.report()
      try limits.refuseEmpty(reading.cluster)
      let modes = try enforcing.modes(reading.cluster, node: node, isHere: true)
      let compiled = CompiledRuleset(of: reading.cluster, LoweringOptions(node: node, modes: modes))
      let plain = CompiledRuleset(
        of: reading.cluster,
        LoweringOptions(node: node, modes: EnforcementModes(podToNode: modes.podToNode)))
      try compiled.proof().requireOwn()
      let step = KernelStep(compiled)
      StandardError.report(Surroundings().diagnostics(reading.cluster, node: node))
      let preview = try step.preview(
        releasing: limits.maxReleased ?? .standard, enforcing.established ?? .keep, plain: plain.lowered.table
      )
      guard let output else { return }
      let plan = PlanFile(
        namespace: input.inventory.namespace, strict: input.inventory.strict, node: node,
        modes: modes.options,
        allowEmpty: limits.allowEmpty, maxReleased: limits.maxReleased?.argument,
        sources: reading.sources.map {
          .init(name: $0.source.name, isInventory: $0.isInventory, text: $0.source.text)
        },
        ruleset: SHA256.hex(step.printed.text), loaded: preview.installed.map(LoadedDigest.of))
      try OutputFile.telling { () throws(OutputFile.Failure) in try OutputFile(path: output).write(plan.text)
      }
      StandardError.write("netpolc: the plan is in \(output): run `netpolc apply \(output)`\n")
    #else
      throw ValidationError("plan needs Linux.")
    #endif
  }
}
