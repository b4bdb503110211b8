#if os(Linux)
  import Glibc
  import KernelProgram
  import KernelReader
  public import LinuxNet
  import NFTables
  import Ruleset
  import RulesetText

  /// The state of the table before a change, as far as it is known.
  enum RecordTrust {
    /// The table is what the state says, whose generation is the current one.
    case trusted(InstalledState)
    /// The table differs from what is on record, or there is no record.
    case unknown(Doubt)

    /// A table that is not the one on record.
    struct Doubt {
      /// The reason for which the record does not decide.
      var reason: ReplacementReason
      /// The last revision on record, 0 if there is none.
      var lastRevision: UInt64 = 0
      /// The table on record, where the record can be read.
      var former: InstalledState?
      /// The program that the kernel holds; nil where there is no table.
      var found: KernelTable?
      /// The generation of what was found.
      var generation: UInt32 = 0
    }

    /// The last revision on record, 0 if there is none.
    var lastRevision: UInt64 {
      switch self {
      case .trusted(let state): state.revision
      case .unknown(let doubt): doubt.lastRevision
      }
    }

    /// The generation of the packet filter at which this was known.
    var generation: UInt32 {
      switch self {
      case .trusted(let state): state.generation
      case .unknown(let doubt): doubt.generation
      }
    }

    /// The state on record where the table is what it says.
    var state: InstalledState? { if case .trusted(let state) = self { state } else { nil } }

    /// The table that the kernel holds, for people and approvals: as it is on record, or read from its program, with a
    /// listing's words where they say the same; nil where there is none.
    func loaded(wanted: Table, _ client: NFTablesClient) -> Table? {
      switch self {
      case .trusted(let state): return state.table
      case .unknown(let doubt):
        guard doubt.found != nil else { return nil }
        let listing = (try? client.list(.netpolc, options: .stateless)) ?? nil
        let listed = listing.flatMap { try? NFTReader.read($0).tables.first }
        return doubt.table(wanted: wanted, listed: listed)?.table.unmarked
      }
    }

    /// Compares the record with what the kernel holds: by the generation where that is the recorded one, else object by
    /// object.
    ///
    /// - Parameters:
    ///   - directory: where the record is.
    ///   - namespace: the network namespace that it is of.
    ///   - reads: true where the objects are compared also at the recorded generation.
    /// - Returns: the record, and how far what the kernel holds agrees with it.
    /// - Throws: `EnforcementFailure` where the kernel or the directory cannot be read.
    static func gather(
      in directory: StateDirectory, _ namespace: NetworkNamespaceID, reads: Bool = false
    ) throws(EnforcementFailure) -> RecordTrust {
      var state: InstalledState?
      var defect: String?
      do {
        state = try directory.read(InstalledState.file("state", namespace)).map {
          try InstalledState(reading: $0, namespace: namespace)
        }
      } catch { defect = "\(error)" }
      do throws(SystemFailure) {
        if !reads, let state, state.generation != 0, try TableFacts.generation() == state.generation {
          return .trusted(state)
        }
      } catch { throw .kernel(error) }
      let reading = try read()
      var doubt = Doubt(
        reason: .noState, lastRevision: state?.revision ?? 0, former: state, found: reading.table,
        generation: reading.generation)
      switch (state, reading.table) {
      case (nil, let found):
        doubt.reason = defect.map { .unusableState($0) } ?? (found == nil ? .firstTime : .noState)
      case (_?, nil): doubt.reason = .tableGone
      case (var state?, let found?):
        if state.objects == ObjectDigests(found) {
          state.generation = reading.generation
          return .trusted(state)
        }
        let isMarked = found.chains.contains { $0.name == state.marker.chain }
        doubt.reason = isMarked ? .tableChanged : .otherRevision
      }
      return .unknown(doubt)
    }

    /// The program that the kernel holds, of one state.
    static func read() throws(EnforcementFailure) -> KernelReader.Reading {
      do throws(KernelReader.Failure) { return try KernelReader.read(.netpolc) } catch {
        if case .system(let failure) = error { throw .kernel(failure) }
        throw .system(SystemFailure("read table \(NFTablesTable.netpolc): \(error)", code: EAGAIN))
      }
    }
  }

  extension RecordTrust.Doubt {
    /// The table that the kernel holds, in the terms of the wanted table and of the one on record.
    func table(wanted: Table, listed: Table? = nil) -> FoundTable? {
      found.map { program in
        let former = former.map { $0.table.marked($0.marker) }
        return FoundTable(program, wanted: wanted, former: [former, listed].compactMap { $0 })
      }
    }
  }

  extension EnforcementFailure {
    /// A failed question to nf_tables, in the words of a failed transaction.
    public static func kernel(_ failure: SystemFailure) -> EnforcementFailure {
      switch failure.code {
      case EPERM: .nftables(.noPermission)
      // Kernels without nf_tables answer with one of these.
      case EPROTONOSUPPORT, EAFNOSUPPORT, EINVAL: .nftables(.unavailable(code: failure.code))
      default: .system(failure)
      }
    }
  }
#endif
