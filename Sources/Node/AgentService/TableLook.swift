import Addresses
import Ruleset

/// A comparison of the kernel's program with a table, and the table's file for the next boot, apart from the loop's thread and
/// in its network namespace.
struct TableLook: Sendable {
  /// The outcome of a look: of the comparison and of the saving.
  struct Result: Sendable {
    /// The revision of the table that was looked at.
    let revision: UInt64
    let outcome: KernelComparison.Outcome
    let comparing: Duration
    /// Nil where nothing was saved; otherwise the reason why it could not be, nil where it was.
    let saving: String??
  }

  let table: Table
  let revision: UInt64
  let pretendsDifference: Bool
  /// True where the table is to be saved if the kernel executes it.
  let saves: Bool
  let saved: SavedTable
  let node: String
  let boot: String
  let blocks: [CIDR]

  /// Looks, and saves. O(n) in the rules and elements.
  func run() -> Result {
    let began = ContinuousClock.now
    let outcome = pretendsDifference ? .different("a test says so") : KernelComparison.run(table)
    let comparing = ContinuousClock.now - began
    var saving: String??
    if saves, outcome == .same {
      saving = .some(saved.write(table, node: node, boot: boot, revision: revision, blocks: blocks))
    }
    return Result(revision: revision, outcome: outcome, comparing: comparing, saving: saving)
  }
}
