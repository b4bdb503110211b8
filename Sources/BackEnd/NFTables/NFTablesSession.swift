#if os(Linux)
  public import LinuxNet
  import Glibc

  /// A worker that stays, with a context that libnftables reuses: a small transaction takes a fraction of a
  /// millisecond instead of the 15 ms of a process of its own.
  ///
  /// A worker that died, was killed for its slowness or refused a script is replaced at the next transaction. The
  /// network namespace is the one of the thread that makes the next worker, unless the client names one.
  public struct NFTablesSession: ~Copyable, Sendable {
    private let client: NFTablesClient
    private let lock: NamespaceLock.Held?
    private var worker: WorkerProcess?
    /// The worker's process id, nil before the first transaction and after a failure.
    public private(set) var workerProcess: Int32?

    /// A session, with no worker until the first transaction.
    ///
    /// - Parameters:
    ///   - client: which executable, time limit and network namespace.
    ///   - lock: a lock that stays held while a worker lives, even if this process is killed.
    public init(client: NFTablesClient = NFTablesClient(), lock: NamespaceLock.Held? = nil) {
      self.client = client
      self.lock = lock
    }

    /// Runs a script as one transaction.
    ///
    /// - Returns: warnings.
    /// - Throws: `NFTablesFailure` where libnftables, its process or the kernel refuses.
    @discardableResult
    public mutating func apply(_ script: String, format: NFTablesFormat = .text) throws(NFTablesFailure)
      -> [NFTablesMessage]
    {
      try run(script, dryRun: false, flags: format == .json ? .json : []).messages
    }

    /// Runs scripts as one transaction each, one after the other, up to the first that is refused.
    ///
    /// Between two of them every packet that the rules before had begun to judge is through (an RCU grace period). The
    /// worker goes on when its host is killed in between.
    ///
    /// - Parameter steps: scripts in nft's language, at least one. Positions in messages count through all of them.
    /// - Returns: warnings.
    /// - Throws: why a step was not made; the steps before it stay.
    @discardableResult
    public mutating func apply(steps: [String]) throws(NFTablesFailure) -> [NFTablesMessage] {
      let end = String(UnicodeScalar(WorkerProtocol.stepEnd))
      return try run(steps.joined(separator: end), steps: steps.count, dryRun: false, flags: []).messages
    }

    /// Runs a script as nft's dry run.
    ///
    /// - Returns: warnings.
    /// - Throws: `NFTablesFailure` where libnftables, its process or the kernel refuses.
    @discardableResult
    public mutating func check(_ script: String, format: NFTablesFormat = .text) throws(NFTablesFailure)
      -> [NFTablesMessage]
    {
      try run(script, dryRun: true, flags: format == .json ? .json : []).messages
    }

    /// The table as the kernel holds it, or nil when there is none.
    ///
    /// - Throws: `NFTablesFailure` where libnftables, its process or the kernel refuses.
    public mutating func list(
      _ table: NFTablesTable, as format: NFTablesFormat = .text, options: NFTablesListing = []
    ) throws(NFTablesFailure) -> String? {
      do {
        return try listing("list table \(table)\n", format: format, options: options)
      } catch {
        if case .rejected(let messages) = error, messages.count == 1, messages[0].place?.line == 1,
          messages[0].text.contains("No such file or directory")
        {
          return nil
        }
        throw error
      }
    }

    /// Every table of the namespace.
    ///
    /// - Throws: `NFTablesFailure` where libnftables, its process or the kernel refuses.
    public mutating func listRuleset(as format: NFTablesFormat = .text, options: NFTablesListing = [])
      throws(NFTablesFailure) -> String
    {
      try listing("list ruleset\n", format: format, options: options)
    }

    private mutating func listing(_ command: String, format: NFTablesFormat, options: NFTablesListing)
      throws(NFTablesFailure) -> String
    {
      let flags = format == .json ? options.union(.json) : options
      let output = try run(command, dryRun: false, flags: flags).output
      if format == .json && !isCompleteJSON(output) { throw .incompleteOutput }
      return output
    }

    private mutating func run(_ script: String, steps: Int = 1, dryRun: Bool, flags: NFTablesListing)
      throws(NFTablesFailure) -> WorkerProcess.Outcome
    {
      var current: WorkerProcess
      if let kept = worker.take(), !kept.hasEnded {
        current = kept
      } else {
        current = try WorkerProcess.start(
          client.executable, namespace: client.namespace?.descriptor ?? -1, lock: lock?.descriptor ?? -1,
          heedsSignals: client.heedsSignals)
      }
      workerProcess = nil
      var copy = script
      let result = copy.withUTF8 { bytes in
        Result { () throws(NFTablesFailure) in
          try current.run(
            UnsafeRawBufferPointer(bytes), steps: steps, dryRun: dryRun, outputFlags: flags.rawValue,
            limit: client.timeLimit)
        }
      }
      let outcome = try result.get()
      workerProcess = current.process
      worker = consume current
      return outcome
    }
  }

  /// True where every bracket, brace and string of a JSON text is closed, and there is at least one.
  func isCompleteJSON(_ text: String) -> Bool {
    var depth = 0
    var opened = false
    var inString = false
    var escaped = false
    for byte in text.utf8 {
      if inString {
        if escaped {
          escaped = false
        } else if byte == UInt8(ascii: "\\") {
          escaped = true
        } else if byte == UInt8(ascii: "\"") {
          inString = false
        }
        continue
      }
      switch byte {
      case UInt8(ascii: "\""): inString = true
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        depth += 1
        opened = true
      case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
      default: break
      }
    }
    return opened && depth == 0 && !inString
  }
#endif
