#if os(Linux)
  import Glibc
  public import LinuxNet
  import NFTables

  /// The state of the table before a change, as far as it is known.
  enum RecordTrust {
    /// The table is what the state says.
    case trusted(InstalledState)
    /// It may be anything. The revision is the last one on record, 0 if there is none.
    case unknown(ReplacementReason, lastRevision: UInt64)

    /// The last revision on record, 0 if there is none.
    var lastRevision: UInt64 {
      switch self {
      case .trusted(let state): state.revision
      case .unknown(_, let revision): revision
      }
    }

    /// Compares the state file with what the kernel tells cheaply.
    static func gather(in directory: StateDirectory, _ namespace: NetworkNamespaceID)
      throws(EnforcementFailure) -> RecordTrust
    {
      let facts: TableFacts?
      do throws(SystemFailure) { facts = try TableFacts.read(.netpolc) } catch { throw .kernel(error) }
      let state: InstalledState
      do {
        guard let text = try directory.read(InstalledState.file("state", namespace)) else {
          return .unknown(facts == nil ? .firstTime : .noState, lastRevision: 0)
        }
        state = try InstalledState(reading: text, namespace: namespace)
      } catch {
        return .unknown(.unusableState("\(error)"), lastRevision: 0)
      }
      guard let facts else { return .unknown(.tableGone, lastRevision: state.revision) }
      if facts == state.facts { return .trusted(state) }
      let isMarked: Bool
      do throws(SystemFailure) {
        isMarked = try TableFacts.hasChain(state.marker.chain, in: .netpolc)
      } catch { throw .kernel(error) }
      if !isMarked { return .unknown(.otherRevision, lastRevision: state.revision) }
      if let reason = facts.change(since: state.facts) {
        return .unknown(reason, lastRevision: state.revision)
      }
      return .trusted(state)
    }
  }

  extension TableFacts {
    /// The difference that another program made to the table, as far as the facts show it; nil: none.
    func change(since former: TableFacts) -> ReplacementReason? {
      if handle != former.handle { return .tableReplaced }
      return shape == former.shape ? nil : .tableChanged
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
