#if os(Linux)
  import Digest
  public import KernelProgram
  import LinuxNet
  public import NFTables
  public import PolicyModel
  public import Ruleset
  import RulesetText

  /// Installs tables in the calling thread's network namespace, and remembers what it installed.
  public struct Enforcer: Sendable {
    /// True where the table is read back after the commit and compared with what was meant.
    public enum ReadBack: Sendable, Hashable {
      /// After a replacement of the whole, and before every confirmation.
      case whereAffordable
      /// Reads the table back after every change.
      case always
      /// Never reads the table back.
      case never
    }

    /// The table to install, with the inputs it was made from and the conditions of the change.
    public struct Request: Sendable {
      /// The table to install.
      public let table: Table
      /// The table as text, printed once an apply: behind the commands that make way for it, it is what libnftables takes, and
      /// the record keeps it.
      public let text: String
      /// The digest of the text, which tells the table from others.
      let digest: String
      /// The inputs that the table was made from.
      public var inputs: InstalledState.Inputs
      /// A description of each chain that denies, by the chain's name.
      public var classes: [String: ClassSubject]
      /// In which modes the table is.
      public var modes: EnforcementModes
      /// True where the table is read back.
      public var readBack: ReadBack
      /// The time that the change may stay without `confirm`; nil: for good.
      public var confirmWithin: Duration?
      /// The node whose pods are isolated, and how many are; nil: not recorded.
      public var scope: InstalledState.Scope?
      /// The name of the pod of each address of the inventory, for the history; nil: the change is not kept in it.
      public var owners: (@Sendable () -> [String: String])?
      /// Judges the change before the commit, by the table that is loaded, nil where there is none or it cannot be read:
      /// the reason of an objection refuses the change. Not asked where nothing changes.
      public var approval: (@Sendable (Table?) -> String?)?
      /// True where a confirmation deletes the table, which is empty meanwhile.
      var removes = false
      /// True where the table was proved before: a table that is read back and is the same program needs no other proof.
      public var isProved = false
      /// Judges the table that was read back; a reason means that it is wrong. Asked besides the comparison.
      public var proof: (@Sendable (KernelTable) -> String?)?

      /// The text that puts the table in the place of whatever is there, as one transaction.
      var replacement: String { NFTPrinter.replacing(table, printed: text) }

      /// Creates a request. The table is printed unless its text, as `NFTPrinter.print` gives it, is there already.
      public init(
        _ table: Table, text: String? = nil, inputs: InstalledState.Inputs,
        classes: [String: ClassSubject] = [:],
        modes: EnforcementModes = EnforcementModes(), readBack: ReadBack = .whereAffordable,
        confirmWithin: Duration? = nil,
        proof: (@Sendable (KernelTable) -> String?)? = nil
      ) {
        self.table = table
        self.text = text ?? InstalledState.text(of: table)
        digest = SHA256.hex(self.text)
        self.inputs = inputs
        self.classes = classes
        self.modes = modes
        self.readBack = readBack
        self.confirmWithin = confirmWithin
        self.proof = proof
      }
    }

    /// The result of an apply.
    public struct Report: Sendable {
      /// The kinds of change to the table.
      public enum Change: Sendable {
        /// Not at all: it was what it should be.
        case nothing
        /// By the smallest transaction that the record allows.
        case difference(TableDelta)
        /// By the difference from what the kernel was found to hold, and why it was looked at.
        case repair(TableDelta, ReplacementReason)
        /// As a whole, and why not by a difference.
        case whole(ReplacementReason)

        /// The reason for which the record did not decide; nil where it did.
        public var doubt: ReplacementReason? {
          switch self {
          case .nothing, .difference: nil
          case .repair(_, let reason), .whole(let reason): reason
          }
        }
      }
      /// The change to the table.
      public var change: Change
      /// The revision that is installed now.
      public var revision: UInt64
      /// True where the table was read back and found to be what was meant.
      public var isReadBack = false
      /// Warnings of libnftables.
      public var warnings: [NFTablesMessage] = []
      /// Warnings for the operator.
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
    /// The service manager that keeps a rollback alive where one runs.
    public var serviceManager: ServiceManager

    /// Creates an enforcer.
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
