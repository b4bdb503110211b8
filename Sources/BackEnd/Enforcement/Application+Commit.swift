#if os(Linux)
  import NFTables
  import Ruleset

  extension Application {
    /// The transactions of a commit: how many, where that is certain.
    struct Commit {
      /// The number of transactions; nil where a step may or may not have been made.
      var transactions: Int?
    }

    /// The transaction, or the few that a difference needs. What the kernel refuses as a difference is tried as a whole.
    mutating func commit(_ plan: inout Plan, _ marker: RevisionMarker) throws(EnforcementFailure) -> Commit {
      if let steps = plan.steps {
        do throws(NFTablesFailure) {
          warn(try enforcer.client.apply(steps: steps, holding: lock))
          return Commit(transactions: steps.count)
        } catch {
          guard case .rejected(let messages) = error else { return try settle(error, marker) }
          switch plan {
          case .small: plan = .full(.refused(messages.first?.text ?? "no reason given"))
          case .repair(_, _, let reason): plan = .full(reason)
          case .nothing, .full: break
          }
          return try replace(marker, isFirst: steps.count == 1)
        }
      }
      return try replace(marker, isFirst: true)
    }

    private mutating func replace(_ marker: RevisionMarker, isFirst: Bool) throws(EnforcementFailure)
      -> Commit
    {
      do throws(NFTablesFailure) {
        let script = "\(request.replacement)add chain \(NFTablesTable.netpolc) \(marker.chain)\n"
        warn(try enforcer.client.apply(script, holding: lock))
        return Commit(transactions: isFirst ? 1 : nil)
      } catch { return try settle(error, marker) }
    }

    /// A worker that died may have committed before: the marker shows it.
    private mutating func settle(_ failure: NFTablesFailure, _ marker: RevisionMarker)
      throws(EnforcementFailure) -> Commit
    {
      switch failure {
      case .rejected, .noPermission, .unavailable: throw .nftables(failure)
      default:
        guard (try? TableFacts.hasChain(marker.chain, in: .netpolc)) == true else { throw .nftables(failure) }
        note("the transaction was committed all the same: \(failure)")
        return Commit(transactions: nil)
      }
    }
  }
#endif
