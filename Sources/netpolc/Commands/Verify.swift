import ArgumentParser
import Lowering
import PolicyModel
import Ruleset
import Verification

/// `netpolc verify`.
struct Verify: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Prove that a ruleset does what the policies say, or show a packet that tells them apart.",
    discussion: """
      The ruleset is the one that compile would write, a file (nft text or JSON, also as 'nft list table' and \
      'nft -j list table' print it), or with --live the table of this network namespace.

      A ruleset in another mode than the plain one is proved with the options that it was compiled with.

      Exit status: 0 proven; 1 counterexample; 2 trouble; 3 undecided, because the ruleset holds something that \
      netpolc does not model.
      """)

  @OptionGroup var input: InputOptions

  @Option(help: ArgumentHelp("The ruleset should isolate the pods of this node only.", valueName: "name"))
  var node: String?

  @Option(help: ArgumentHelp("The ruleset to verify, as nft text or JSON.", valueName: "file"))
  var ruleset: String?

  @Option(
    help: ArgumentHelp(
      "The map that compile wrote beside the ruleset: the digests in it must be those of this ruleset, these policies and this inventory.",
      valueName: "file"))
  var map: String?

  @OptionGroup(title: "Modes that the ruleset should be in") var enforcing: ModeOptions

  @Flag(help: "Verify the table inet netpolc of this network namespace.")
  var live = false

  @Flag(help: "Send the packet of each counterexample through network namespaces made for it. Needs root.")
  var replay = false

  func validate() throws {
    if live, ruleset != nil { throw ValidationError("Give --ruleset or --live, not both.") }
    if map != nil, ruleset == nil { throw ValidationError("--map goes with --ruleset.") }
  }

  func run() throws {
    let reading = try input.read()
    try reading.report()
    if let map, let ruleset {
      try ProofSeal(path: map).check(ruleset: ruleset, InputDigests(reading.cluster), node: node)
    }
    let modes = try enforcing.modes(reading.cluster, node: node)
    let table = try subject(reading.cluster, modes)
    let proof = Proof(of: table, for: reading.cluster, node: node, ProofModes(modes))
    #if os(Linux)
      if replay { try Replay(proof).run() }
    #endif
    try proof.report(subject: live ? "the table in the kernel" : ruleset ?? "the ruleset")
  }

  private func subject(_ cluster: Cluster, _ modes: EnforcementModes) throws -> Table {
    if let ruleset { return try RulesetFile(path: ruleset).table() }
    #if os(Linux)
      if live { return try LiveTable().read(for: cluster, node: node) }
    #endif
    var lowerer = Lowerer(cluster)
    return lowerer.lower(LoweringOptions(node: node)).with(modes).table
  }
}
