import Addresses
import Enforcement
import IncrementalLowering
import Logging
import Lowering
import NFTables
import NodeAgent
import PolicyModel
import Ruleset

/// The former table in the place of one that the kernel does not execute as it was sent.
struct FallBack {
  /// When the new table is tried again.
  var until: ContinuousClock.Instant
  /// The tries so far.
  var tries: Int
  /// The number of addresses that are closed in it since they changed hands.
  var closed: Int
}

extension AgentLoop {
  /// Puts the last table in force that the kernel was found to execute as it was sent, and closes in it every address that
  /// changed hands since. After a minute, and then after twice as long each time, the new table is tried again.
  mutating func restoreFormer(because reason: String) {
    let tries = (fallBack?.tries ?? formerTries) + 1
    let wait = options.holdWait * (1 << min(tries - 1, 4))
    fallBack = FallBack(until: .now + wait, tries: tries, closed: -1)
    formerTries = tries
    status.count("netpolc_agent_former_tables_total")
    status.change { $0.obstacles["kernel"] = reason }
    log.error("the former table is put in force", metadata: ["reason": "\(reason)"])
    installFormer()
  }

  /// True while the former table is in force. Addresses that change hands meanwhile are closed in it, and what others change is
  /// put right.
  mutating func keepsFormerTable() -> Bool {
    guard let fallBack else { return false }
    if fallBack.until <= .now {
      // One more difference, and the former table comes back at once.
      staying = 1
      self.fallBack = nil
      retryAt = .now
      return false
    }
    noteStale()
    let isDue = retryAt.map { $0 <= .now } ?? false
    if stale.count != fallBack.closed || isDue { installFormer() }
    for reply in committing {
      reply.give("the former table is in force: \(status.snapshot.obstacles["kernel"] ?? "")")
    }
    committing = []
    return true
  }

  /// Notes the addresses that change hands by the events that wait.
  mutating func noteStale() {
    for event in ledger.events {
      switch event {
      case .pod(let pod):
        let known = known(pod.namespace, pod.name)
        if known != pod.addresses { note(pod.addresses + known) }
      case .podRemoved(let namespace, let name): note(known(namespace, name))
      default: break
      }
    }
  }

  private mutating func note(_ addresses: [IPAddress]) {
    stale.formUnion(addresses)
    staleSinceSave.formUnion(addresses)
  }

  /// The addresses that a pod has in what is compiled.
  private mutating func known(_ namespace: String, _ name: String) -> [IPAddress] {
    session?.compiled.addresses(ofPod: name, in: namespace) ?? []
  }

  private mutating func installFormer() {
    (failures, retryAt) = (0, nil)
    defer { fallBack?.closed = stale.count }
    guard let found = saved.read(), found.node == options.node, found.boot == options.bootID else {
      status.change {
        $0.remarks["former table"] = "there is none of this boot: the new one stays in force, unverified"
      }
      return
    }
    if !isSavedByThisRun {
      // This run knows nothing of what changed hands before it began.
      guard let owners = saved.owners(of: found) else {
        status.change {
          $0.remarks["former table"] =
            "it is not known whose addresses those of the saved table are now: the new one stays in force, unverified"
        }
        return
      }
      stale.formUnion(AddressOwners(state.view.pods).changed(since: owners))
    }
    let table = found.closing(stale)
    let enforcer = Enforcer(directory: StateDirectory(path: options.runDirectory))
    do throws(EnforcementFailure) {
      _ = try enforcer.apply(
        Enforcer.Request(
          table, inputs: InstalledState.Inputs(policies: found.digest, inventory: found.digest),
          modes: options.modes))
      status.change {
        $0.remarks["former table"] =
          "the table of revision \(found.revision) is in force; \(stale.count) addresses that changed hands are closed in it"
      }
    } catch {
      retryAt = .now + .seconds(5)
      status.change { $0.remarks["former table"] = "it is not in force: \(error)" }
    }
    _ = try? watch?.changes()
  }
}
