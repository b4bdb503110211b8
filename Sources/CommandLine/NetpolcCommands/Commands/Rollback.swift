import ArgumentParser
import NodeCompiler

/// The command `netpolc rollback`.
struct Rollback: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Roll back the unconfirmed change now, or return to an earlier revision.",
    discussion: """
      With --to, the table of an earlier revision is loaded as one change. The records of the last ten revisions are kept. \
      An old table has old addresses: those whose pod is another one today, or unknown, are listed, and the change is \
      refused where there are any. Addresses of the node's pod blocks that the old inventory did not have are denied, \
      since the old table does not know their policies.

      Examples:
        netpolc rollback
        netpolc rollback --to 41 --inventory - < today.yaml
        netpolc rollback --to 41 --inventory inventory.yaml --confirm-within 2m

      Exit status: 0 the former ruleset, or none, is restored; 1 it was restored already, or the change was found wrong \
      and undone; 2 there is no unconfirmed change, the revision is not kept, or the rollback failed or was refused.
      """)

  @Option(help: ArgumentHelp("Return to this revision.", valueName: "revision"))
  var to: UInt64?

  @OptionGroup var inventory: InventoryOptions

  @Flag(help: "With --to: load the old table also where addresses in it are other pods' today, or unknown.")
  var staleAddresses = false

  @Option(
    help:
      "With --to: what to do with pod addresses of the node that the old inventory did not have: deny (default) or allow their traffic."
  )
  var unknownPods: UnknownPodsMode?

  @Option(
    help: ArgumentHelp(
      "With --to: the most addresses that may lose their isolation while they are in use. By default a tenth of them or 3.",
      valueName: "N|N%"))
  var maxReleased: ReleaseLimit?

  @Option(
    help: ArgumentHelp(
      "With --to: go back again after DURATION (30, 30s, 2m) unless `netpolc confirm` is run before.",
      valueName: "duration"))
  var confirmWithin: DurationOption?

  func validate() throws {
    try ConfirmationOption.check(confirmWithin)
    guard to == nil else {
      if inventory.inventory.isEmpty, !staleAddresses {
        throw ValidationError(
          "--to needs --inventory, by which old addresses are recognized, or --stale-addresses.")
      }
      return
    }
    if !inventory.inventory.isEmpty || staleAddresses || unknownPods != nil || maxReleased != nil
      || confirmWithin != nil
    {
      throw ValidationError(
        "--inventory, --stale-addresses, --unknown-pods, --max-released and --confirm-within need --to.")
    }
  }

  func run() throws {
    #if os(Linux)
      if let to {
        try RevisionReturn(
          revision: to, inventory: inventory, acceptsStale: staleAddresses,
          guardsUnknownPods: unknownPods != .allow, limit: maxReleased ?? .standard,
          window: confirmWithin.map { .seconds($0.seconds) }
        ).run()
      } else {
        try undo()
      }
    #else
      throw ValidationError("rollback needs Linux.")
    #endif
  }
}

#if os(Linux)
  import Enforcement

  extension Rollback {
    /// Undoes the change that waits for its confirmation.
    private func undo() throws {
      do throws(EnforcementFailure) {
        let undone = try Enforcer().rollback(onWait: Waiting.tell)
        StandardError.write("netpolc: rolled back: revision \(undone.revision) is undone\n")
      } catch { try ApplyReport.tell(error) }
    }
  }
#endif
