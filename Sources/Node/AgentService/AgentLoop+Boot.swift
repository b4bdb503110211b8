import Enforcement
import IncrementalLowering
import Logging
import Lowering
import NFTables
import NodeAgent
import PolicyModel
import Ruleset

/// The last proved table, which holds between a boot and the first complete lists.
extension AgentLoop {
  /// Puts the saved table in its place where the node has booted since it was saved, and has no table.
  ///
  /// No pod of the former boot runs any more, and a new one may have an address of another's: the table knows none of them,
  /// and every address of the node's blocks is closed, also where unknown pods are left open later.
  mutating func boot() {
    guard !options.isDryRun, (try? TableFacts.read(.netpolc)) == nil, saved.isThere else { return }
    guard let found = saved.read() else { return tellUnused("it cannot be read") }
    guard found.node == options.node else { return tellUnused("it is of the node \(found.node)") }
    guard found.boot != options.bootID else { return }
    let table = found.guarded(options.modes)
    let enforcer = Enforcer(directory: StateDirectory(path: options.runDirectory))
    do throws(EnforcementFailure) {
      _ = try enforcer.apply(
        Enforcer.Request(
          table, inputs: InstalledState.Inputs(policies: found.digest, inventory: found.digest),
          modes: options.modes))
      status.change {
        $0.remarks["boot"] = "the table of revision \(found.revision) before the boot is in force"
      }
      log.info("the table of before the boot is in force", metadata: ["revision": "\(found.revision)"])
    } catch {
      log.error("the table of before the boot is not in force", metadata: ["reason": "\(error)"])
    }
  }

  /// Tells that nothing guards the node's addresses until the lists are complete.
  private func tellUnused(_ reason: String) {
    status.change {
      $0.remarks["boot"] = "the saved table is not used, and no table is in force before the lists: \(reason)"
    }
    log.error("the saved table is not used", metadata: ["reason": "\(reason)"])
  }

  /// True where the table is to be saved for the next boot, and for the time when a new one cannot be had: at a quiet moment, and
  /// every five minutes where there is none.
  mutating func isSaveDue(_ isQuiet: Bool) -> Bool {
    guard let revision = session?.revision, revision != savedRevision, revision == comparedRevision else {
      return false
    }
    return ContinuousClock.now - savedAt >= (isQuiet ? .seconds(5) : .seconds(300))
  }
}
