import Wording

#if os(Linux)
  import ArgumentParser
  import Enforcement
  import NFTables
  import Ruleset

  /// The results of an apply, in words.
  struct ApplyReport {
    let report: Enforcer.Report

    init(_ report: Enforcer.Report) { self.report = report }

    /// Lines for standard error.
    var text: String {
      var lines = ["\(change)\(report.isReadBack ? "; read back, matches" : "")"]
      if let pending = report.confirmation {
        lines.append(
          "the former ruleset comes back in \(pending.window.components.seconds) s unless you run `netpolc confirm`"
        )
      }
      if let signal = report.lateSignal {
        lines.append("signal \(signal) came after the commit: the new ruleset is in place")
      }
      return lines.map { "netpolc: \($0)\n" }.joined()
        + report.notes.map { "netpolc: warning: \($0)\n" }.joined()
    }

    private var change: String {
      switch report.change {
      case .nothing: "nothing to do: revision \(report.revision) is this ruleset already"
      case .difference(let delta): "applied: revision \(report.revision), \(delta.summary)"
      case .repair(let delta, let reason):
        "applied: revision \(report.revision), repaired in place (\(reason)): \(delta.summary)"
      case .whole(let reason):
        "applied: revision \(report.revision), table inet netpolc is replaced as a whole (\(reason))"
      }
    }

    /// Reports a failure, and ends the command with the status for it.
    static func tell(_ failure: EnforcementFailure) throws -> Never {
      let state = failure.leavesFormerRuleset ? "; what was loaded before is still there" : ""
      switch failure {
      case .nftables(.rejected(_)):
        StandardError.write("netpolc: error: the kernel refused the ruleset\(state)\n")
      case .refused:
        StandardError.write(
          "netpolc: error: \(failure)\nnetpolc: nothing was applied; what was loaded before is still there\n")
      case .rolledBack:
        StandardError.write("netpolc: error: \(failure)\n")
        throw ExitCode(Status.finding)
      case .nothingPending(let note) where note != nil && note?.failure == nil:
        StandardError.write("netpolc: error: \(failure)\n")
        throw ExitCode(Status.finding)
      case .nothingPending, .notInstalled, .rollbackFailed:
        StandardError.write("netpolc: error: \(failure)\n")
      default:
        StandardError.write("netpolc: error: \(failure)\(state)\n")
      }
      throw ExitCode(Status.trouble)
    }
  }

  /// The messages while another process holds the lock.
  enum Waiting {
    /// Names the process that is waited for.
    static func tell(_ holder: Int32?) {
      let who = holder.map { "process \($0)" } ?? "another process"
      StandardError.write("netpolc: waiting for \(who), which is changing this network namespace\n")
    }
  }

  extension TableDelta {
    /// The amount of change: `2 elements more, 1 less, 1 chain changed`.
    var summary: String {
      let more =
        addedSets.reduce(0) { $0 + $1.elements.count } + addedMaps.reduce(0) { $0 + $1.elements.count }
        + changedSets.reduce(0) { $0 + $1.added.count } + changedMaps.reduce(0) { $0 + $1.added.count }
      let fewer =
        changedSets.reduce(0) { $0 + $1.removed.count } + changedMaps.reduce(0) { $0 + $1.removed.count }
      let newChains = addedChains.filter { RevisionMarker(chain: $0.name) == nil }.count
      let oldChains = removedChains.filter { RevisionMarker(chain: $0) == nil }.count
      var parts: [String] = []
      if more > 0 { parts.append("\(Counting.of(more, "element")) added") }
      if fewer > 0 { parts.append("\(Counting.of(fewer, "element")) removed") }
      let sets = addedSets.count + addedMaps.count
      let goneSets = removedSets.count + removedMaps.count
      if sets > 0 { parts.append("\(Counting.of(sets, "set")) new") }
      if goneSets > 0 { parts.append("\(Counting.of(goneSets, "set")) gone") }
      if newChains > 0 { parts.append("\(Counting.of(newChains, "chain")) new") }
      if oldChains > 0 { parts.append("\(Counting.of(oldChains, "chain")) gone") }
      if !changedChains.isEmpty { parts.append("\(Counting.of(changedChains.count, "chain")) changed") }
      return parts.isEmpty ? "no difference" : parts.joined(separator: ", ")
    }
  }
#endif
