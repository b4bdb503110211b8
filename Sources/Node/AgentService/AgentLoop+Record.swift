import Enforcement
import Logging
import NodeAgent

/// The record of what is installed: the next agent, and `compile --apply`, go on from it by a difference.
///
/// It is worked out on a thread of its own, since that takes as long as the cluster is large: at a quiet moment, and where
/// `netpolc status` asks. A transaction that comes in between makes it void.
extension AgentLoop {
  /// The time without a transaction, and without a record, after which it is quiet: a record takes at most a thirtieth of a core.
  private var quietTime: Duration { max(.seconds(5), preparing * 30) }

  /// Begins the record at a quiet moment.
  mutating func recordWhenQuiet() {
    guard !isPreparing, ledger.isEmpty, session?.isRecorded == false,
      ContinuousClock.now - max(committedAt, preparedAt) > quietTime
    else { return }
    prepareRecord()
  }

  /// `netpolc status` asks: the answer comes when the record is written.
  mutating func recordForStatus(_ reply: Reply) {
    if fallBack != nil || failures > 0 || session?.isRecorded != false { return reply.give(nil) }
    asking.append(reply)
    if !isPreparing { prepareRecord() }
  }

  private mutating func prepareRecord() {
    guard failures == 0, fallBack == nil, let recording = session?.recording else {
      return answerStatus()
    }
    isPreparing = true
    preparedAt = .now
    let inbox = inbox
    LoopThread.start { inbox.put(.prepared(recording.prepared())) }
  }

  /// Writes the record that was worked out, where it is still that of what is installed.
  mutating func take(_ prepared: PreparedRecord) {
    isPreparing = false
    preparing = ContinuousClock.now - preparedAt
    guard failures == 0, fallBack == nil, session != nil else { return answerStatus() }
    let isCurrent = prepared.revision == session?.revision
    do throws(NodeEnforcer.Failure) {
      // Who asks during a stream of events gets a record all the same, at the loop's cost.
      let notes =
        isCurrent ? try session?.record(prepared) : asking.isEmpty ? nil : try session?.record()
      for note in notes ?? [] { log.warning("the record", metadata: ["reason": "\(note)"]) }
      if isCurrent || !asking.isEmpty { skipOwnChanges() }
    } catch { log.warning("the record is not written", metadata: ["reason": "\(Self.words(error))"]) }
    answerStatus()
  }

  mutating func answerStatus() {
    for reply in asking { reply.give(nil) }
    asking = []
  }
}
