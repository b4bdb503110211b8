import IncrementalLowering
import Logging
import Lowering
import NodeAgent
import NodeCompiler
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
      noteWholeProof(session?.revision ?? 0)
      status.change { $0.obstacles["proof"] = nil }
    } catch {
      retryAt = .now
      status.change { $0.obstacles["proof"] = Self.words(error) }
      log.error("the table in force is not proved", metadata: ["reason": "\(Self.words(error))"])
    }
  }

  /// Compares the kernel's program with the table, where a transaction of this agent or another has changed it. Where it is the
  /// same, the whole of it is proved when that is due, and what is proved is saved for the next boot. A thread of its own does all
  /// this: events go on.
  mutating func compare(isQuiet: Bool) {
    guard !isLooking else { return }
    let isDue = compareAt.map { $0 <= .now } ?? false
    guard failures == 0, fallBack == nil, let revision = session?.revision else {
      if isDue { compareAt = nil }
      return
    }
    let proofDue = isExamining ? nil : wholeProofs.due(revision, isQuiet: isQuiet)
    // In a stream of events a comparison finds another revision than it began with: then both wait for the next.
    let proves = (proofDue.map { $0 <= .now } ?? false) && (isDue || compareAt == nil)
    let saves = !isExamining && isSaveDue(isQuiet) && (proves || wholeProofs.revision == revision)
    guard isDue || saves || proves, let look = makeLook(saves: saves, proves: proves) else { return }
    isLooking = true
    let inbox = inbox
    LoopThread.start { look.run { inbox.put($0) } }
  }

  /// The same at once, for an agent that ends. A proof that takes longer than a second is left out.
  mutating func compareAndSave() {
    while isLooking || isExamining {
      wait()
      for input in inbox.take().inputs {
        switch input {
        case .looked(let result): take(result)
        case .examined(let result): take(result)
        case .attachment(_, let reply), .status(let reply): reply.give("the agent is ending")
        default: break
        }
      }
    }
    guard failures == 0, fallBack == nil, !isRecompilationDue, let revision = session?.revision,
      revision != savedRevision
    else { return }
    let proves = wholeProofs.revision != revision && wholeProofs.took < .seconds(1)
    makeLook(saves: true, proves: proves)?.run { _ in }
  }

  private mutating func makeLook(saves: Bool, proves: Bool) -> TableLook? {
    compareAt = nil
    // A copy costs little, and so do the events after it: see `PartedArray`. All that takes long is worked out on the other thread.
    guard let compiled = session?.compiled, let revision = session?.revision else { return nil }
    var proof: TableLook.WholeProof?
    if proves {
      proof = TableLook.WholeProof(
        cluster: { compiled.resolvedCluster },
        proof: TableProof(options, compiled.options.modes, status),
        pretended: { [options] in options.objection(takes: true) })
    }
    if saves { staleSinceSave = [] }
    return TableLook(
      table: { compiled.table }, subjects: { compiled.classSubjects }, revision: revision,
      pretendsDifference: options.pretendsDifference, proof: proof,
      saves: saves, saved: saved, node: options.node,
      boot: options.bootID, blocks: options.podCIDRs.isEmpty ? state.node?.podCIDRs ?? [] : options.podCIDRs,
      pods: { saves ? compiled.contents.pods : [] })
  }

  /// Takes what a look at the table found, and asks for a repair where the program is another.
  mutating func take(_ result: TableLook.Result) {
    isLooking = false
    if result.isExamined { isExamining = true }
    comparing = result.comparing
    status.change { ($0.compareSeconds, $0.subjects) = (result.comparing / .seconds(1), result.subjects) }
    guard failures == 0, fallBack == nil, session != nil else { return }
    switch result.outcome {
    case .same:
      (staying, formerTries) = (0, 0)
      comparedRevision = result.revision
      status.count("netpolc_agent_comparisons_total")
      status.change {
        ($0.obstacles["kernel"], $0.remarks["former table"], $0.isAsSent) = (nil, nil, true)
      }
    case .different where result.revision != session?.revision:
      // A transaction came in between.
      compareAt = .now + waitBeforeComparison
    case .different(let words): repair(words)
    case .unread(let reason):
      compareAt = .now + .seconds(1)
      status.change { $0.verdict = .trouble }
      status.change { $0.obstacles["kernel"] = "the kernel's table cannot be read: \(reason)" }
    }
  }

  /// The wait between two comparisons: they take at most a thirtieth of a core.
  var waitBeforeComparison: Duration { min(comparing * 30, .seconds(30)) }

  private mutating func repair(_ words: String) {
    // A look that finds what an earlier one found neither puts the repair off nor counts as another one.
    let waits = status.snapshot.isAsSent == false && retryAt.map { $0 > .now } ?? false
    guard !waits else { return compareAt = retryAt }
    let isOwn = session?.isUndisturbed == true
    session?.distrust()
    // Where no other program touched the table, a repair that changes nothing is not tried for ever.
    staying = isOwn ? staying + 1 : 0
    status.change { $0.isAsSent = false }
    if staying > 1 {
      return restoreFormer(because: "the kernel's table stays another than the one that was sent: \(words)")
    }
    let wait = repairs.wait()
    retryAt = .now + wait
    compareAt = .now + wait
    status.change { $0.obstacles["kernel"] = "the kernel's table is not the one that was sent: \(words)" }
    tellRepair(words)
  }
}
