import ArgumentParser
import Digest
import Lowering
import NodeCompiler
import PolicyModel
import Proving
import RulesetText

#if os(Linux)
  import Enforcement
#endif

/// The command `netpolc apply`.
struct ApplyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "apply",
    abstract: "Apply a plan of `netpolc plan`, and nothing else.",
    discussion: """
      The ruleset is compiled and proved again from the inputs in the plan. The plan is refused where it was edited, where \
      this version of netpolc makes another ruleset of it, and where the table that is loaded is not the one that was \
      planned for.

      Examples:
        netpolc apply plan.json
        netpolc apply plan.json --confirm-within 2m

      Exit status: 0 applied; 1 applied, found wrong and rolled back; 2 refused or failed: nothing was applied.
      """)

  @Argument(help: "The plan.", completion: .file(extensions: ["json"]))
  var plan: String

  @OptionGroup var confirmation: ConfirmationOption

  func run() throws {
    #if os(Linux)
      Interruption.announce("nothing was applied; what was loaded before is still there")
      let file = try read()
      let reading = try Reading(plan: file)
      try reading.report()
      guard let modes = EnforcementModes(options: file.modes.map { Substring($0) }) else {
        throw refusal("unknown modes")
      }
      let compiled = CompiledRuleset(of: reading.cluster, LoweringOptions(node: file.node, modes: modes))
      let step = KernelStep(compiled)
      guard SHA256.hex(step.printed.text) == file.ruleset else {
        throw refusal("this version of netpolc makes another ruleset of its inputs: make the plan again")
      }
      try compiled.proof().requireOwn()
      StandardError.report(Surroundings().diagnostics(reading.cluster, node: file.node))
      try step.apply(
        file, limit: file.maxReleased.flatMap { ReleaseLimit($0) } ?? .standard,
        confirmWithin: confirmation.window)
    #else
      throw ValidationError("apply needs Linux.")
    #endif
  }

  private func read() throws -> PlanFile {
    let text = try InputFile(path: plan).text()
    do throws(PlanFile.Failure) { return try PlanFile(reading: text) } catch { throw refusal("\(error)") }
  }

  private func refusal(_ reason: String) -> ExitCode {
    StandardError.write("netpolc: error: \(plan): \(reason); nothing was applied\n")
    return ExitCode(Status.trouble)
  }
}
