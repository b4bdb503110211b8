import Glibc
import Logging

/// The proofs of the whole table that is in force.
extension AgentLoop {
  /// Notes that the whole table of a revision is proved: before its commit, or since its cluster changed.
  mutating func noteWholeProof(_ revision: UInt64) {
    wholeProofs.note(revision, took: .seconds(1) * status.snapshot.proofSeconds)
    tellWholeProof(revision)
  }

  private func tellWholeProof(_ revision: UInt64) {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    let proof = AgentStatus.WholeProof(
      revision: revision, ended: .now, time: now.tv_sec, seconds: wholeProofs.took / .seconds(1))
    status.count("netpolc_agent_whole_proofs_total")
    status.change { $0.wholeProof = proof }
  }

  /// Takes what a proof in the background found. Where the table in force is wrong, it is compiled from the beginning; where that is
  /// not proved either, the former table takes its place.
  mutating func take(_ result: TableLook.Examination) {
    isExamining = false
    if let reason = result.saving {
      (savedRevision, savedAt) = (result.revision, .now)
      if reason == nil { (stale, isSavedByThisRun) = (staleSinceSave, true) }
      status.change {
        $0.remarks["boot"] = reason.map { "the table cannot be saved for the next boot: \($0)" }
      }
    }
    guard let proof = result.proof else { return }
    wholeProofs.note(result.revision, took: proof.duration)
    guard let objection = proof.objection else { return tellWholeProof(result.revision) }
    log.error("the table in force is not proved", metadata: ["reason": "\(objection)"])
    guard fallBack == nil, session != nil else { return }
    status.count("netpolc_agent_recompilations_total")
    status.change { $0.obstacles["proof"] = "the table in force is not proved: \(objection)" }
    isRecompilationDue = true
    retryAt = .now
  }
}
