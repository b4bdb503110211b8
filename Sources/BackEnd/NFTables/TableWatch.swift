#if os(Linux)
  public import LinuxNet
  import CLinux
  import Glibc

  /// Follows the transactions that change one table of a network namespace, whichever program commits them.
  ///
  /// The kernel reports every change of every table; those of others cost no more than reading the message. What comes
  /// faster than it is read is kept by the kernel until its room is full; then it says that something was lost, which
  /// this reports as a change by an unknown program.
  public struct TableWatch: ~Copyable, Sendable {
    /// The process that committed a transaction.
    public struct Committer: Sendable, Hashable {
      /// The process, as the first process namespace numbers it; 0 where the kernel does not report it.
      public let process: UInt32
      /// Its program's name as the kernel keeps it, at most 15 bytes; what is no printable ASCII is `?`.
      public let program: String
    }

    /// Transactions that changed the table.
    public struct Changes: Sendable, Hashable {
      /// The number of transactions, as far as they were reported.
      public private(set) var transactions = 0
      /// The processes that committed them, in the order of their first transaction.
      public private(set) var committers: [Committer] = []
      /// True where the kernel lost events because its buffer was full.
      public fileprivate(set) var isIncomplete = false

      /// Creates a record of no change.
      public init() {}

      /// True where there was no change.
      public var isEmpty: Bool { transactions == 0 && !isIncomplete }

      /// Adds changes that came later.
      public mutating func add(_ later: Changes) {
        transactions += later.transactions
        isIncomplete = isIncomplete || later.isIncomplete
        for committer in later.committers where !committers.contains(committer) {
          committers.append(committer)
        }
      }

      fileprivate mutating func add(_ committer: Committer) {
        transactions += 1
        if !committers.contains(committer) { committers.append(committer) }
      }
    }

    private let socket: Descriptor
    private let table: NFTablesTable
    /// True where the messages of the current transaction, which is not over yet, are about the table.
    private var isTouched = false

    /// Begins to follow a table in the calling thread's network namespace; what was committed before is not reported.
    ///
    /// - Throws: that the kernel has no nf_tables, or does not report its events.
    public init(_ table: NFTablesTable) throws(SystemFailure) {
      // A replacement of a table of 100,000 elements and more; taken only while it waits.
      try self.init(table, room: 64 << 20)
    }

    /// The same with so many bytes of events that the kernel keeps.
    package init(_ table: NFTablesTable, room: Int32) throws(SystemFailure) {
      self.table = table
      socket = Descriptor(
        owning: try checked(clinux_nftables_listen(room), "listen to the events of nf_tables"))
    }

    /// A descriptor that becomes readable after a commit to this table or another.
    public var descriptor: Int32 { socket.number }

    /// The changes of the table since the last call; empty where there were none. Does not wait.
    ///
    /// - Throws: that the socket failed.
    public mutating func changes() throws(SystemFailure) -> Changes {
      var reading = Reading(isTouched: isTouched)
      while true {
        let result = withUnsafeMutablePointer(to: &reading) { pointer in
          clinux_nftables_events(
            socket.number, TableFacts.number(ofFamily: table.family), table.name,
            { event, context in
              context?.assumingMemoryBound(to: Reading.self).pointee.take(event.pointee)
            }, pointer)
        }
        if result == -EAGAIN { break }
        if result == -ENOBUFS {
          reading.changes.isIncomplete = true
          // The rest of a transaction whose beginning was lost is of no known table.
          reading.isTouched = true
          continue
        }
        _ = try checked(result, "read the events of nf_tables")
      }
      isTouched = reading.isTouched
      return reading.changes
    }

    private struct Reading {
      var isTouched: Bool
      var changes = Changes()

      mutating func take(_ event: clinux_nftables_event) {
        guard event.kind == CLINUX_NFTABLES_COMMITTED.rawValue else {
          isTouched = true
          return
        }
        if isTouched { changes.add(Committer(event)) }
        isTouched = false
      }
    }
  }

  extension TableWatch.Committer {
    init(_ event: clinux_nftables_event) {
      process = event.process
      program = withUnsafeBytes(of: event.program) { bytes in
        String(
          decoding: bytes.prefix { $0 != 0 }.map { (0x20...0x7e).contains($0) ? $0 : UInt8(ascii: "?") },
          as: UTF8.self)
      }
    }
  }

  extension TableWatch.Committer: CustomStringConvertible {
    /// `nft (process 4711)`.
    public var description: String {
      program.isEmpty && process == 0 ? "an unknown process" : "\(program) (process \(process))"
    }
  }
#endif
