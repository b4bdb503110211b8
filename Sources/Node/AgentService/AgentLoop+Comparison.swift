import IncrementalLowering
import Logging
import Lowering
import NodeAgent
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

  /// Compares where a transaction of this agent or another has changed the table, and asks for a repair where the
  /// program is another.
  mutating func compare() {
    guard let time = compareAt, time <= .now else { return }
    guard failures == 0, fallBack == nil, let table = session?.compiled.table else {
      compareAt = nil
      return
    }
    let began = ContinuousClock.now
    let outcome = options.pretendsDifference ? .different("a test says so") : KernelComparison.run(table)
    let isOwn = session?.isUndisturbed == true
    comparing = ContinuousClock.now - began
    compareAt = nil
    status.change { $0.compareSeconds = comparing / .seconds(1) }
    switch outcome {
    case .same:
      (staying, formerTries) = (0, 0)
      comparedRevision = session?.revision ?? 0
      status.count("netpolc_agent_comparisons_total")
      status.change { $0.obstacles["kernel"] = nil }
    case .different(let words):
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
    case .unread(let reason):
      compareAt = .now + .seconds(1)
      status.change { $0.obstacles["kernel"] = "the kernel's table cannot be read: \(reason)" }
    }
  }
}
