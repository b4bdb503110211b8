#if os(Linux)
  import NFTables
  import Ruleset
  import RulesetText

  /// The way in which a table is brought into the kernel.
  enum Plan {
    /// It is there.
    case nothing
    /// By what differs, in steps.
    case small(TableDelta, steps: [String])
    /// By putting the whole in the place of whatever is there.
    case full(ReplacementReason)

    /// The plan as a report has it.
    var change: Enforcer.Report.Change {
      switch self {
      case .nothing: .nothing
      case .small(let delta, _): .difference(delta)
      case .full(let reason): .whole(reason)
      }
    }

    /// The cheapest way from what is known to `table`.
    init(_ trust: RecordTrust, to table: Table, marker: RevisionMarker, digest: String) {
      switch trust {
      case .unknown(let reason, _): self = .full(reason)
      case .trusted(let state):
        if state.digest == digest {
          self = .nothing
          return
        }
        let new = table.marked(marker)
        let delta = TableDelta(from: state.table.marked(state.marker), to: new)
        self =
          delta.needsReplacement
          ? .full(.restructured) : .small(delta, steps: NFTPrinter.transactions(delta, to: new))
      }
    }
  }
#endif
