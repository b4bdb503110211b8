import Diagnostics
import Logging
import NodeCompiler

/// The findings about other programs in the network namespace, as far as they were told, and when they are looked for again.
struct SurroundingsLook {
  /// The time between two looks.
  static let wait = Duration.seconds(60)

  var due = ContinuousClock.now + wait
  var isLooking = false
  /// The findings of the last look.
  private(set) var found: [Diagnostic] = []

  /// Takes the findings of a look, and returns those that are new.
  mutating func take(_ found: [Diagnostic]) -> [Diagnostic] {
    defer { self.found = found }
    let former = Set(self.found.map(\.message))
    return found.filter { !former.contains($0.message) }
  }
}

extension AgentLoop {
  /// Looks each minute, and before a table is installed, at other programs' tables, IPVS and the like. A thread of its own does it.
  mutating func lookAround(isNow: Bool = false) {
    guard isNow || session != nil && surroundings.due <= .now, !surroundings.isLooking else { return }
    surroundings.isLooking = true
    let inbox = inbox
    LoopThread.start { inbox.put(.surroundings(Surroundings().ofNode())) }
  }

  /// Tells what drops pods' packets besides this table, or takes them past the forward hook; and what may.
  mutating func noteSurroundings(_ found: [Diagnostic]) {
    (surroundings.isLooking, surroundings.due) = (false, .now + SurroundingsLook.wait)
    for finding in surroundings.take(found) {
      let metadata: Logger.Metadata = ["reason": "\(finding.message)"]
      if finding.severity == .warning {
        log.warning("beside this table", metadata: metadata)
      } else {
        log.info("beside this table", metadata: metadata)
      }
    }
    let warnings = found.filter { $0.severity == .warning }.map(\.message)
    status.change {
      $0.remarks["other programs"] = warnings.isEmpty ? nil : warnings.joined(separator: "; ")
    }
  }
}
