/// A table by family and name.
public struct NFTablesTable: Sendable, Hashable, CustomStringConvertible {
  /// `inet`, `ip`, `ip6`, `arp`, `bridge` or `netdev`.
  public let family: String
  /// The table's name: at most 255 of `[A-Za-z0-9_./:-]`, a letter, `_` or `.` first.
  public let name: String

  /// netpolc's own table.
  public static let netpolc = NFTablesTable(checkedFamily: "inet", name: "netpolc")

  /// The table, or nil when family or name is not one that a script can say.
  public init?(family: String, name: String) {
    let families: Set = ["inet", "ip", "ip6", "arp", "bridge", "netdev"]
    guard families.contains(family), (1...255).contains(name.utf8.count) else { return nil }
    for (index, byte) in name.utf8.enumerated() {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"),
        UInt8(ascii: "."):
        continue
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "/"), UInt8(ascii: "-"), UInt8(ascii: ":"):
        if index == 0 { return nil }
      default: return nil
      }
    }
    self.init(checkedFamily: family, name: name)
  }

  private init(checkedFamily family: String, name: String) {
    self.family = family
    self.name = name
  }

  /// The family and the name: `inet netpolc`.
  public var description: String { "\(family) \(name)" }
}

/// The two languages of libnftables.
public enum NFTablesFormat: Sendable, Hashable {
  /// The text format: `nft -f` reads it and `nft list` prints it.
  case text
  /// The JSON format: `nft -j` reads and prints it. Its messages have no positions.
  case json
}

#if os(Linux)
  public import LinuxNet

  /// Transactions with the kernel's packet filter through libnftables, each in a worker process of its own.
  public struct NFTablesClient: Sendable {
    /// The program that is started as the worker: netpolc itself.
    public var executable: String
    /// The time limit of one transaction.
    public var timeLimit: Duration
    /// The network namespace to work in, or nil for the calling thread's.
    public var namespace: NetworkNamespace?
    /// True where SIGINT, SIGTERM or SIGHUP, held back by the calling thread, leaves a transaction two seconds more before
    /// its worker is killed.
    public var heedsSignals = false

    /// Creates a client.
    ///
    /// - Parameters:
    ///   - executable: a program that calls `NFTablesWorker.runIfRequested` first; this process's own by default.
    ///   - timeLimit: how long one transaction may take before its worker is killed.
    ///   - namespace: the network namespace to work in, or nil for the calling thread's.
    public init(
      executable: String = "/proc/self/exe", timeLimit: Duration = .seconds(60),
      namespace: NetworkNamespace? = nil
    ) {
      self.executable = executable
      self.timeLimit = timeLimit
      self.namespace = namespace
    }

    /// Runs a script as one transaction.
    ///
    /// - Parameters:
    ///   - script: commands of the given format.
    ///   - format: the script's language.
    ///   - lock: the lock to hold until the worker is gone, even if this process is killed before.
    /// - Returns: warnings.
    /// - Throws: why the transaction did not happen.
    @discardableResult
    public func apply(
      _ script: String, format: NFTablesFormat = .text, holding lock: NamespaceLock.Held? = nil
    )
      throws(NFTablesFailure) -> [NFTablesMessage]
    {
      try session(holding: lock) { (session) throws(NFTablesFailure) in
        try session.apply(script, format: format)
      }
    }

    /// Runs scripts as one transaction each, one after the other: see `NFTablesSession.apply(steps:)`.
    ///
    /// - Parameters:
    ///   - steps: scripts in nft's language, at least one.
    ///   - lock: the lock to hold until the worker is gone, even if this process is killed before.
    /// - Returns: warnings.
    /// - Throws: why a step was not made; the steps before it stay.
    @discardableResult
    public func apply(steps: [String], holding lock: NamespaceLock.Held? = nil) throws(NFTablesFailure)
      -> [NFTablesMessage]
    {
      try session(holding: lock) { (session) throws(NFTablesFailure) in try session.apply(steps: steps) }
    }

    /// Runs a script as nft's dry run: everything up to the commit. Needs CAP_NET_ADMIN too.
    ///
    /// - Returns: warnings.
    /// - Throws: `NFTablesFailure` where libnftables, its process or the kernel refuses.
    @discardableResult
    public func check(_ script: String, format: NFTablesFormat = .text) throws(NFTablesFailure)
      -> [NFTablesMessage]
    {
      try session { (session) throws(NFTablesFailure) in try session.check(script, format: format) }
    }

    /// The table as the kernel holds it, or nil when there is none.
    ///
    /// - Throws: `NFTablesFailure` where libnftables, its process or the kernel refuses.
    public func list(_ table: NFTablesTable, as format: NFTablesFormat = .text, options: NFTablesListing = [])
      throws(NFTablesFailure) -> String?
    {
      try session { (session) throws(NFTablesFailure) in
        try session.list(table, as: format, options: options)
      }
    }

    /// Every table of the namespace, in one text: for comparisons and for people.
    ///
    /// - Throws: `NFTablesFailure` where libnftables, its process or the kernel refuses.
    public func listRuleset(as format: NFTablesFormat = .text, options: NFTablesListing = [])
      throws(NFTablesFailure) -> String
    {
      try session { (session) throws(NFTablesFailure) in
        try session.listRuleset(as: format, options: options)
      }
    }

    /// The content of a table that is needed to restore it later.
    ///
    /// - Throws: `NFTablesFailure` where libnftables, its process or the kernel refuses.
    public func snapshot(_ table: NFTablesTable) throws(NFTablesFailure) -> TableSnapshot {
      TableSnapshot(table: table, content: try list(table))
    }

    private func session<Result>(
      holding lock: NamespaceLock.Held? = nil,
      _ body: (inout NFTablesSession) throws(NFTablesFailure) -> Result
    ) throws(NFTablesFailure) -> Result {
      var session = NFTablesSession(client: self, lock: lock)
      return try body(&session)
    }
  }
#endif

/// The parts that a listing leaves out or adds.
public struct NFTablesListing: OptionSet, Sendable {
  /// libnftables' own output flags.
  public let rawValue: UInt32

  /// Options by libnftables' output flags.
  public init(rawValue: UInt32) { self.rawValue = rawValue }

  /// Without counters' values and other state.
  public static let stateless = NFTablesListing(rawValue: 1 << 2)
  /// Includes the handles of objects.
  public static let handles = NFTablesListing(rawValue: 1 << 3)
  /// Without elements of sets. They are fetched all the same.
  public static let terse = NFTablesListing(rawValue: 1 << 11)
  /// Protocols, priorities and symbols as numbers.
  public static let numeric = NFTablesListing(rawValue: 1 << 7 | 1 << 8 | 1 << 9 | 1 << 10)

  static let json = NFTablesListing(rawValue: 1 << 4)
}

/// A table as it was.
public struct TableSnapshot: Sendable, Hashable {
  /// The table that the snapshot is of.
  public let table: NFTablesTable
  /// The output of `nft list table`, or nil where there was no table.
  public let content: String?

  /// A snapshot from its parts, as kept in a file.
  public init(table: NFTablesTable, content: String?) {
    self.table = table
    self.content = content
  }

  /// A script that replaces whatever the table holds by this snapshot, or removes the table, in one transaction.
  public var restoreScript: String {
    // Adding first, since deleting what is not there would fail.
    "add table \(table)\ndelete table \(table)\n" + (content ?? "")
  }
}
