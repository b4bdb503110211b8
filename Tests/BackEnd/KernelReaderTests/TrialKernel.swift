#if os(Linux)
  import KernelProgram
  import KernelReader
  import LinuxNet
  import NFTables
  import Ruleset
  import TestSupport
  import Testing

  /// A network namespace of its own with a libnftables that stays, so that thousands of rulesets can be loaded.
  final class TrialKernel {
    let namespace: NetworkNamespace
    private var session: NFTablesSession

    init() throws {
      namespace = try NetworkNamespace()
      session = NFTablesSession(
        client: NFTablesClient(executable: BuiltProgram.netpolc, namespace: namespace))
    }

    /// Loads a text; false where nft refuses it.
    func load(_ text: String) -> Bool { (try? session.apply(text)) != nil }

    func remove(_ table: Table) {
      _ = try? session.apply("delete table \(table.family.rawValue) \(table.name)\n")
    }

    /// The messages that the kernel tells of a table.
    func messages(of table: Table) throws -> [(kind: UInt8, body: [UInt8])] {
      let name = try #require(NFTablesTable(family: table.family.rawValue, name: table.name))
      return try namespace.run { () throws(SystemFailure) in try KernelReader.messages(of: name) }
    }

    /// The table as the kernel holds it.
    func read(_ table: Table) throws -> KernelTable? {
      let name = try #require(NFTablesTable(family: table.family.rawValue, name: table.name))
      return try namespace.run { () throws(KernelReader.Failure) in try KernelReader.read(name) }.table
    }
  }
#endif
