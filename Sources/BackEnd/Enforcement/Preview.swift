#if os(Linux)
  import LinuxNet
  import Digest
  public import NFTables
  public import Ruleset

  /// The changes that an apply would make.
  public struct Preview: Sendable {
    /// The change that the table would undergo.
    public var change: Enforcer.Report.Change
    /// The difference between what the kernel holds and what it would hold, whichever way it would be made.
    public var delta: TableDelta
    /// The table in the kernel, without marker; nil where there is none, or one that cannot be read.
    public var installed: Table?
    /// The objection of the request's approval, which would make the apply be refused; nil: there is none.
    public var objection: String?
    /// The change that waits for a confirmation, for which the apply would be refused.
    public var pending: PendingConfirmation?
    /// Warnings of the kernel's dry run.
    public var warnings: [NFTablesMessage]
  }

  extension Enforcer {
    /// Everything up to the commit, and what it would change. The whole table is read for it.
    ///
    /// - Throws: why an apply would fail.
    public func preview(_ request: Request, onWait: (Int32?) -> Void = { _ in }) throws(EnforcementFailure)
      -> Preview
    {
      try locked(onWait: onWait) { lock throws(EnforcementFailure) in
        let trust = try RecordTrust.gather(
          in: directory, lock.namespace, reads: request.readBack == .always)
        let plan = Plan(
          trust, to: request.table,
          marker: RevisionMarker(revision: trust.lastRevision + 1, digest: request.digest),
          digest: request.digest)
        var warnings: [NFTablesMessage] = []
        do throws(NFTablesFailure) {
          switch plan {
          case .nothing: break
          case .small(_, let steps): warnings = try client.check(steps.joined())
          case .repair(_, let steps, _): warnings = try client.check(steps.joined())
          case .full: warnings = try client.check(request.replacement)
          }
        } catch { throw .nftables(error) }
        let installed = trust.loaded(wanted: request.table, client)
        let former = installed ?? Table(request.table.family, request.table.name)
        return Preview(
          change: plan.change, delta: TableDelta(from: former.normalized(), to: request.table.normalized()),
          installed: installed, objection: request.approval?(installed),
          pending: Confirmations.readable(in: directory, lock.namespace),
          warnings: warnings)
      }
    }
  }
#endif
