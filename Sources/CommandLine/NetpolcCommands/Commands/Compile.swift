import ArgumentParser
import Diagnostics
import Lowering
import PolicyModel
import NodeCompiler
import Proving
import Ruleset
import RulesetText
import Synchronization
import Verification

/// The output formats of a ruleset.
enum RulesetFormat: String, ExpressibleByArgument, CaseIterable {
  /// nft's language, for people and `nft -f`.
  case nft
  /// libnftables' JSON, for programs and `nft -j -f`.
  case json
}

/// The command `netpolc compile`.
struct Compile: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Compile policies and pods into an nftables ruleset.",
    discussion: """
      Writes the ruleset to standard output, or to the file of --output with a map of its origins beside it \
      (x.nft and x.map.json). Loading it replaces table inet netpolc in one transaction and touches nothing else.

      Before anything is written or applied, the ruleset is proved to do what the policies say, for every packet.

      With --node, only the pods of that node are isolated, which is what a node should load; peers are always \
      the whole inventory.

      --check asks the kernel whether it would take the ruleset; --apply loads it in the current network namespace. \
      Both go through libnftables and need CAP_NET_ADMIN. With --apply the ruleset is written only with --output.

      With --confirm-within, another process restores the former ruleset when that time is over, even if this one was \
      killed, unless `netpolc confirm` was run before.

      Examples:
        netpolc compile policies --inventory inventory.yaml -o all.nft
        netpolc compile policies --inventory inventory.yaml --all-nodes -o nodes
        netpolc compile policies --inventory inventory.yaml --node node-a \\
          --apply --confirm-within 2m

      Exit status: 0 done; 1 applied, found wrong and rolled back; 2 bad input or failure: nothing written, \
      nothing applied, unless the message says that the ruleset is in force.
      """)

  @OptionGroup var input: InputOptions

  @Option(help: ArgumentHelp("Isolate the pods of this node only.", valueName: "name"), completion: .nodes)
  var node: String?

  @Flag(help: "Compile every node: NODE.nft and NODE.map.json in the directory of --output.")
  var allNodes = false

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("Write the ruleset to a file, whole or not at all.", valueName: "file"),
    completion: .file())
  var output: String?

  @Option(
    help: ArgumentHelp("Write a page about who may talk to whom (HTML, one file).", valueName: "file"),
    completion: .file())
  var report: String?

  @Option(help: "How the ruleset is written.")
  var format: RulesetFormat = .nft

  @OptionGroup(title: "Applying") var applying: ApplyOptions

  @OptionGroup(title: "Enforcing") var enforcing: ModeOptions

  @Flag(help: "Ask the kernel whether it would take the ruleset, without loading it.")
  var check = false

  @Flag(help: "Do not prove the ruleset before it is written or applied.")
  var noVerify = false

  func validate() throws {
    guard allNodes else { return }
    if node != nil { throw ValidationError("--all-nodes and --node exclude each other.") }
    if report != nil { throw ValidationError("--all-nodes and --report exclude each other.") }
    if output == nil || output == "-" {
      throw ValidationError("--all-nodes needs a directory: --output DIR.")
    }
    if check || applying.apply {
      throw ValidationError("--all-nodes writes files; --check and --apply are for one node.")
    }
  }

  func run() throws {
    if applying.apply { Interruption.announce("nothing was applied; what was loaded before is still there") }
    var reading = try input.read()
    reading.add { $0.cluster.effectWarnings() }
    reading.add { OmissionReport(cluster: $0.cluster, skipped: $0.contents.skipped).diagnostics }
    reading.add { NodeFindings.diagnostics(node, $0.cluster) }
    try reading.report()
    if applying.apply { try applying.limits.refuseEmpty(reading.cluster) }
    if allNodes, let output {
      try AllNodes(cluster: reading.cluster, format: format, directory: output, isVerified: !noVerify)
        .write { try enforcing.modes(reading.cluster, node: $0) }
      return
    }
    let modes = try enforcing.modes(reading.cluster, node: node, isHere: check || applying.apply)
    let (cluster, lowering) = (reading.cluster, LoweringOptions(node: node, modes: modes))
    let (isApplied, isVerified) = (applying.apply, !noVerify)
    let basis = Mutex<ProofBasis?>(nil)
    // The meaning of the policies needs no table: it is worked out meanwhile.
    let ((lowered, plain), _) = Progress.during("compiling") { _ in
      Concurrently.both {
        var lowerer = Lowerer(cluster)
        // Connections are judged by the table of the policies alone.
        let plainModes = EnforcementModes(podToNode: lowering.modes.podToNode)
        let plain =
          isApplied && lowering.modes != plainModes
          ? lowerer.lower(LoweringOptions(node: lowering.node, modes: plainModes)) : nil
        return (lowerer.lower(lowering), plain)
      } _: {
        guard isVerified else { return }
        basis.withLock { $0 = ProofBasis(cluster, node: lowering.node, modes: lowering.modes) }
      }
    }
    StandardError.report(lowered.warnings)
    // What is written is what is proved, and nothing else.
    let (isWritten, format) = (output != nil || !isApplied, format)
    let (proof, (compiled, text)) = Progress.during("proving the ruleset") { _ in
      Concurrently.both {
        basis.withLock { $0.take() }.map { Proof(of: lowered.table, for: cluster, lowered.modes, $0) }
      } _: {
        let compiled = CompiledRuleset(cluster: cluster, lowered: lowered, node: lowering.node)
        return (compiled, isWritten ? compiled.text(format) : nil)
      }
    }
    try proof?.requireOwn()
    // What cannot be written is found out before anything is applied; what is not applied is not written.
    var page: OutputFile.Prepared?
    if let report {
      page = try compiled.prepareReport(at: report, of: reading.withWorkloads, proof, reading.quotations)
    }
    var ruleset: CompiledRuleset.Prepared?
    if let text { ruleset = try compiled.prepare(text, for: output, isProven: !noVerify) }
    #if os(Linux)
      if check || applying.apply {
        StandardError.report(Surroundings().diagnostics(reading.cluster, node: node))
        let step = KernelStep(compiled)
        if check { try step.check() }
        if applying.apply {
          try step.apply(
            applying, enforcing.established ?? .keep, plain: (plain ?? lowered).table, proving: !noVerify)
        }
      }
    #else
      if check || applying.apply { throw ValidationError("--check and --apply need Linux.") }
    #endif
    // A failure from here on undoes nothing.
    let isInForce = applying.apply && !applying.dryRun
    do {
      try OutputFile.telling { () throws(OutputFile.Failure) in
        if let page = page.take() { try page.commit() }
      }
      if let ruleset = ruleset.take() { try ruleset.commit() }
    } catch {
      if isInForce { StandardError.write("netpolc: the ruleset is applied and in force all the same\n") }
      throw error
    }
    StandardError.write(compiled.summary(warnings: reading.warnings))
  }
}
