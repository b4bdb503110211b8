#if os(Linux)
  import Digest
  import LinuxNet
  import NFTables
  import Ruleset
  import RulesetText

  /// One apply, under the lock: look, snapshot, arm, commit, read back, record.
  struct Application {
    let enforcer: Enforcer
    let request: Enforcer.Request
    let lock: NamespaceLock.Held
    /// The reason to replace the table whatever the record says, with the last revision; nil where the record
    /// decides.
    var replaces: (reason: ReplacementReason, lastRevision: UInt64)?
    private(set) var notes: [String] = []
    private var warnings: [NFTablesMessage] = []
    /// True where more may be in the kernel than was meant, because a step after the commit was not made.
    private var isUncertain = false

    init(enforcer: Enforcer, request: Enforcer.Request, lock: NamespaceLock.Held) {
      self.enforcer = enforcer
      self.request = request
      self.lock = lock
    }

    mutating func run() throws(EnforcementFailure) -> Enforcer.Report {
      let signals = DeferredSignals()
      let confirmations = Confirmations(enforcer: enforcer, lock: lock)
      try confirmations.refuseIfPending()
      let trust: RecordTrust
      if let replaces {
        trust = .unknown(replaces.reason, lastRevision: replaces.lastRevision)
      } else {
        trust = try RecordTrust.gather(in: enforcer.directory, lock.namespace)
      }
      let tableText = InstalledState.text(of: request.table)
      let digest = SHA256.hex(tableText)
      // The number of a revision that was undone is not used again.
      let undone = Confirmations.note(in: enforcer.directory, lock.namespace)?.revision ?? 0
      let marker = RevisionMarker(revision: max(trust.lastRevision, undone) + 1, digest: digest)
      var plan = Plan(trust, to: request.table, marker: marker, digest: digest)
      if case .nothing = plan, case .trusted(let state) = trust {
        return keep(state, tableText, signals)
      }
      if let approval = request.approval, let objection = approval(loadedTable(trust)) {
        throw .refused(reason: objection)
      }
      let readsBack = readsBack(plan)
      let snapshot = try readsBack || request.confirmWithin != nil ? takeSnapshot() : nil
      if let signal = signals.taken { throw .interrupted(signal: signal) }
      var pending: PendingConfirmation?
      if let window = request.confirmWithin, let snapshot {
        pending = try confirmations.arm(
          window, marker, snapshot, trust, removes: request.removes, &notes)
      }
      do throws(EnforcementFailure) {
        if let signal = signals.taken { throw .interrupted(signal: signal) }
        try commit(&plan, marker, found: snapshot)
      } catch {
        if pending != nil { confirmations.disarm() }
        throw error
      }
      if let armed = pending { pending = confirmations.restart(armed, &notes) }
      record(marker, digest, tableText)
      if readsBack, let snapshot, let reason = judge(marker) {
        throw confirmations.undo(snapshot, trust, because: reason)
      }
      return Enforcer.Report(
        change: plan.change, revision: marker.revision, isReadBack: readsBack, warnings: warnings,
        notes: notes,
        confirmation: pending, lateSignal: signals.taken)
    }

    /// The table that the kernel holds: by the record where that is trusted, otherwise by its listing; nil where there is
    /// none or it cannot be read.
    private func loadedTable(_ trust: RecordTrust) -> Table? {
      if case .trusted(let state) = trust { return state.table }
      guard let text = (try? enforcer.client.list(.netpolc, options: .stateless)) ?? nil else { return nil }
      return (try? NFTReader.read(text))?.tables.first?.unmarked
    }

    /// The kernel holds the table already; what it was made from may have changed all the same.
    private mutating func keep(
      _ state: InstalledState, _ tableText: String, _ signals: borrowing DeferredSignals
    )
      -> Enforcer.Report
    {
      if state.inputs != request.inputs || state.classes != request.classes || state.modes != request.modes
        || state.scope != request.scope
      {
        var state = state
        state.inputs = request.inputs
        state.classes = request.classes
        state.modes = request.modes
        state.scope = request.scope
        write(state, tableText)
      }
      if request.confirmWithin != nil { notes.append("nothing changed, so nothing waits for a confirmation") }
      return Enforcer.Report(
        change: .nothing, revision: state.revision, notes: notes, lateSignal: signals.taken)
    }

    private func readsBack(_ plan: Plan) -> Bool {
      switch request.readBack {
      case .always: return true
      case .never: return false
      case .whereAffordable:
        if case .full = plan { return true }
        return request.confirmWithin != nil
      }
    }

    private func takeSnapshot() throws(EnforcementFailure) -> TableSnapshot {
      do throws(NFTablesFailure) { return try enforcer.client.snapshot(.netpolc) } catch {
        throw .nftables(error)
      }
    }

    /// The transaction, or the few that a difference needs. What the kernel refuses as a difference is tried as a whole.
    private mutating func commit(_ plan: inout Plan, _ marker: RevisionMarker, found: TableSnapshot?)
      throws(EnforcementFailure)
    {
      let steps: [String]? =
        switch plan {
        case .small(_, let steps): steps
        case .full: mend(found, marker)
        case .nothing: nil
        }
      if let steps {
        do throws(NFTablesFailure) {
          warnings = try enforcer.client.apply(steps: steps, holding: lock)
          return
        } catch {
          guard case .rejected(let messages) = error else {
            // Some steps may be made: only what is wholly in the kernel is written down.
            isUncertain = steps.count > 1
            return try settle(error, marker)
          }
          if case .small = plan { plan = .full(.refused(messages.first?.text ?? "no reason given")) }
        }
      }
      do throws(NFTablesFailure) {
        let script = "\(request.replacement)add chain \(NFTablesTable.netpolc) \(marker.chain)\n"
        warnings = try enforcer.client.apply(script, holding: lock)
      } catch { try settle(error, marker) }
    }

    /// The steps that turn the existing table, whatever it holds, into the wanted one in place; nil where it
    /// must be deleted first. Deleting a table leaves packets that are being judged without verdict maps.
    private func mend(_ found: TableSnapshot?, _ marker: RevisionMarker) -> [String]? {
      guard let text = found?.content ?? ((try? enforcer.client.list(.netpolc)) ?? nil),
        let table = (try? NFTReader.read(text))?.tables.first
      else { return nil }
      let new = request.table.marked(marker).normalized()
      let delta = TableDelta(from: table.normalized(), to: new)
      return delta.needsReplacement ? nil : NFTPrinter.transactions(delta, to: new)
    }

    /// A worker that died may have committed before: the marker tells.
    private mutating func settle(_ failure: NFTablesFailure, _ marker: RevisionMarker)
      throws(EnforcementFailure)
    {
      switch failure {
      case .rejected, .noPermission, .unavailable: throw .nftables(failure)
      default:
        guard (try? TableFacts.hasChain(marker.chain, in: .netpolc)) == true else { throw .nftables(failure) }
        notes.append("the transaction was committed all the same: \(failure)")
      }
    }

    /// Writes down that the table is in the kernel, with this marker.
    mutating func record(_ marker: RevisionMarker, _ digest: String, _ tableText: String) {
      if isUncertain {
        enforcer.directory.remove(InstalledState.file("state", lock.namespace))
        return
      }
      guard let facts = (try? TableFacts.read(.netpolc)) ?? nil else {
        notes.append("the table is gone again already: another program is changing it")
        enforcer.directory.remove(InstalledState.file("state", lock.namespace))
        return
      }
      write(
        InstalledState(
          namespace: lock.namespace, revision: marker.revision, digest: digest, facts: facts, applied: .now,
          inputs: request.inputs, classes: request.classes, modes: request.modes, scope: request.scope,
          table: request.table),
        tableText)
    }

    private mutating func write(_ state: InstalledState, _ tableText: String) {
      let name = InstalledState.file("state", lock.namespace)
      do throws(PrivateFile.Failure) {
        try enforcer.directory.write(state.fileText(tableText: tableText), to: name)
      } catch {
        // An old state would not fit the table's marker, but nothing is better than something wrong.
        enforcer.directory.remove(name)
        notes.append("no record could be written, so the next apply will replace the whole table: \(error)")
      }
    }

    /// The difference between the table in the kernel and the wanted one, as a reason; nil where there is
    /// none.
    private func judge(_ marker: RevisionMarker) -> String? {
      do {
        guard let text = try enforcer.client.list(.netpolc, options: .stateless) else {
          return "the table was gone when it was read back"
        }
        guard let found = try NFTReader.read(text).tables.first, found.marker == marker else {
          return "the table read back is another revision"
        }
        let table = found.unmarked
        if table.normalized() != request.table.normalized() {
          return "the table read back is not the one that was sent"
        }
        return request.proof?(table).map { "the table read back is wrong: \($0)" }
      } catch {
        return "the table could not be read back: \(error)"
      }
    }
  }
#endif
