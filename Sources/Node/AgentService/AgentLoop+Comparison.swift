import IncrementalLowering
import Logging
import Lowering
import NodeAgent
import PolicyModel
import Ruleset

/// The looks at what is in force, besides those before a commit.
extension AgentLoop {
  /// Proves the table again where events changed the cluster and not the table: after a second, and for at most a tenth of
  /// the time.
  mutating func judge() {
    guard session?.isJudgementDue == true else { return judgeAt = nil }
    let time = judgeAt ?? .now + max(.seconds(1), .seconds(1) * (10 * status.snapshot.proofSeconds))
    judgeAt = time
    guard time <= .now else { return }
    judgeAt = nil
    do throws(NodeEnforcer.Failure) {
      try session?.judge()
      status.change { $0.obstacles["proof"] = nil }
    } catch {
      retryAt = .now
      status.change { $0.obstacles["proof"] = Self.words(error) }
      log.error("the table in force is not proved", metadata: ["reason": "\(Self.words(error))"])
    }
  }

  /// Compares the kernel's program with the table, where a transaction of this agent or another has changed it, and saves the
  /// table for the next boot where it is the same. A thread of its own does both: events go on.
  mutating func compare(isQuiet: Bool) {
    guard !isLooking else { return }
    let isDue = compareAt.map { $0 <= .now } ?? false
    guard failures == 0, fallBack == nil, session != nil else {
      if isDue { compareAt = nil }
      return
    }
    let saves = isSaveDue(isQuiet)
    guard isDue || saves, let look = makeLook(saves) else { return }
    isLooking = true
    let inbox = inbox
    LoopThread.start { inbox.put(.looked(look.run())) }
  }

  /// The same at once, for an agent that ends.
  mutating func compareAndSave() {
    while isLooking {
      wait()
      for input in inbox.take().inputs {
        switch input {
        case .looked(let result): take(result)
        case .attachment(_, let reply), .status(let reply): reply.give("the agent is ending")
        default: break
        }
      }
    }
    guard failures == 0, fallBack == nil, let revision = session?.revision, revision != savedRevision else {
      return
    }
    if let look = makeLook(true) { take(look.run()) }
  }

  private mutating func makeLook(_ saves: Bool) -> TableLook? {
    compareAt = nil
    let began = ContinuousClock.now
    guard let table = session?.compiled.table, let revision = session?.revision else { return nil }
    let look = TableLook(
      table: table, revision: revision,
      pretendsDifference: options.pretendsDifference, saves: saves, saved: saved, node: options.node,
      boot: options.bootID, blocks: options.podCIDRs.isEmpty ? state.node?.podCIDRs ?? [] : options.podCIDRs)
    if saves { staleSinceSave = [] }
    building = ContinuousClock.now - began
    return look
  }

  /// Takes what a look at the table found, and asks for a repair where the program is another.
  mutating func take(_ result: TableLook.Result) {
    isLooking = false
    comparing = result.comparing
    status.change { $0.compareSeconds = result.comparing / .seconds(1) }
    if let reason = result.saving {
      (savedRevision, savedAt) = (result.revision, .now)
      stale = staleSinceSave
      status.change {
        $0.remarks["boot"] = reason.map { "the table cannot be saved for the next boot: \($0)" }
      }
    }
    guard failures == 0, fallBack == nil, session != nil else { return }
    switch result.outcome {
    case .same:
      (staying, formerTries) = (0, 0)
      comparedRevision = result.revision
      status.count("netpolc_agent_comparisons_total")
      status.change { $0.obstacles["kernel"] = nil }
    case .different where result.revision != session?.revision:
      // A transaction came in between.
      compareAt = .now + waitBeforeComparison
    case .different(let words): repair(words)
    case .unread(let reason):
      compareAt = .now + .seconds(1)
      status.change { $0.obstacles["kernel"] = "the kernel's table cannot be read: \(reason)" }
    }
  }

  /// The wait between two comparisons: they take at most a thirtieth of a core, and this thread's part
  /// is one three-hundredth of its time.
  var waitBeforeComparison: Duration { min(max(comparing * 30, building * 300), .seconds(30)) }

  private mutating func repair(_ words: String) {
    let isOwn = session?.isUndisturbed == true
    session?.distrust()
    // Where no other program touched the table, a repair that changes nothing is not tried for ever.
    staying = isOwn ? staying + 1 : 0
    if staying > 1 { return restoreFormer(because: words) }
    let wait = waitBeforeRepair()
    repairs.append(.now)
    retryAt = .now + wait
    compareAt = .now + wait
    status.change { $0.obstacles["kernel"] = "the kernel's table is not the one that was sent: \(words)" }
    tellRepair(words)
  }
}
