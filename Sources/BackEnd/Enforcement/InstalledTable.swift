#if os(Linux)
  import Digest
  import KernelProgram
  import Glibc
  import LinuxNet
  import NFTables
  public import Ruleset
  import RulesetText

  /// A table in the kernel that is changed repeatedly by known differences, each in one
  /// small transaction, by a child process that keeps its libnftables context.
  ///
  /// Between two transactions the namespace's lock is free: others may apply too. What they did is noticed by the same
  /// signs by which an apply trusts its record, and then the whole table is put in its place again. So it is after
  /// anything uncertain: a child that died, a difference that was refused.
  ///
  /// Each transaction makes a new revision. The record on disk is written by `record()` and with each replacement; the
  /// first transaction after it changes the table's marker, so that who reads the record finds that the table is another
  /// revision, and replaces it as a whole.
  ///
  /// All calls come from threads in one network namespace.
  public struct InstalledTable: ~Copyable, Sendable {
    private let enforcer: Enforcer
    private let file: NamespaceLock.File
    private var worker: NFTablesSession?
    /// The marker of what is installed.
    private var marker: RevisionMarker
    /// The namespace's count of transactions at that time.
    private var generation: UInt32
    /// Counts the transactions that change the table, by any program.
    private var count: ChangeCount
    private let socket: TableFacts.Socket
    /// The reason why the installed state is not certain; nil where it is.
    private var doubt: ReplacementReason?
    /// The process that runs libnftables, while there is one.
    public private(set) var workerProcess: Int32?
    /// True where the record on disk describes what is installed.
    public private(set) var isRecorded = false
    private static let notMade = "an earlier difference was not made"
    /// The report of the first installation.
    public let first: Enforcer.Report

    /// The revision that is installed: it counts up with each transaction.
    public private(set) var revision: UInt64

    /// Installs a table as `Enforcer.apply` does, and stays.
    ///
    /// - Parameters:
    ///   - enforcer: where the record is kept, and the way to the kernel.
    ///   - request: what to install at first.
    ///   - onWait: called once with the holder's process id when another process is at it for more than a second.
    /// - Throws: why the kernel holds what it held before, or, for `rollbackFailed`, why it does not.
    public init(
      _ enforcer: Enforcer, installing request: Enforcer.Request, onWait: (Int32?) -> Void = { _ in }
    ) throws(EnforcementFailure) {
      let opened = Result { () throws(NamespaceLock.Failure) in
        try NamespaceLock.File(directory: enforcer.directory.path)
      }
      let file: NamespaceLock.File
      switch consume opened {
      case .success(let made): file = made
      case .failure(let failure): throw .lock(failure)
      }
      let lock = try Self.take(file, onWait)
      var application = Application(enforcer: enforcer, request: request, lock: lock)
      let result = Result { () throws(EnforcementFailure) in try application.run() }
      // From here on each change counts; what came before it shows in the generation.
      let counting = ChangeCount()
      let asking = Result { () throws(SystemFailure) in try TableFacts.Socket() }
      file.letGo()
      let report = try result.get()
      let questions: TableFacts.Socket
      switch consume asking {
      case .success(let made): questions = made
      case .failure(let failure): throw .system(failure)
      }
      self.enforcer = enforcer
      self.file = file
      first = report
      revision = report.revision
      marker = RevisionMarker(revision: report.revision, digest: request.digest)
      // A commit between the look and the count is not known.
      let now = (try? TableFacts.generation()) ?? 0
      generation = now == application.known.generation ? now : 0
      socket = questions
      count = counting
      isRecorded = true
    }

    /// Makes a difference.
    ///
    /// - Parameters:
    ///   - delta: what differs between what was installed last and what is to be.
    ///   - filled: the same with all elements of small sets and maps, asked for where libnftables is needed; nil: it has them.
    ///   - onWait: called once with the holder's process id when another process is at it for more than a second.
    ///   - whole: the whole of what is to be, asked for where a difference does not do.
    /// - Returns: what was done.
    /// - Throws: why the kernel may hold something else. The next call puts the whole in its place.
    public mutating func commit(
      _ delta: TableDelta, filled: (() -> TableDelta)? = nil, onWait: (Int32?) -> Void = { _ in },
      whole: () -> Enforcer.Request
    ) throws(EnforcementFailure) -> Enforcer.Report {
      // Whatever ends this early, what is in the kernel is not what the next difference begins with.
      let known = doubt
      doubt = known ?? .uncertain(Self.notMade)
      let lock = try Self.take(file, onWait)
      defer { file.letGo() }
      try look(lock)
      if let reason = try intruder(known) { return try replace(reason, whole(), lock) }
      if delta.isEmpty {
        doubt = nil
        return Enforcer.Report(change: .nothing, revision: revision)
      }
      if delta.needsReplacement { return try replace(.restructured, whole(), lock) }
      var next = marker
      if isRecorded {
        // A reader of the record must find that the table is another one. What follows until the next record keeps
        // this marker: to delete a chain takes libnftables four times as long as to add an element.
        let difference = NFTPrinter.transaction(delta) ?? ""
        next = RevisionMarker(revision: revision + 1, digest: SHA256.hex(marker.digest + difference))
      }
      if let elements = elements(delta, next) {
        switch socket.commit(elements.bytes) {
        case .done:
          marker = next
          revision += 1
          isRecorded = false
          settle(1)
          if let doubt { return try replace(doubt, whole(), lock) }
          return Enforcer.Report(change: .difference(delta), revision: revision)
        case .unknown: return try replace(.uncertain("the kernel's answer was lost"), whole(), lock)
        // Another transaction came in between, or the table is not as it is thought to be: libnftables tells.
        case .refused: break
        }
      }
      var marked = filled?() ?? delta
      if next != marker { marked.mark(next, insteadOf: marker) }
      let steps = NFTPrinter.transactions(marked) ?? []
      let warnings: [NFTablesMessage]
      do throws(NFTablesFailure) { warnings = try send(steps, lock) } catch {
        switch error {
        case .noPermission, .unavailable, .timedOut(_, stillRunning: true): throw .nftables(error)
        case .rejected(let messages):
          return try replace(.refused(messages.first?.text ?? "no reason given"), whole(), lock)
        default: return try replace(.uncertain("\(error)"), whole(), lock)
        }
      }
      marker = next
      revision += 1
      isRecorded = false
      settle(steps.count)
      if let doubt { return try replace(doubt, whole(), lock) }
      return Enforcer.Report(change: .difference(delta), revision: revision, warnings: warnings)
    }

    /// A difference of elements as the kernel takes it, with the marker that is to be; nil where libnftables is needed.
    private func elements(_ delta: TableDelta, _ next: RevisionMarker) -> ElementTransaction? {
      if generation == 0 { return nil }
      return ElementTransaction(
        delta, marker: next == marker ? nil : (next, marker), generation: generation)
    }

    /// Writes down what is installed, so that the next apply can continue from it with a difference. What takes long was done
    /// before: this sends a transaction of a few commands, and writes a file.
    ///
    /// - Parameter prepared: the record; nothing is done where it is of another revision than the installed one.
    /// - Returns: notes for an operator, where something could not be written or was not as it was left.
    /// - Throws: why the kernel may hold something else. The next call puts the whole in its place.
    public mutating func record(_ prepared: PreparedRecord) throws(EnforcementFailure) -> [String] {
      if prepared.revision != revision { return [] }
      let whole = prepared.request
      let lock = try Self.take(file) { _ in }
      defer { file.letGo() }
      try look(lock)
      if let reason = try intruder(doubt) { return try replace(reason, whole, lock).notes }
      if isRecorded { return [] }
      // The record's marker is of the table's text, which was not computed since the last record.
      let next = prepared.marker
      var delta = TableDelta(whole.table.family, whole.table.name)
      doubt = .uncertain(Self.notMade)
      if let message = elements(delta, next), socket.commit(message.bytes) == .done {
        settle(1)
      } else {
        // Refused, or nobody knows: libnftables tells, and a marker that is there already is no other program's.
        delta.mark(next, insteadOf: marker)
        let steps = NFTPrinter.transactions(delta) ?? []
        do throws(NFTablesFailure) { _ = try send(steps, lock) } catch {
          return try replace(.uncertain("\(error)"), whole, lock).notes
        }
        settle(steps.count)
      }
      marker = next
      if let doubt { return try replace(doubt, whole, lock).notes }
      var application = Application(enforcer: enforcer, request: whole, lock: lock)
      application.known = Application.Known(objects: prepared.objects, generation: generation)
      application.record(marker)
      isRecorded = true
      return application.notes
    }

    /// Says that a difference was worked out and not sent: the next `commit` puts the whole in its place.
    public mutating func withhold() { doubt = doubt ?? .uncertain(Self.notMade) }

    /// True where no transaction was committed in the network namespace since the last one of this table.
    public var isUndisturbed: Bool {
      generation != 0
        && generation == (try? socket.ask { () throws(SystemFailure) in try TableFacts.generation() })
    }

    private static func take(_ file: borrowing NamespaceLock.File, _ onWait: (Int32?) -> Void)
      throws(EnforcementFailure) -> NamespaceLock.Held
    {
      do throws(NamespaceLock.Failure) { return try file.take(limit: .seconds(60), onWait: onWait) } catch {
        throw .lock(error)
      }
    }

    /// True where this is the place, and no change waits for a confirmation.
    private func look(_ lock: NamespaceLock.Held) throws(EnforcementFailure) {
      do throws(SystemFailure) {
        if try NetworkNamespaceID.current() != lock.namespace {
          throw SystemFailure("stay in the network namespace of the session", code: EINVAL)
        }
      } catch { throw .system(error) }
      _ = try Confirmations(enforcer: enforcer, lock: lock).refuseIfPending()
    }

    /// The reason why the table is not as this process left it; nil where it is. An existing doubt is
    /// returned as it is.
    private mutating func intruder(_ doubt: ReplacementReason?) throws(EnforcementFailure)
      -> ReplacementReason?
    {
      if let doubt { return doubt }
      do throws(SystemFailure) {
        let now = try socket.ask { () throws(SystemFailure) in try TableFacts.generation() }
        if now == generation { return nil }
        let changes = count.changes()
        if generation != 0, changes.transactions == 0, !changes.isIncomplete {
          generation = now
          return nil
        }
        let marker = marker
        return try socket.ask { () throws(SystemFailure) -> ReplacementReason? in
          guard try TableFacts.read(.netpolc) != nil else { return .tableGone }
          return try TableFacts.hasChain(marker.chain, in: .netpolc) ? .tableChanged : .otherRevision
        }
      } catch { throw .kernel(error) }
    }

    private mutating func send(_ steps: [String], _ lock: NamespaceLock.Held) throws(NFTablesFailure)
      -> [NFTablesMessage]
    {
      var session: NFTablesSession
      if let kept = worker.take() {
        session = kept
      } else {
        session = NFTablesSession(client: enforcer.client, lock: lock)
      }
      let result = Result { () throws(NFTablesFailure) in try session.apply(steps: steps) }
      workerProcess = session.workerProcess
      worker = consume session
      return try result.get()
    }

    /// Records that the transactions of a commit succeeded. Another program's among them is a doubt about the table.
    private mutating func settle(_ commits: Int) {
      doubt = nil
      let expected = generation &+ UInt32(commits)
      let now = (try? socket.ask { () throws(SystemFailure) in try TableFacts.generation() }) ?? 0
      let changes = count.take()
      if now != expected || now == 0, changes.isIncomplete || changes.transactions != commits {
        doubt = .tableChanged
      }
      generation = now
    }

    private mutating func replace(
      _ reason: ReplacementReason, _ whole: Enforcer.Request, _ lock: NamespaceLock.Held
    ) throws(EnforcementFailure) -> Enforcer.Report {
      doubt = reason
      var application = Application(enforcer: enforcer, request: whole, lock: lock)
      application.replaces = (reason, revision)
      _ = count.take()
      let report = try application.run()
      revision = report.revision
      marker = RevisionMarker(revision: revision, digest: whole.digest)
      isRecorded = true
      let now = (try? socket.ask { () throws(SystemFailure) in try TableFacts.generation() }) ?? 0
      let changes = count.take()
      let isCounted = !changes.isIncomplete && changes.transactions == application.known.commits
      let isKnown = now != 0 && application.known.generation != 0
      doubt = isKnown && (now == application.known.generation || isCounted) ? nil : .tableChanged
      generation = now
      return report
    }
  }
#endif
