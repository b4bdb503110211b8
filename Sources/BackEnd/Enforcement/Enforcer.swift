#if os(Linux)
  import LinuxNet
  public import NFTables
  public import PolicyModel
  public import Ruleset

  /// Installs tables in the calling thread's network namespace, and remembers what it installed.
  public struct Enforcer: Sendable {
    /// Whether the table is read back after the commit and compared with what was meant.
    public enum ReadBack: Sendable, Hashable {
      /// After a replacement of the whole, and before every confirmation.
      case whereAffordable
      /// Always.
      case always
      /// Never.
      case never
    }

    /// What is to be installed.
    public struct Request: Sendable {
      /// The table.
      public var table: Table
      /// The text that puts the table in the place of whatever is there, as one transaction.
      public var replacement: String
      /// What the table was made from.
      public var inputs: InstalledState.Inputs
      /// What the chains that deny stand for, in words.
      public var classes: [String: String]
      /// In which modes the table is.
      public var modes: EnforcementModes
      /// Whether the table is read back.
      public var readBack: ReadBack
      /// How long the change may stay without `confirm`; nil: for good.
      public var confirmWithin: Duration?
      /// The node whose pods are isolated, and how many are; nil: not recorded.
      public var scope: InstalledState.Scope?
      /// Judges the change before the commit, by the table that is loaded, nil where there is none or it cannot be read:
      /// the reason of an objection refuses the change. Not asked where nothing changes.
      public var approval: (@Sendable (Table?) -> String?)?
      /// Whether a confirmation deletes the table, which is empty meanwhile.
      var removes = false
      /// Judges the table that was read back; a reason means that it is wrong. Asked besides the comparison.
      public var proof: (@Sendable (Table) -> String?)?

      /// A request.
      public init(
        _ table: Table, replacement: String, inputs: InstalledState.Inputs, classes: [String: String] = [:],
        modes: EnforcementModes = EnforcementModes(), readBack: ReadBack = .whereAffordable,
        confirmWithin: Duration? = nil,
        proof: (@Sendable (Table) -> String?)? = nil
      ) {
        self.table = table
        self.replacement = replacement
        self.inputs = inputs
        self.classes = classes
        self.modes = modes
        self.readBack = readBack
        self.confirmWithin = confirmWithin
        self.proof = proof
      }
    }

    /// What was done.
    public struct Report: Sendable {
      /// How the table changed.
      public enum Change: Sendable {
        /// Not at all: it was what it should be.
        case nothing
        /// By this difference.
        case difference(TableDelta)
        /// As a whole, and why not by a difference.
        case whole(ReplacementReason)
      }
      /// How the table changed.
      public var change: Change
      /// The revision that is installed now.
      public var revision: UInt64
      /// Whether the table was read back and found to be what was meant.
      public var isReadBack = false
      /// Warnings of libnftables.
      public var warnings: [NFTablesMessage] = []
      /// What else an operator should know.
      public var notes: [String] = []
      /// When the former ruleset comes back unless the change is confirmed.
      public var confirmation: PendingConfirmation?
      /// The signal that came too late to stop the change.
      public var lateSignal: Int32?
    }

    /// Where the state is kept.
    public var directory: StateDirectory
    /// The way to the kernel.
    public var client: NFTablesClient
    /// What keeps a rollback alive where it runs.
    public var serviceManager: ServiceManager

    /// An enforcer.
    public init(
      directory: StateDirectory = .standard, client: NFTablesClient = NFTablesClient(),
      serviceManager: ServiceManager = .systemd
    ) {
      self.directory = directory
      self.client = client
      self.serviceManager = serviceManager
    }

    /// Installs a table: in one transaction, of what differs where that is known.
    ///
    /// - Parameters:
    ///   - request: what to install.
    ///   - onWait: called once with the holder's process id when another process is at it for more than a second.
    /// - Returns: what was done.
    /// - Throws: why the kernel holds what it held before, or, for `rollbackFailed`, why it does not.
    public func apply(_ request: Request, onWait: (Int32?) -> Void = { _ in }) throws(EnforcementFailure)
      -> Report
    {
      try locked(onWait: onWait) { lock throws(EnforcementFailure) in
        var application = Application(enforcer: self, request: request, lock: lock)
        return try application.run()
      }
    }

    /// Runs `body` while no other netpolc changes the namespace.
    func locked<Result>(
      limit: Duration = .seconds(60), onWait: (Int32?) -> Void = { _ in },
      _ body: (NamespaceLock.Held) throws(EnforcementFailure) -> Result
    ) throws(EnforcementFailure) -> Result {
      let result: Swift.Result<Result, EnforcementFailure>
      do {
        result = try NamespaceLock.withLock(directory: directory.path, limit: limit, onWait: onWait) { lock in
          Swift.Result { () throws(EnforcementFailure) in try body(lock) }
        }
      } catch let failure as NamespaceLock.Failure {
        throw .lock(failure)
      } catch {
        throw .system(SystemFailure("lock the network namespace: \(error)", code: 0))
      }
      return try result.get()
    }
  }
#endif
