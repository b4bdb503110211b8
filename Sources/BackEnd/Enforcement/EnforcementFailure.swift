#if os(Linux)
  public import LinuxNet
  public import NFTables

  /// The reasons for which an apply, a confirmation or a rollback fails.
  public enum EnforcementFailure: Error, Sendable, CustomStringConvertible {
    /// The lock of the network namespace was not had. Nothing was changed.
    case lock(NamespaceLock.Failure)
    /// A file of the record cannot be used. Nothing was changed.
    case record(PrivateFile.Failure)
    /// The kernel or libnftables refused. Nothing was changed, unless the failure itself says otherwise.
    case nftables(NFTablesFailure)
    /// The kernel could not be asked. Nothing was changed.
    case system(SystemFailure)
    /// The request's approval objects to the change. Nothing was changed.
    case refused(reason: String)
    /// An earlier change still waits for its confirmation. Nothing was changed.
    case pending(PendingConfirmation)
    /// The table of the change that waits for a confirmation is gone, or another one is in its place.
    case notInstalled(PendingConfirmation)
    /// Nothing waits for a confirmation.
    case nothingPending(RollbackNote?)
    /// The watchdog could not be armed. Nothing was changed.
    case notArmed(String)
    /// A signal came before the commit. Nothing was changed.
    case interrupted(signal: Int32)
    /// The change was made, found wrong, and undone.
    case rolledBack(reason: String)
    /// The change was made, found wrong, and could not be undone.
    case rollbackFailed(reason: String, failure: String)

    /// True where the kernel holds what it held before, as far as it was netpolc's doing.
    public var leavesFormerRuleset: Bool {
      if case .rollbackFailed = self { return false }
      return true
    }

    /// The failure as one sentence.
    public var description: String {
      switch self {
      case .lock(let failure): "\(failure)"
      case .record(let failure): "\(failure)"
      case .nftables(let failure): "\(failure)"
      case .system(let failure): "\(failure)"
      case .refused(let reason): reason
      case .pending(let pending):
        "revision \(pending.revision) still waits for its confirmation (\(pending.remaining));"
          + " run `netpolc confirm` or `netpolc rollback` first"
      case .notInstalled(let pending):
        "revision \(pending.revision) is not installed any more: its table is gone or was replaced"
      case .nothingPending(let note):
        "no change waits for a confirmation" + (note.map { ": \($0)" } ?? "")
      case .notArmed(let reason): "the rollback could not be armed: \(reason)"
      case .interrupted(let signal): "interrupted by signal \(signal)"
      case .rolledBack(let reason): "\(reason); the former ruleset is back"
      case .rollbackFailed(let reason, let failure):
        "\(reason), and the former ruleset could not be brought back: \(failure)"
      }
    }
  }
#endif
