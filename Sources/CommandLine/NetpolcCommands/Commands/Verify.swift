import ArgumentParser
import Lowering
import PolicyModel
import Proving
import Ruleset
import RulesetText
import Verification

/// The command `netpolc verify`.
struct Verify: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Prove that a ruleset does what the policies say, or show a packet that tells them apart.",
    discussion: """
      The ruleset is the one that compile would write, a file (nft text or JSON, also as 'nft list table' and \
      'nft -j list table' print it), or with --live the table of this network namespace.

      A ruleset is proved in the modes that it was made in: of a file, as its map says (--map, or x.map.json beside \
      x.nft); of the live table, as the record of what is installed says. Options that contradict that are refused. \
      Where nothing tells the modes, the options do.

      With --watch it goes on: the kernel tells each change of the table, by whomever, and the table is proved again. \
      The exit status is then that of the last proof before SIGTERM or SIGINT.

      Exit status: 0 proven; 1 counterexample, with --watch also no table; 2 trouble; 3 undecided, because the \
      ruleset holds something that netpolc does not model.
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

  @OptionGroup(title: "Watching") var watching: WatchOptions

  @Flag(help: "Send the packet of each counterexample through network namespaces made for it. Needs root.")
  var replay = false

  func validate() throws {
    if live, ruleset != nil { throw ValidationError("Give --ruleset or --live, not both.") }
    if map != nil, ruleset == nil { throw ValidationError("--map goes with --ruleset.") }
    guard watching.watch else { return }
    if !live { throw ValidationError("--watch needs --live.") }
    if replay { throw ValidationError("--watch and --replay exclude each other.") }
    if (input.paths + input.inventory.inventory).contains("-") {
      throw ValidationError("--watch reads its input again and again, which '-' cannot be.")
    }
  }

  func run() throws {
    #if os(Linux)
      if watching.watch {
        var watcher = try Watcher(input, node: node, enforcing, watching)
        return try watcher.run()
      }
    #endif
    let reading = try input.read()
    try reading.report()
    let seal = try map.map { try ProofSeal(path: $0) } ?? ruleset.flatMap { try ProofSeal(beside: $0) }
    if map != nil, let ruleset {
      try seal?.check(ruleset: ruleset, InputDigests(reading.cluster), node: node)
    }
    let modes = try modes(reading.cluster, seal)
    let table = try subject(reading.cluster, modes)
    let proof = Proof(of: table, for: reading.cluster, node: node, modes)
    #if os(Linux)
      if replay { try Replay(proof).run() }
    #endif
    try proof.report(subject: live ? "the table in the kernel" : ruleset ?? "the ruleset")
  }

  /// The modes that the ruleset is held against; one that is made here is made in them.
  private func modes(_ cluster: Cluster, _ seal: ProofSeal?) throws -> EnforcementModes {
    var (recorded, place): (EnforcementModes?, String) = (seal?.modes, seal?.path ?? "")
    #if os(Linux)
      if live { (recorded, place) = (try LiveTable().recordedModes(), LiveTable.record) }
    #endif
    if let options = recorded?.options, !options.isEmpty {
      StandardError.write("netpolc: modes, by \(place): \(options.joined(separator: " "))\n")
    }
    return try enforcing.modes(cluster, node: node, recorded: recorded, in: place)
  }

  private func subject(_ cluster: Cluster, _ modes: EnforcementModes) throws -> Table {
    if let ruleset { return try RulesetFile(path: ruleset).table() }
    #if os(Linux)
      if live { return try LiveTable().read(for: cluster, node: node) }
    #endif
    var lowerer = Lowerer(cluster)
    return lowerer.lower(LoweringOptions(node: node, modes: modes)).table
  }
}
