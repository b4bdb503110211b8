#if os(Linux)
  public import LinuxNet
  import CLinux
  import Glibc

  /// The kernel's facts about a table that are read without its content: cheap however large the table is,
  /// and independent of other programs' tables and of libnftables.
  ///
  /// Meant for telling whether a table is still as it was left. A rule, chain or set that was added, removed or
  /// replaced shows in the shape, and so do elements of verdict maps that jump and, from Linux 6.16 on, a changed
  /// number of elements. An element replaced by another one, while the generation has moved on, does not show.
  public struct TableFacts: Sendable, Hashable {
    /// The number of transactions that this network namespace has seen, of any table.
    public var generation: UInt32
    /// The table's handle; another one after the table was deleted and made again.
    public var handle: UInt64
    /// A digest of the table's chains, sets and rules with their handles, uses and sizes.
    public var shape: UInt64

    /// Facts from their parts, as kept in a file.
    public init(generation: UInt32, handle: UInt64, shape: UInt64) {
      self.generation = generation
      self.handle = handle
      self.shape = shape
    }

    /// The facts of a table in the calling thread's network namespace; nil when there is no such table.
    ///
    /// - Throws: `SystemFailure` with the errno of the system call that failed.
    public static func read(_ table: NFTablesTable) throws(SystemFailure) -> TableFacts? {
      let family = number(ofFamily: table.family)
      var attempts = 0
      while true {
        attempts += 1
        let before = try generation()
        var handle: UInt64 = 0
        var shape: UInt64 = 0
        var result = clinux_nftables_table(family, table.name, &handle)
        if result == 0 { result = clinux_nftables_shape(family, table.name, &shape) }
        if result == -ENOENT { return nil }
        let after = try generation()
        let isDisturbed = result == -EINTR || before != after
        // Someone else commits all the time: the last answer is as good as any.
        if isDisturbed && attempts < 20 { continue }
        _ = try checked(result, "look at table \(table)")
        return TableFacts(generation: before, handle: handle, shape: shape)
      }
    }

    /// The number of transactions that the calling thread's network namespace has seen.
    ///
    /// - Throws: `SystemFailure` with the errno of the system call that failed.
    public static func generation() throws(SystemFailure) -> UInt32 {
      var generation: UInt32 = 0
      _ = try checked(clinux_nftables_generation(&generation), "ask nf_tables for its generation")
      return generation
    }

    /// True where the table has a chain of this name.
    ///
    /// - Throws: `SystemFailure` with the errno of the system call that failed.
    public static func hasChain(_ chain: String, in table: NFTablesTable) throws(SystemFailure) -> Bool {
      let result = clinux_nftables_chain(number(ofFamily: table.family), table.name, chain)
      if result == -ENOENT { return false }
      _ = try checked(result, "look at chain \(chain)")
      return true
    }

    /// A socket for questions that are asked again and again, shortly after transactions: see `clinux_nftables_hold`.
    package struct Socket: ~Copyable, Sendable {
      private let socket: Descriptor

      /// A socket in the calling thread's network namespace.
      package init() throws(SystemFailure) {
        socket = Descriptor(owning: try checked(clinux_nftables_open(), "ask nf_tables"))
      }

      /// The result of a batch of messages.
      package enum Commit: Equatable {
        /// Every message was acknowledged.
        case done
        /// Nothing was changed; the first errno.
        case refused(Int32)
        /// The answers do not tell.
        case unknown
      }

      /// Commits a batch of messages of nf_tables, from its beginning to its end, of which each asks for an acknowledgement.
      package func commit(_ batch: [UInt8]) -> Commit {
        var batch = batch
        let result = batch.withUnsafeMutableBytes { bytes in
          bytes.baseAddress.map { clinux_nftables_commit(socket.number, $0, bytes.count) } ?? -EINVAL
        }
        return result == 0 ? .done : result < 0 ? .refused(-result) : .unknown
      }

      /// Lets the questions that `body` asks go through the socket.
      package func ask<Result, Failure: Error>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result
      {
        clinux_nftables_hold(socket.number)
        defer { clinux_nftables_hold(-1) }
        return try body()
      }
    }

    /// The kernel's number of a family.
    static func number(ofFamily name: String) -> UInt8 {
      switch name {
      case "ip": 2
      case "arp": 3
      case "netdev": 5
      case "bridge": 7
      case "ip6": 10
      default: 1
      }
    }
  }
#endif
