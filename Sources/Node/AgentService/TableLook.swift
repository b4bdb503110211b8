import Addresses
import Glibc
import KernelProgram
import PolicyModel
import Ruleset

/// A comparison of the kernel's program with a table, a proof of the whole, and the table's file for the next boot, apart from the
/// loop's thread and in its network namespace.
struct TableLook: Sendable {
  /// The outcome of a comparison.
  struct Result: Sendable {
    /// The revision of the table that was looked at.
    let revision: UInt64
    let outcome: KernelComparison.Outcome
    let comparing: Duration
    /// The policies of each chain that denies, by its name.
    let subjects: [String: ClassSubject]
    /// True where an examination follows.
    let isExamined: Bool
  }

  /// The outcome of what follows a comparison without a difference.
  struct Examination: Sendable {
    /// The revision of the table that was looked at.
    let revision: UInt64
    /// Nil where nothing was proved.
    let proof: Judgement?
    /// Nil where nothing was saved; otherwise the reason why it could not be, nil where it was.
    let saving: String??
  }

  /// The outcome of a proof of the whole.
  struct Judgement: Sendable {
    /// The reason why it is not proved; nil where it is.
    let objection: String?
    let duration: Duration
  }

  /// The policies and pods that a table is to be proved against.
  struct WholeProof: Sendable {
    /// Finds them: in a large cluster that takes a while.
    let cluster: @Sendable () -> Cluster
    let proof: TableProof
    /// An objection that a test asks for.
    var pretended: @Sendable () -> String? = { nil }
  }

  /// Makes the table, and finds the policies of its chains that deny: as for the proof.
  let table: @Sendable () -> Table
  let subjects: @Sendable () -> [String: ClassSubject]
  let revision: UInt64
  let pretendsDifference: Bool
  /// Nil where the whole is not to be proved.
  let proof: WholeProof?
  /// True where the table is to be saved if the kernel executes it, and nothing is wrong with it.
  let saves: Bool
  let saved: SavedTable
  let node: String
  let boot: String
  let blocks: [CIDR]
  /// Finds the pods that have the table's addresses.
  let pods: @Sendable () -> [Pod]

  /// Compares, and gives the result at once; then proves and saves, and gives that. O(n) in the rules and elements.
  func run(_ give: (AgentInput) -> Void) {
    let began = ContinuousClock.now
    let table = table()
    let (outcome, program) =
      pretendsDifference ? (.different("a test says so"), nil) : KernelComparison.run(table)
    let isExamined = outcome == .same && (saves || proof != nil)
    give(
      .looked(
        Result(
          revision: revision, outcome: outcome, comparing: ContinuousClock.now - began, subjects: subjects(),
          isExamined: isExamined)))
    guard isExamined else { return }
    let judgement = program.flatMap(prove)
    var saving: String??
    if saves, judgement?.objection == nil {
      saving = .some(
        saved.write(table, node: node, boot: boot, revision: revision, blocks: blocks, pods: pods()))
    }
    give(.examined(Examination(revision: revision, proof: judgement, saving: saving)))
  }

  /// Proves what the kernel executes. Other threads come first.
  private func prove(_ program: KernelTable) -> Judgement? {
    guard let proof else { return nil }
    // Of this thread alone.
    setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 10)
    let began = ContinuousClock.now
    let found = proof.proof.objection(program, proof.cluster())
    return Judgement(
      objection: proof.pretended() ?? found, duration: ContinuousClock.now - began)
  }
}
