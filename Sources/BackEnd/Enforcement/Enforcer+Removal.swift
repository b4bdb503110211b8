#if os(Linux)
  import LinuxNet
  import NFTables
  import Ruleset

  extension Enforcer {
    /// The outcome of a removal.
    public enum Removal: Sendable {
      /// There was no table.
      case nothingInstalled
      /// The table is deleted, and its record with it.
      case removed
      /// The table is emptied, so that every packet passes, and is deleted by the confirmation. Without one the former
      /// table comes back.
      case emptied(Report)
    }

    /// Removes the table of the calling thread's network namespace: every pod is open from then on.
    ///
    /// - Parameters:
    ///   - window: how long the removal may stay without a confirmation; nil: for good, at once.
    ///   - onWait: called once with the holder's process id when another process is at it for more than a second.
    /// - Returns: what was done.
    /// - Throws: why the kernel holds what it held before.
    public func remove(confirmWithin window: Duration? = nil, onWait: (Int32?) -> Void = { _ in })
      throws(EnforcementFailure) -> Removal
    {
      try locked(onWait: onWait) { lock throws(EnforcementFailure) in
        _ = try Confirmations(enforcer: self, lock: lock).refuseIfPending()
        let isThere: Bool
        do throws(SystemFailure) { isThere = try TableFacts.read(.netpolc) != nil } catch {
          throw .kernel(error)
        }
        guard isThere else { return .nothingInstalled }
        guard let window else {
          try deleteTable(lock)
          return .removed
        }
        let empty = Table(.inet, NFTablesTable.netpolc.name)
        var request = Request(
          empty, inputs: .init(policies: "", inventory: ""), readBack: .always, confirmWithin: window)
        request.removes = true
        var application = Application(enforcer: self, request: request, lock: lock)
        return .emptied(try application.run())
      }
    }

    /// Deletes the table and its record.
    func deleteTable(_ lock: NamespaceLock.Held) throws(EnforcementFailure) {
      directory.remove(InstalledState.file("state", lock.namespace))
      do throws(NFTablesFailure) {
        let table = NFTablesTable.netpolc
        // Adding first, since deleting what is not there would fail.
        try client.apply("add table \(table)\ndelete table \(table)\n", holding: lock)
      } catch { throw .nftables(error) }
    }
  }
#endif
