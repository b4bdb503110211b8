#if os(Linux)
  import Digest
  import Glibc
  import LinuxNet
  import NFTables

  /// Changes that are undone unless confirmed: files beside the state, and a watchdog process.
  ///
  /// `pending` says that a change waits, until when, and under which nonce; the process that removes it, under the lock, has
  /// decided: a confirmation, a rollback or the watchdog. `snapshot` is the script that undoes the change, `former`
  /// the state file that fits it.
  struct Confirmations {
    let enforcer: Enforcer
    let lock: NamespaceLock.Held

    private var directory: StateDirectory { enforcer.directory }

    private func name(_ kind: String) -> String { InstalledState.file(kind, lock.namespace) }

    /// The change that waits, if one does.
    ///
    /// - Throws: that its file cannot be read, or was not written by netpolc.
    static func pending(in directory: StateDirectory, _ namespace: NetworkNamespaceID)
      throws(PrivateFile.Failure) -> PendingConfirmation?
    {
      let name = InstalledState.file("pending", namespace)
      guard let text = try directory.read(name, atMost: StateDirectory.fewLines) else { return nil }
      guard let pending = PendingConfirmation(text) else {
        throw .unsafe(
          path: "\(directory.path)/\(name)",
          reason: "is damaged: what waits for a confirmation is unknown; remove the file to go on")
      }
      return pending
    }

    /// The change that waits; nil also where its file says nothing.
    static func readable(in directory: StateDirectory, _ namespace: NetworkNamespaceID)
      -> PendingConfirmation?
    { (try? pending(in: directory, namespace)) ?? nil }

    fileprivate func pending() throws(EnforcementFailure) -> PendingConfirmation? {
      do throws(PrivateFile.Failure) { return try Self.pending(in: directory, lock.namespace) } catch {
        throw .record(error)
      }
    }

    /// The outcome of the last change that was not confirmed, if it is known.
    static func note(in directory: StateDirectory, _ namespace: NetworkNamespaceID) -> RollbackNote? {
      let name = InstalledState.file("rollback", namespace)
      let text = (try? directory.read(name, atMost: StateDirectory.fewLines)) ?? nil
      return text.flatMap { RollbackNote($0) }
    }

    /// Refuses to go on while a change waits. One whose time is over, and whose watchdog is gone, is undone instead.
    ///
    /// - Returns: the change that was undone, if one was.
    func refuseIfPending() throws(EnforcementFailure) -> PendingConfirmation.Undone? {
      guard let pending = try pending() else { return nil }
      // Under the lock no other netpolc works on it, so without its marker it never came about or is gone altogether.
      guard try isInstalled(pending) else {
        disarm()
        return nil
      }
      guard pending.isUnguarded(in: directory, lock.namespace) else { throw .pending(pending) }
      try rollBack(pending)
      return PendingConfirmation.Undone(revision: pending.revision)
    }

    /// Undoes the change that waits, where its time is over and no watchdog will.
    ///
    /// - Returns: the change that was undone; nil where there was none to undo.
    func undoExpired() throws(EnforcementFailure) -> PendingConfirmation.Undone? {
      guard let pending = try pending(), pending.isUnguarded(in: directory, lock.namespace),
        try isInstalled(pending)
      else { return nil }
      try rollBack(pending)
      return PendingConfirmation.Undone(revision: pending.revision)
    }

    /// True where the kernel holds the table of a change that waits, by its marker.
    func isInstalled(_ pending: PendingConfirmation) throws(EnforcementFailure) -> Bool {
      do throws(SystemFailure) { return try TableFacts.hasChain(pending.marker, in: .netpolc) } catch {
        if error.code == ENOENT { return false }
        throw .kernel(error)
      }
    }

    /// Starts the watchdog and writes down how to go back; it is on guard when this returns.
    ///
    /// The watchdog comes first, so that a caller that dies in between leaves no unguarded wait.
    func arm(
      _ window: Duration, _ marker: RevisionMarker, _ snapshot: TableSnapshot, _ trust: RecordTrust,
      removes: Bool, _ notes: inout [String]
    ) throws(EnforcementFailure) -> PendingConfirmation {
      let script = snapshot.restoreScript
      let nonce = String(UInt64.random(in: 0 ... .max), radix: 16)
      var pending = PendingConfirmation(
        marker, window: window, nonce: nonce, snapshotDigest: SHA256.hex(script))
      pending.removesTable = removes
      do throws(PrivateFile.Failure) {
        directory.remove(name("rollback"))
        directory.remove(name("former"))
        if case .trusted(let state) = trust {
          try directory.write(
            state.fileText(tableText: InstalledState.text(of: state.table)), to: name("former"))
        }
        try directory.write(script, to: name("snapshot"))
        let watchdog = try startWatchdog(nonce, &notes)
        try directory.write(pending.text, to: name("pending"))
        // It may look for what is written until this end is closed.
        _ = consume watchdog
      } catch {
        disarm()
        throw .notArmed("\(error)")
      }
      return pending
    }

    /// Gives a change that is committed now its full time.
    func restart(_ pending: PendingConfirmation, _ notes: inout [String]) -> PendingConfirmation {
      var pending = pending
      let before = pending
      pending.deadline = .after(pending.window)
      do {
        try directory.write(pending.text, to: name("pending"))
        return pending
      } catch {
        notes.append("the time counts from before the commit: \(error)")
        return before
      }
    }

    /// Nothing waits any more; the watchdog sees that and ends.
    func disarm() {
      for kind in ["pending", "snapshot", "former"] { directory.remove(name(kind)) }
    }

    /// Brings a snapshot back at once, and says how that went.
    func undo(_ snapshot: TableSnapshot, _ trust: RecordTrust, because reason: String) -> EnforcementFailure {
      let former: InstalledState? = if case .trusted(let state) = trust { state } else { nil }
      do throws(NFTablesFailure) {
        try restore(snapshot.restoreScript, former)
        disarm()
        return .rolledBack(reason: reason)
      } catch {
        // An armed watchdog tries again.
        return .rollbackFailed(reason: reason, failure: "\(error)")
      }
    }

    /// Undoes the change that waits.
    func rollBack(_ pending: PendingConfirmation) throws(EnforcementFailure) {
      let script: String
      var former: InstalledState?
      do throws(PrivateFile.Failure) {
        guard let text = try directory.read(name("snapshot")), SHA256.hex(text) == pending.snapshotDigest
        else {
          throw .unsafe(path: "\(directory.path)/\(name("snapshot"))", reason: "is missing or was changed")
        }
        script = text
        former = (try directory.read(name("former"))).flatMap {
          try? InstalledState(reading: $0, namespace: lock.namespace)
        }
      } catch { throw .record(error) }
      do throws(NFTablesFailure) { try restore(script, former) } catch { throw .nftables(error) }
      try? directory.write(RollbackNote(revision: pending.revision).text, to: name("rollback"))
      RevisionHistory(in: directory, lock.namespace).forget(pending.revision)
      disarm()
    }

    /// Runs the script, and writes down what is installed then: the former state, to be compared.
    private func restore(_ script: String, _ former: InstalledState?) throws(NFTablesFailure) {
      directory.remove(name("state"))
      try enforcer.client.apply(script, holding: lock)
      guard var state = former else { return }
      // The next apply holds the table that is there now against the record.
      state.generation = 0
      try? directory.write(
        state.fileText(tableText: InstalledState.text(of: state.table)), to: name("state"))
    }
  }

  extension Enforcer {
    /// Undoes a change whose time for a confirmation is over and whose watchdog is gone. Takes the lock only where there is
    /// such a change.
    ///
    /// - Returns: the change that was undone; nil where there was none.
    /// - Throws: why the former ruleset is not back.
    public func undoExpired(onWait: (Int32?) -> Void = { _ in }) throws(EnforcementFailure)
      -> PendingConfirmation.Undone?
    {
      guard let namespace = try? NetworkNamespaceID.current(),
        Confirmations.readable(in: directory, namespace)?.isUnguarded(in: directory, namespace) == true
      else { return nil }
      return try locked(onWait: onWait) { lock throws(EnforcementFailure) in
        try Confirmations(enforcer: self, lock: lock).undoExpired()
      }
    }

    /// Keeps the change that waits for its confirmation.
    ///
    /// - Returns: what was confirmed.
    /// - Throws: `nothingPending`, also when the change was undone before, or that the lock was not had.
    public func confirm(onWait: (Int32?) -> Void = { _ in }) throws(EnforcementFailure) -> PendingConfirmation
    {
      try locked(onWait: onWait) { lock throws(EnforcementFailure) in
        let confirmations = Confirmations(enforcer: self, lock: lock)
        _ = try confirmations.undoExpired()
        guard let pending = try confirmations.pending() else {
          throw .nothingPending(Confirmations.note(in: directory, lock.namespace))
        }
        guard try confirmations.isInstalled(pending) else {
          confirmations.disarm()
          throw .notInstalled(pending)
        }
        confirmations.disarm()
        if pending.removesTable { try deleteTable(lock) }
        return pending
      }
    }

    /// Undoes the change that waits for its confirmation, at once.
    ///
    /// - Returns: what was undone.
    /// - Throws: `nothingPending`, or why the former ruleset is not back.
    public func rollback(onWait: (Int32?) -> Void = { _ in }) throws(EnforcementFailure)
      -> PendingConfirmation
    {
      try locked(onWait: onWait) { lock throws(EnforcementFailure) in
        let confirmations = Confirmations(enforcer: self, lock: lock)
        guard let pending = try confirmations.pending() else {
          throw .nothingPending(Confirmations.note(in: directory, lock.namespace))
        }
        try confirmations.rollBack(pending)
        return pending
      }
    }
  }
#endif
