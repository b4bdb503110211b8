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
    /// By what differs from what the kernel was found to hold, in steps, and the reason for looking.
    case repair(TableDelta, steps: [String], ReplacementReason)
    /// By putting the whole in the place of whatever is there.
    case full(ReplacementReason)

    /// The plan as a report has it.
    var change: Enforcer.Report.Change {
      switch self {
      case .nothing: .nothing
      case .small(let delta, _): .difference(delta)
      case .repair(let delta, _, let reason): .repair(delta, reason)
      case .full(let reason): .whole(reason)
      }
    }

    /// The transactions of a difference; nil where the whole is replaced.
    var steps: [String]? {
      switch self {
      case .small(_, let steps), .repair(_, let steps, _): steps
      case .nothing, .full: nil
      }
    }

    /// The cheapest way from what is known to `table`.
    init(_ trust: RecordTrust, to table: Table, marker: RevisionMarker, digest: String) {
      let new = table.marked(marker)
      switch trust {
      case .unknown(let doubt):
        if let (delta, steps) = doubt.table(wanted: new)?.repair(to: new) {
          self = .repair(delta, steps: steps, doubt.reason)
        } else {
          self = .full(doubt.reason)
        }
      case .trusted(let state):
        if state.digest == digest {
          self = .nothing
          return
        }
        let delta = TableDelta(from: state.table.marked(state.marker), to: new)
        self =
          delta.needsReplacement
          ? .full(.restructured) : .small(delta, steps: NFTPrinter.transactions(delta, to: new))
      }
    }
  }
#endif
