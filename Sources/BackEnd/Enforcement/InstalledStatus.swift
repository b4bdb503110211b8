#if os(Linux)
  import KernelProgram
  import KernelReader
  public import LinuxNet
  import NFTables
  public import PolicyModel
  public import Ruleset
  import RulesetText

  /// The table that is installed in a network namespace, compared with the record of what netpolc installed.
  public struct InstalledStatus: Sendable {
    /// The relation of the installed table to the record.
    public enum Drift: Sendable, Equatable {
      /// It is what netpolc installed.
      case none
      /// There is no table, and none is on record.
      case nothingInstalled
      /// A table is on record but gone.
      case tableGone
      /// A table is there that cannot be compared, and why.
      case unknown(String)
      /// It differs from what netpolc installed: what would make the table on record of it.
      case changed(TableDelta)
    }

    /// Packets that a chain counted: most chains count what they deny.
    public struct Counted: Sendable, Hashable {
      /// The name of the chain.
      public var chain: String
      /// The direction and the policies of the chain, where they are on record.
      public var subject: ClassSubject?
      /// The number of packets that the chain counted.
      public var packets: UInt64
      /// The number of bytes in them.
      public var bytes: UInt64
    }

    /// The network namespace that was examined.
    public var namespace: NetworkNamespaceID
    /// The record, if there is one.
    public var state: InstalledState?
    /// The table as the kernel holds it, with the marker of its revision; nil where there is none or it cannot be read.
    public var table: Table?
    /// The revision that the table says it is.
    public var revision: UInt64?
    /// The relation of the installed table to the record.
    public var drift: Drift
    /// The change that waits for a confirmation, if there is one.
    public var pending: PendingConfirmation?
    /// The reason why what waits for a confirmation is unknown; nil where it can.
    public var pendingDefect: String?
    /// True where the watchdog of what waits is alive.
    public var isGuarded: Bool
    /// The outcome of the last change that was not confirmed.
    public var note: RollbackNote?
    /// The packets counted by each chain with a counter, most first.
    public var counted: [Counted]

    /// True where there is a table, whatever is in it.
    public var hasTable: Bool

    /// True where the table is there and is what netpolc installed.
    public var isAsInstalled: Bool { drift == .none }
  }

  extension Enforcer {
    /// Reads the whole table and the record.
    ///
    /// - Throws: that the kernel could not be asked.
    public func status() throws(EnforcementFailure) -> InstalledStatus {
      var attempts = 0
      while true {
        attempts += 1
        let before: UInt32
        let namespace: NetworkNamespaceID
        do throws(SystemFailure) {
          before = try TableFacts.generation()
          namespace = try NetworkNamespaceID.current()
        } catch { throw .kernel(error) }
        let status = try look(namespace)
        if (try? TableFacts.generation()) == before || attempts == 5 { return status }
      }
    }

    /// The status while no netpolc is at work in between: after a commit its record is written by then.
    ///
    /// - Parameter limit: how long to wait for another netpolc; after that, or where there is no lock to be had, the
    ///   status is of the moment.
    /// - Returns: the status.
    /// - Throws: that the kernel could not be asked.
    public func statusAtRest(limit: Duration = .seconds(60)) throws(EnforcementFailure) -> InstalledStatus {
      do throws(EnforcementFailure) {
        return try locked(limit: limit) { _ throws(EnforcementFailure) in try status() }
      } catch {
        guard case .lock = error else { throw error }
        return try status()
      }
    }

    /// The record for the calling thread's network namespace.
    ///
    /// - Returns: the record, nil where there is none; or why it says nothing.
    /// - Throws: that the namespace cannot be identified.
    public func record() throws(EnforcementFailure) -> Result<InstalledState?, StateDefect> {
      let namespace: NetworkNamespaceID
      do throws(SystemFailure) { namespace = try NetworkNamespaceID.current() } catch { throw .kernel(error) }
      do throws(PrivateFile.Failure) {
        guard let text = try directory.read(InstalledState.file("state", namespace)) else {
          return .success(nil)
        }
        return Result { () throws(StateDefect) in try InstalledState(reading: text, namespace: namespace) }
      } catch { return .failure(.unreadable("\(error)")) }
    }

    private func look(_ namespace: NetworkNamespaceID) throws(EnforcementFailure) -> InstalledStatus {
      var pending: PendingConfirmation?
      var pendingDefect: String?
      do throws(PrivateFile.Failure) { pending = try Confirmations.pending(in: directory, namespace) } catch {
        pendingDefect = "\(error)"
      }
      let program = try RecordTrust.read().table
      // Counters and words for people only: the program shows what differs.
      let listing = program == nil ? nil : (try? client.list(.netpolc)) ?? nil
      let table = listing.flatMap { try? NFTReader.read($0).tables.first }
      var state: InstalledState?
      var defect: String?
      switch try record() {
      case .success(let found): state = found
      case .failure(let why): defect = "\(why)"
      }
      return InstalledStatus(
        namespace: namespace, state: state, table: table,
        revision: program?.chains.lazy.compactMap { RevisionMarker(chain: $0.name) }.first?.revision,
        drift: drift(program, state, defect), pending: pending, pendingDefect: pendingDefect,
        isGuarded: pending != nil && Watchdog.isAlive(directory, namespace),
        note: Confirmations.note(in: directory, namespace),
        counted: counted(in: listing ?? "", state?.classes ?? [:]), hasTable: program != nil)
    }

    private func drift(_ program: KernelTable?, _ state: InstalledState?, _ defect: String?)
      -> InstalledStatus.Drift
    {
      switch (program, state) {
      case (nil, nil): return defect.map { .unknown($0) } ?? .nothingInstalled
      case (nil, .some): return .tableGone
      case (.some, nil): return .unknown(defect ?? "no record of what is installed here")
      case (let program?, let state?):
        if ObjectDigests(program) == state.objects { return .none }
        let expected = state.table.marked(state.marker)
        let found = FoundTable(program, wanted: expected).table
        return .changed(TableDelta(from: found, to: expected))
      }
    }

    /// The counters of a listing.
    private func counted(in listing: String, _ classes: [String: ClassSubject]) -> [InstalledStatus.Counted] {
      var chain = ""
      var found: [String: InstalledStatus.Counted] = [:]
      for line in listing.split(separator: "\n") {
        let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
        if words.first == "chain", words.count > 1 { chain = String(words[1]) }
        guard let place = words.firstIndex(of: "counter"), place + 4 < words.count,
          words[place + 1] == "packets",
          let packets = UInt64(words[place + 2]), let bytes = UInt64(words[place + 4])
        else { continue }
        var entry =
          found[chain]
          ?? InstalledStatus.Counted(chain: chain, subject: classes[chain], packets: 0, bytes: 0)
        entry.packets += packets
        entry.bytes += bytes
        found[chain] = entry
      }
      return found.values.sorted { ($1.packets, $0.chain) < ($0.packets, $1.chain) }
    }
  }
#endif
