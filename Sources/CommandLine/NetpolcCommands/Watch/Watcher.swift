#if os(Linux)
  import ArgumentParser
  import Enforcement
  import Glibc
  import KernelProgram
  import KernelReader
  import LinuxNet
  import NFTables
  import NodeCompiler
  import PolicyModel
  import Proving
  import Ruleset
  import Verification

  /// `verify --live --watch`: proves the live table again after each change of it.
  ///
  /// The kernel reports changes, so none is missed however short it lasts, and tables of others cost a look at
  /// their messages. Policies and inventory are read again before each proof where their files have changed.
  struct Watcher: ~Copyable {
    private let node: String?
    private let enforcing: ModeOptions
    private let options: WatchOptions
    private let enforcer = Enforcer()
    private var inputs: WatchedInputs
    private var watch: TableWatch
    private let signals: SignalFile
    private var finding = WatchFinding(verdict: .trouble("not checked yet"))
    private var transactions = 0
    private var metricsFailure: String?

    /// Begins to listen, then reads what the table is held against.
    ///
    /// - Throws: what ends the command: input that cannot be read, a kernel that cannot be asked.
    init(_ input: InputOptions, node: String?, _ enforcing: ModeOptions, _ options: WatchOptions) throws {
      // First of all: threads that reading starts take over what is held back.
      let signals = try Self.telling { () throws(SystemFailure) in try SignalFile([SIGTERM, SIGINT, SIGHUP]) }
      let watch = try Self.telling { () throws(SystemFailure) in try TableWatch(.netpolc) }
      inputs = try WatchedInputs(input)
      self.node = node
      self.enforcing = enforcing
      self.options = options
      self.signals = signals
      self.watch = watch
    }

    private static func telling<Result: ~Copyable>(_ body: () throws(SystemFailure) -> Result) throws
      -> Result
    {
      do throws(SystemFailure) { return try body() } catch {
        throw end("\(EnforcementFailure.kernel(error))")
      }
    }

    private static func end(_ reason: String) -> ExitCode {
      StandardError.write("netpolc: error: \(reason)\n")
      return ExitCode(Status.trouble)
    }

    /// Watches until SIGTERM or SIGINT; the status is that of the last proof.
    mutating func run() throws {
      StandardError.report(Surroundings().diagnostics(inputs.cluster, node: node))
      look(because: "at the start")
      if case .trouble(let reason) = finding.verdict { throw Self.end(reason) }
      while let event = try Self.telling({ () throws(SystemFailure) in try next() }) {
        switch event {
        case .changes(let changes):
          transactions += changes.transactions
          look(because: Self.words(changes))
        case .reload:
          inputs.refresh(always: true)
          look(because: "on SIGHUP")
        case .idle where inputs.haveChanged:
          look(because: "policies or inventory changed")
        case .idle:
          refreshStatus()
        }
      }
      let status = finding.exitStatus
      StandardError.write("netpolc: ended by a signal; the status is that of the last proof: \(status)\n")
      if status != 0 { throw ExitCode(status) }
    }

    private enum Event {
      case changes(TableWatch.Changes)
      case reload
      /// Nothing for a while.
      case idle
    }

    /// Waits for what comes next; nil: the end.
    private mutating func next() throws(SystemFailure) -> Event? {
      let deadline = ContinuousClock.now + .seconds(options.refresh.seconds)
      while true {
        let isReadable = wait(until: deadline)
        while let signal = signals.next() {
          if signal != SIGHUP { return nil }
          return .reload
        }
        let changes = try settledChanges()
        if !changes.isEmpty { return .changes(changes) }
        if !isReadable, ContinuousClock.now >= deadline { return .idle }
      }
    }

    /// The changes, once there have been none for a moment: a burst counts as one change.
    private mutating func settledChanges() throws(SystemFailure) -> TableWatch.Changes {
      var changes = TableWatch.Changes()
      let deadline = ContinuousClock.now + .seconds(1)
      while true {
        changes.add(try watch.changes())
        if changes.isEmpty || ContinuousClock.now >= deadline { return changes }
        var wanted = pollfd(fd: watch.descriptor, events: Int16(POLLIN), revents: 0)
        if poll(&wanted, 1, 50) == 0 { return changes }
      }
    }

    /// True where a signal or an event came before the deadline.
    private func wait(until deadline: ContinuousClock.Instant) -> Bool {
      let left = max(.zero, ContinuousClock.now.duration(to: deadline)).components
      let milliseconds = left.seconds * 1000 + left.attoseconds / 1_000_000_000_000_000 + 1
      var wanted = [signals.descriptor, watch.descriptor].map {
        pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
      }
      return poll(&wanted, 2, Int32(clamping: milliseconds)) > 0
    }

    /// Reads, proves, reports.
    private mutating func look(because cause: String) {
      inputs.refresh()
      finding = examine()
      // The metrics are written before the line, so a reader of the line finds them.
      writeMetrics()
      let inputs = inputs.isCurrent ? "" : "; inputs unreadable; using the last readable version"
      StandardOutput.write(finding.line(cause + inputs))
      if case .counterexample(_, let details) = finding.verdict { StandardError.write(details) }
    }

    private func examine() -> WatchFinding {
      let status: InstalledStatus
      do throws(EnforcementFailure) { status = try enforcer.statusAtRest() } catch {
        return WatchFinding(verdict: .trouble("\(error)"))
      }
      guard let table = status.table else {
        guard case .unknown(let why) = status.drift, status.revision == nil, status.hasTable else {
          return WatchFinding(verdict: .absent, status: status)
        }
        return WatchFinding(verdict: .undecided(why), status: status)
      }
      let modes: EnforcementModes
      do {
        modes = try enforcing.modes(
          inputs.cluster, node: node, recorded: status.state?.modes, in: LiveTable.record,
          of: table)
      } catch { return WatchFinding(verdict: .trouble("\(error)"), status: status) }
      let program: KernelTable?
      do throws(KernelReader.Failure) { program = try KernelReader.read(.netpolc).table } catch {
        return WatchFinding(verdict: .trouble("the table cannot be read: \(error)"), status: status)
      }
      guard let program else { return WatchFinding(verdict: .absent, status: status) }
      let proof = Proof(of: program, listedAs: table, for: inputs.cluster, node: node, modes)
      let verdict: WatchFinding.Verdict =
        switch proof.result {
        case .proven: .proven
        case .counterexample:
          .counterexample(
            proof.counterexamples.first?.summary ?? "a packet",
            details: proof.counterexamples.map(\.text).joined())
        case .undecided(let reasons): .undecided(reasons.first?.description ?? "no reason given")
        }
      return WatchFinding(verdict: verdict, status: status, duration: proof.duration)
    }

    /// Counters and confirmations move without the table being changed.
    private mutating func refreshStatus() {
      guard options.metrics != nil else { return }
      if let status = try? enforcer.statusAtRest() { finding.status = status }
      writeMetrics()
    }

    private mutating func writeMetrics() {
      guard let path = options.metrics else { return }
      let page = WatchMetrics(finding: finding, inputs: inputs, transactions: transactions)
      do throws(OutputFile.Failure) {
        try OutputFile(path: path, mode: 0o644).write(page.text)
        metricsFailure = nil
      } catch {
        // Told once, not with every change.
        if metricsFailure != error.description { StandardError.write("netpolc: warning: \(error)\n") }
        metricsFailure = error.description
      }
    }

    private static func words(_ changes: TableWatch.Changes) -> String {
      let shown = changes.committers.prefix(3).map(\.description).joined(separator: ", ")
      let who = shown + (changes.committers.count > 3 ? ", …" : "")
      var words =
        changes.transactions == 1 ? "changed by \(who)" : "\(changes.transactions) changes by \(who)"
      if changes.transactions == 0 { words = "changed by an unknown process" }
      return changes.isIncomplete ? "\(words); the kernel had more events than it could keep" : words
    }
  }
#endif
