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
  /// No pod of the former boot runs any more, and a new one may have an address of another's: where unknown pods are
  /// denied the table knows none of them, and every address of the node's blocks is closed.
  mutating func boot() {
    guard !options.isDryRun, let found = saved.read(), found.node == options.node,
      found.boot != options.bootID,
      (try? TableFacts.read(.netpolc)) == nil
    else { return }
    let table = options.unknownPods == .deny ? found.withoutKnownPods : found.table
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

  /// Saves the table for the next boot, and for the time when a new one cannot be had: once the kernel was found to execute it, at
  /// a quiet moment, and every five minutes where there is none.
  mutating func save(isQuiet: Bool) {
    guard failures == 0, fallBack == nil, session != nil, let revision = session?.revision,
      revision != savedRevision, revision == comparedRevision,
      ContinuousClock.now - savedAt >= (isQuiet ? .seconds(5) : .seconds(300)),
      let table = session?.compiled.table
    else { return }
    (savedRevision, savedAt) = (revision, .now)
    stale = []
    let reason = saved.write(table, node: options.node, boot: options.bootID, revision: revision)
    status.change {
      $0.remarks["boot"] = reason.map { "the table cannot be saved for the next boot: \($0)" }
    }
  }
}
