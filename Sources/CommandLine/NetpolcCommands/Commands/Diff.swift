import ArgumentParser
import Connectivity
import Documents
import Lowering
import PolicyModel
import PolicyDiff
import ReviewSettings
import Ruleset

/// The command `netpolc diff`.
struct Diff: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show what a policy change does to connections and to the ruleset.",
    discussion: """
      OLD and NEW are files, directories, or REV:PATH of a git repository (main:policies HEAD:policies). An \
      --inventory serves both sides; --old-inventory serves the old side instead of it. Workloads stand for pods \
      that have no address yet.

      The answer is exact for IPv4 and IPv6 and every protocol. It is about meaning: policies that allow and deny the \
      same to every pod that could exist are equivalent; pods to come are compared by their labels.

      Examples:
        netpolc diff main:policies policies --inventory inventory.yaml
        netpolc diff HEAD:policies policies --inventory inventory.yaml \\
          --fail-on widened --format markdown

      Exit status: 0 same; 1 differs, as --fail-on counts it; 2 error; 3 undecided: no pod is known to compare, \
      a change depends on an address that is not known (see --pod-cidr), or not everything could be compared.
      """)

  @Argument(help: "The revision before.", completion: .file())
  var old: String

  @Argument(help: "The revision after.", completion: .file())
  var new: String

  @OptionGroup var inventory: InventoryOptions

  @OptionGroup var workloads: WorkloadOptions

  @Option(
    help: ArgumentHelp("The inventory of the old revision, where it is another one.", valueName: "path"),
    completion: .file())
  var oldInventory: [String] = []

  @Option(
    help: ArgumentHelp("Only the pods of this node are subject to policies.", valueName: "name"),
    completion: .nodes)
  var node: String?

  @Option(help: "How the difference is written.")
  var format: DiffFormat = .text

  @Option(help: "Which differences make the exit status 1.")
  var failOn: FailOn = .any

  @Flag(
    inversion: .prefixedNo,
    help: "Tell how the ruleset changes; without either flag, for up to 5,000 pods.")
  var ruleset: Bool?

  @OptionGroup(title: "Printing") var terminal: TerminalOptions

  func run() throws {
    try refuseBareRevisions()
    let pair = try ReadingPair(self)
    let node = node ?? pair.settings.node?.text
    // A page shows all pods, so both revisions are worked out as a whole; else only what changes.
    let meanings = format == .html ? RevisionMeanings(pair.old, pair.new, node: node) : nil
    var differ = meanings.map { Differ($0) } ?? Differ(pair.old, pair.new, node: node)
    differ.writtenPlaces = pair.written
    var difference = differ.compare()
    if ruleset ?? (pair.new.pods.count <= 5_000) {
      difference.ruleset = RulesetChange(from: table(pair.old, node), to: table(pair.new, node), node: node)
    }
    difference.reviewChanges = pair.changes
    if !pair.unread.isEmpty { difference.hasUnreadChanges = true }
    difference.omissions += pair.unread
    difference.leftOut = pair.leftOutCounts
    difference.leftOutPhrases = LeftOut.phrases(old: pair.leftOut.old, new: pair.leftOut.new)
    guard StandardOutput.report(format.text(difference, self, pair, meanings)) else {
      throw ExitCode(Status.trouble)
    }
    if difference.isWithoutPods { throw ExitCode(Status.undecided) }
    if failOn.counts(difference.withoutUncertainChanges) { throw ExitCode(Status.finding) }
    // Parts that were not compared may differ in a way that counts.
    let isIncomplete = failOn == .appeared ? difference.hasUnreadChanges : difference.isIncomplete
    if failOn != .none, failOn.counts(difference) || isIncomplete { throw ExitCode(Status.undecided) }
  }

  /// `diff main HEAD` compares nothing: a revision needs the path of the policies.
  private func refuseBareRevisions() throws {
    let bare = [old, new].filter {
      !$0.contains(":") && !$0.contains("/") && $0 != "-" && !InputFile(path: $0).exists
        && GitHistory.isRevision($0)
    }
    guard !bare.isEmpty else { return }
    let words = bare.map { "'\($0)'" }.joined(separator: " and ")
    throw ValidationError(
      "\(words) \(bare.count == 1 ? "is a revision" : "are revisions") of git without a path: write \(bare[0]):PATH, such as \(bare[0]):policies (or \(bare[0]): for the whole tree)."
    )
  }

  private func table(_ cluster: Cluster, _ node: String?) -> Table {
    var lowerer = Lowerer(cluster)
    return lowerer.lower(LoweringOptions(node: node)).table
  }
}

/// The differences for which the exit status is 1.
enum FailOn: String, ExpressibleByArgument, CaseIterable {
  /// Any difference in meaning, pods that come and go included.
  case any
  /// More is allowed.
  case widened
  /// Less is allowed.
  case narrowed
  /// A workload or pod is new.
  case appeared
  /// No difference: the exit status stays 0.
  case none

  /// True where a difference counts.
  func counts(_ diff: ConnectivityDiff) -> Bool {
    switch self {
    case .any: !diff.hasNoEffectToday || !diff.futureChanges.isEmpty || !diff.reviewChanges.isEmpty
    case .widened: diff.widens
    case .narrowed: diff.narrows
    case .appeared: !diff.pods.appeared.isEmpty || !diff.ontoHostNetwork.isEmpty
    case .none: false
    }
  }
}
