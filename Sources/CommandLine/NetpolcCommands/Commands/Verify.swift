import ArgumentParser
import Diagnostics
import Enforcement
import KernelProgram
import Lowering
import PolicyModel
import Proving
import Ruleset
import RulesetText
import Verification
import Wording

/// The command `netpolc verify`.
struct Verify: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Prove that a ruleset does what the policies say, or show a packet for which they differ.",
    discussion: """
      Without an option, the ruleset is the one that compile would write. With --ruleset it is a file: nft text or JSON, also \
      as 'nft list table' and 'nft -j list table' print it. With --live it is the table of this network namespace.

      A file is loaded into an empty network namespace, by a process that can open no files; with --over-live it is loaded \
      over a copy of the live table. Where no network namespace can be made, only nft's own notations are read. With \
      --live, chains of other programs are listed; with --strict they make the answer undecided.

      A ruleset is proved in the modes that it was made in. A file's modes are in its map (--map, or x.map.json beside \
      x.nft), those of the live table in the record of what is installed. Options that contradict them are refused. \
      Without a map or a record, the options give the modes.

      With --watch it does not end: the kernel reports each change of the table, by any program, and the table is proved again. \
      The exit status is then that of the last proof before SIGTERM or SIGINT.

      Examples:
        netpolc verify policies --inventory inventory.yaml --node node-a \\
          --ruleset node-a.nft
        netpolc verify policies --inventory inventory.yaml --live

      Exit status: 0 proven; 1 counterexample, with --watch also no table; 2 error; 3 undecided, because the \
      ruleset holds something that netpolc does not model.
      """)

  @OptionGroup var input: InputOptions

  @Option(
    help: ArgumentHelp("The ruleset should isolate the pods of this node only.", valueName: "name"),
    completion: .nodes)
  var node: String?

  @Option(
    help: ArgumentHelp("The ruleset to verify, as nft text or JSON.", valueName: "file"),
    completion: .file())
  var ruleset: String?

  @Option(
    help: ArgumentHelp(
      "The map that compile wrote beside the ruleset: the digests in it must be those of this ruleset, these policies and this inventory.",
      valueName: "file"), completion: .file())
  var map: String?

  @Flag(
    help: "The file changes the table of this network namespace: verify what comes of it, and change nothing."
  )
  var overLive = false

  @OptionGroup(title: "Modes that the ruleset should be in") var enforcing: ModeOptions

  @Flag(help: "Verify the table inet netpolc of this network namespace.")
  var live = false

  @OptionGroup(title: "Watching") var watching: WatchOptions

  @Flag(help: "Send the packet of each counterexample through network namespaces made for it. Needs root.")
  var replay = false

  func validate() throws {
    if live, ruleset != nil { throw ValidationError("Give --ruleset or --live, not both.") }
    if overLive, ruleset == nil { throw ValidationError("--over-live goes with --ruleset.") }
    if map != nil, ruleset == nil { throw ValidationError("--map goes with --ruleset.") }
    guard watching.watch else { return }
    if !live { throw ValidationError("--watch needs --live.") }
    if replay { throw ValidationError("--watch and --replay exclude each other.") }
    if (input.paths + input.inventory.inventory).contains("-") {
      throw ValidationError("--watch re-reads its input, so '-' is not possible.")
    }
  }

  func run() throws {
    #if os(Linux)
      if watching.watch {
        var watcher = try Watcher(input, node: node, enforcing, watching)
        return try watcher.run()
      }
    #endif
    var reading = try input.read()
    // A ruleset that is there may deny what no policy asks for; one that is made here of nothing shows nothing.
    let severity: Severity = live || ruleset != nil ? .warning : .error
    reading.add {
      EmptyInput.withoutPolicies($0.cluster, severity, "every pod is open")
        + EmptyInput.withoutPods($0.cluster, severity, "there is nobody to deny anything to")
    }
    try reading.report()
    let seal = try map.map { try ProofSeal(path: $0) } ?? ruleset.flatMap { try ProofSeal(beside: $0) }
    if let ruleset {
      if map != nil {
        try seal?.check(ruleset: ruleset, InputDigests(reading.cluster), node: node)
      } else {
        try seal?.requireRuleset(ruleset)
      }
    }
    var node = node
    var modes = EnforcementModes()
    var recorded = (modes: seal?.modes, place: seal?.path ?? "")
    #if os(Linux)
      // A file that changes the table that is there is held against the modes of that table.
      if overLive, seal == nil, let state = try LiveTable().recordedState() {
        node = try recordedNode(state)
        recorded = (state.modes, LiveTable.record)
      }
    #endif
    var given: Given?
    if let ruleset {
      let meaning = try RulesetFile(path: ruleset, isOverLive: overLive).meaning()
      given = Given(program: meaning.program, listing: meaning.listing, besides: meaning.interference)
    }
    #if os(Linux)
      if live {
        let state = try LiveTable().recordedState()
        node = try recordedNode(state)
        let found = try LiveTable().read(for: reading.cluster, node: node)
        given = Given(
          program: found.program, listing: found.listing, besides: input.inventory.strict ? found.others : [])
        modes = try self.modes(
          reading.cluster, node: node, recorded: state?.modes, in: LiveTable.record, of: given?.listing)
      }
    #endif
    if !live {
      modes = try self.modes(
        reading.cluster, node: node, recorded: recorded.modes, in: recorded.place, of: given?.listing)
    }
    let proof = proof(of: given, reading.cluster, node: node, modes)
    #if os(Linux)
      if replay { try Replay(proof).run() }
    #endif
    try proof.report(subject: live ? "the table in the kernel" : ruleset ?? "the ruleset")
  }

  /// The modes that the ruleset is held against; one that is made here is made in them.
  private func modes(
    _ cluster: Cluster, node: String?, recorded: EnforcementModes?, in place: String, of table: Table?
  ) throws -> EnforcementModes {
    if let recorded, !recorded.options.isEmpty {
      StandardError.write("netpolc: modes, by \(ForeignText(place)): \(ForeignText(recorded.words))\n")
    }
    return try enforcing.modes(cluster, node: node, recorded: recorded, in: place, of: table)
  }

  #if os(Linux)
    /// The node that the live table is for: by the record, or by --node, which must not contradict it.
    private func recordedNode(_ state: InstalledState?) throws -> String? {
      guard let scope = state?.scope else { return node }
      if let node, node != scope.node {
        let recorded = scope.node.map { "node \($0)" } ?? "every node"
        throw ValidationError("--node \(node) contradicts \(LiveTable.record), which says \(recorded).")
      }
      if node == nil, let recorded = scope.node {
        StandardError.write("netpolc: node, by \(LiveTable.record): \(recorded)\n")
      }
      return scope.node
    }
  #endif

  /// A table that is there already: what the kernel executes, the words for people, and what makes it undecided.
  private struct Given {
    let program: KernelTable
    let listing: Table
    let besides: [UndecidedReason]
  }

  private func proof(of given: Given?, _ cluster: Cluster, node: String?, _ modes: EnforcementModes) -> Proof
  {
    if let given {
      return Proof(
        of: given.program, listedAs: given.listing, for: cluster, node: node, modes, besides: given.besides)
    }
    var lowerer = Lowerer(cluster)
    let table = lowerer.lower(LoweringOptions(node: node, modes: modes)).table
    return Proof(of: table, for: cluster, node: node, modes)
  }
}
