#if os(Linux)
  import Assembler
  import KernelProgram
  import KernelReader
  import LinuxNet
  import NFTables
  import Ruleset

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
    /// The knowledge of the table after a commit: its objects as they were sent, and the generation at which it was so.
    var known = Known(objects: ObjectDigests(objects: [:]), generation: 0)

    /// The objects of a table, and the generation of the packet filter at which the table was made of them.
    struct Known {
      var objects: ObjectDigests
      /// 0 where another program may have changed the table since.
      var generation: UInt32
      /// The number of own transactions; nil where it is not certain.
      var commits: Int?
    }

    init(enforcer: Enforcer, request: Enforcer.Request, lock: NamespaceLock.Held) {
      var enforcer = enforcer
      // They are held back as long as the ruleset in force is not certain: a worker that hangs must not make that long.
      enforcer.client.heedsSignals = true
      self.enforcer = enforcer
      self.request = request
      self.lock = lock
    }

    mutating func run() throws(EnforcementFailure) -> Enforcer.Report {
      let signals = DeferredSignals()
      var watch = ChangeCount()
      let confirmations = Confirmations(enforcer: enforcer, lock: lock)
      if let undone = try confirmations.refuseIfPending() { notes.append(undone.words) }
      let trust: RecordTrust
      if let replaces {
        let reading = try RecordTrust.read()
        trust = .unknown(
          RecordTrust.Doubt(
            reason: replaces.reason, lastRevision: replaces.lastRevision, found: reading.table,
            generation: reading.generation))
      } else {
        trust = try RecordTrust.gather(
          in: enforcer.directory, lock.namespace, reads: request.readBack == .always)
      }
      // The number of a revision that was undone is not used again.
      let undone = Confirmations.note(in: enforcer.directory, lock.namespace)?.revision ?? 0
      let marker = RevisionMarker(revision: max(trust.lastRevision, undone) + 1, digest: request.digest)
      var plan = Plan(trust, to: request.table, marker: marker, digest: request.digest)
      if case .nothing = plan, case .trusted(let state) = trust {
        return keep(state, signals)
      }
      if let approval = request.approval,
        let objection = approval(trust.loaded(wanted: request.table, enforcer.client))
      {
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
      let sent = request.table.marked(marker)
      do throws(EnforcementFailure) {
        if let signal = signals.taken { throw .interrupted(signal: signal) }
        let commit = try commit(&plan, marker)
        known = settled(sent, after: commit, from: trust.generation, &watch)
      } catch {
        if pending != nil { confirmations.disarm() }
        throw error
      }
      if let armed = pending { pending = confirmations.restart(armed, &notes) }
      let reason = readsBack ? judge(sent) : nil
      record(marker)
      if let snapshot, let reason {
        RevisionHistory(in: enforcer.directory, lock.namespace).forget(marker.revision)
        throw confirmations.undo(snapshot, trust, because: reason)
      }
      return Enforcer.Report(
        change: plan.change, revision: marker.revision, isReadBack: readsBack, warnings: warnings,
        notes: notes,
        confirmation: pending, lateSignal: signals.taken)
    }

    /// The kernel holds the table already; what it was made from may have changed all the same.
    private mutating func keep(_ state: InstalledState, _ signals: borrowing DeferredSignals)
      -> Enforcer.Report
    {
      known = Known(objects: state.objects, generation: state.generation)
      if state.inputs != request.inputs || state.classes != request.classes || state.modes != request.modes
        || state.scope != request.scope
      {
        var state = state
        state.inputs = request.inputs
        state.classes = request.classes
        state.modes = request.modes
        state.scope = request.scope
        write(state)
      }
      if request.confirmWithin != nil { notes.append("nothing changed, so nothing waits for a confirmation") }
      return Enforcer.Report(
        change: .nothing, revision: state.revision, isReadBack: request.readBack == .always, notes: notes,
        lateSignal: signals.taken)
    }

    /// Adds a warning for the operator.
    mutating func note(_ text: String) { notes.append(text) }

    /// Adds warnings of libnftables.
    mutating func warn(_ messages: [NFTablesMessage]) { warnings += messages }

    private func readsBack(_ plan: Plan) -> Bool {
      switch request.readBack {
      case .always: return true
      case .never: return false
      case .whereAffordable:
        if case .small = plan { return request.confirmWithin != nil }
        return true
      }
    }

    private func takeSnapshot() throws(EnforcementFailure) -> TableSnapshot {
      do throws(NFTablesFailure) { return try enforcer.client.snapshot(.netpolc) } catch {
        throw .nftables(error)
      }
    }

    /// Writes down that the table is in the kernel, with this marker.
    mutating func record(_ marker: RevisionMarker) {
      write(
        InstalledState(
          namespace: lock.namespace, revision: marker.revision, digest: request.digest,
          generation: known.generation,
          objects: known.objects, applied: .now,
          inputs: request.inputs, classes: request.classes, modes: request.modes, scope: request.scope,
          table: request.table))
    }

    private mutating func write(_ state: InstalledState) {
      let name = InstalledState.file("state", lock.namespace)
      do throws(PrivateFile.Failure) {
        try enforcer.directory.write(state.fileText(tableText: request.text), to: name)
        if let owners = request.owners {
          do throws(PrivateFile.Failure) {
            try RevisionHistory(in: enforcer.directory, lock.namespace).keep(state.revision, owners: owners())
          } catch {
            notes.append(
              "revision \(state.revision) is not in the history, and cannot be returned to: \(error)")
          }
        }
      } catch {
        // An old state would not fit the table's marker, but nothing is better than something wrong.
        enforcer.directory.remove(name)
        notes.append("no record could be written, so the next apply will replace the whole table: \(error)")
      }
    }
  }
#endif
