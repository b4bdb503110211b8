#if os(Linux)
  public import KernelProgram
  public import LinuxNet
  public import NFTables
  import Ruleset

  /// Reads a table as the kernel holds it, by netlink: no text is made of it and none is read.
  public enum KernelReader {
    /// A table and the generation of nf_tables that it is of.
    public struct Reading: Sendable {
      /// The number of transactions that the network namespace had seen.
      public let generation: UInt32
      /// The table; nil where there is none.
      public let table: KernelTable?
    }

    /// Reading failed, or the table was changed all the time.
    public enum Failure: Error, Sendable, Hashable, CustomStringConvertible {
      /// A system call failed.
      case system(SystemFailure)
      /// The table was changed during each of so many attempts.
      case restless(attempts: Int)

      /// The failure in words.
      public var description: String {
        switch self {
        case .system(let failure): "\(failure)"
        case .restless(let attempts): "it was changed during each of \(attempts) attempts"
        }
      }
    }

    /// Attempts before change events decide whether this table or another changed.
    static let quickAttempts = 5

    /// The table in the calling thread's network namespace, of one state.
    ///
    /// Another program may commit all the time, to tables of its own. So the first attempts compare the generation before
    /// and after; later ones ask the kernel's events whether this table was among what changed.
    ///
    /// - Throws: why it cannot be read.
    public static func read(_ table: NFTablesTable) throws(Failure) -> Reading {
      var messages: [TableCopy.Message]?
      return try read(table, recording: &messages)
    }

    /// Reads a table, and where `messages` is not nil leaves there what the kernel said of it.
    static func read(_ table: NFTablesTable, recording messages: inout [TableCopy.Message]?) throws(Failure)
      -> Reading
    {
      func attempt(_ conversation: inout NetlinkConversation) throws(SystemFailure) -> (
        KernelTable?, isWhole: Bool
      ) {
        guard messages != nil else { return try dump(table, &conversation) }
        messages = []
        return try dump(table, &conversation) { messages?.append(($0, $1.array)) }
      }
      do throws(SystemFailure) {
        var conversation = try NetlinkConversation()
        for _ in 0..<quickAttempts {
          let before = try generation(&conversation)
          let (found, isWhole) = try attempt(&conversation)
          if isWhole, try generation(&conversation) == before {
            return Reading(generation: before, table: found)
          }
        }
        var watch = try TableWatch(table)
        for _ in 0..<quickAttempts {
          _ = try watch.changes()
          let before = try generation(&conversation)
          let (found, _) = try attempt(&conversation)
          _ = try generation(&conversation)
          if try watch.changes().isEmpty { return Reading(generation: before, table: found) }
        }
      } catch { throw .system(error) }
      throw .restless(attempts: 2 * quickAttempts)
    }

    private static func generation(_ conversation: inout NetlinkConversation) throws(SystemFailure) -> UInt32
    {
      var result: UInt32?
      _ = try conversation.ask(16, family: 0, isDump: false) { _, body in
        var place = body.range.lowerBound + 4
        guard let attribute = try? body.nextAttribute(at: &place), attribute.kind == 1 else { return }
        result = try? attribute.content.number(UInt32.self, of: "the generation")
      }
      guard let result else { throw SystemFailure("ask nf_tables for its generation", code: 74) }
      return result
    }

    /// The kernel's messages about a table, in their order: kind and body. For tests.
    package static func messages(of table: NFTablesTable) throws(SystemFailure) -> [(
      kind: UInt8, body: [UInt8]
    )] {
      var result: [(kind: UInt8, body: [UInt8])] = []
      var conversation = try NetlinkConversation()
      _ = try dump(table, &conversation) { result.append(($0, $1.array)) }
      return result
    }

    /// The kernel's messages about the table, with a flag that they are all of one state.
    static func dump(
      _ table: NFTablesTable, _ conversation: inout NetlinkConversation,
      _ record: (UInt8, NetlinkBytes) -> Void = { _, _ in }
    ) throws(SystemFailure) -> (KernelTable?, isWhole: Bool) {
      guard let family = Table.Family(rawValue: table.family) else { return (nil, true) }
      var reader = ProgramReader(family, table.name)
      let name = [(kind: UInt16(1), text: table.name)]
      func take(_ kind: UInt8, _ body: NetlinkBytes) {
        // A dump of chains is of every table of the family: the kernel reads no name there.
        if let told = MessageList.identity(body), told != (family, table.name) { return }
        record(kind, body)
        reader.take(kind: kind, body)
      }
      do throws(SystemFailure) {
        _ = try conversation.ask(1, family: family.number, isDump: false, name, take)
      } catch {
        // ENOENT
        if error.code == 2 { return (nil, true) }
        throw error
      }
      var isWhole = true
      // Chains, rules, sets, objects, flowtables.
      for kind: UInt8 in [4, 7, 10, 19, 23] {
        isWhole =
          try conversation.ask(kind, family: family.number, isDump: true, name, take)
          && isWhole
      }
      for set in reader.setNames where isWhole {
        do throws(SystemFailure) {
          isWhole = try conversation.ask(
            13, family: family.number, isDump: true, name + [(kind: 2, text: set)], take)
        } catch {
          if error.code != 2 { throw error }
          isWhole = false
        }
      }
      return (reader.finished(), isWhole)
    }
  }
#endif
