import Addresses
import CNIPlugin
import Diagnostics
import Enforcement
import Glibc
import KubernetesAPI
import Logging
import Lowering
import NFTables
import NodeAgent
import NodeCompiler
import PolicyModel
import Ruleset

/// The agent's one thread: takes what came in, makes one transaction of it, answers the plugin. Everything here happens
/// on the thread that called `run`, in that thread's network namespace.
struct AgentLoop: ~Copyable {
  let options: AgentOptions
  let inbox: Inbox
  let status: AgentStatus
  let restarts: RestartSignal
  let log: Logger
  let memory: AgentMemory
  var state: ClusterState
  var session: NodeEnforcer?
  var modes: EnforcementModes?
  var unchecked = UncheckedAddresses()
  var ledger = EventLedger()
  var isStopped = false
  var watch: TableWatch?
  var watchDescriptor: Int32 = -1
  /// Questions whose answer waits: for the pod's object, or for the next commit.
  var waiting: [(attachment: SandboxAttachment, reply: Reply, deadline: ContinuousClock.Instant)] = []
  var committing: [Reply] = []
  var restartsAt: [FollowedKind: ContinuousClock.Instant] = [:]
  var retryAt: ContinuousClock.Instant?
  var failures = 0
  var repairs = RepairPacing()
  /// When the kernel said first that another program changed the table, which is not put right yet.
  var driftSince: ContinuousClock.Instant?
  /// The table of a dry run.
  var trial: TrialTable?
  /// When a table is to be proved again that did not change while its cluster did.
  var judgeAt: ContinuousClock.Instant?
  /// When the kernel's program is to be compared with the table, and how long that took last.
  var compareAt: ContinuousClock.Instant?
  var comparing = Duration.zero
  /// True while a thread looks at the table.
  var isLooking = false
  /// True while a thread proves the whole of the table, or saves it.
  var isExamining = false
  /// The proofs of the whole table.
  var wholeProofs = ProofSchedule()
  /// True where the table is to be compiled from the beginning: a proof of the one in force failed.
  var isRecompilationDue = false
  /// When the surroundings are looked at again, and what was found there.
  var surroundings = SurroundingsLook()
  /// True while a thread works out the record; when it began to, and how long that took last.
  var isPreparing = false
  var preparedAt = ContinuousClock.now
  var preparing = Duration.zero
  /// Those who wait for a record.
  var asking: [Reply] = []
  var committedAt = ContinuousClock.now
  /// The last table that was proved, for the next boot, and what was saved of it.
  let saved: SavedTable
  var savedRevision: UInt64 = 0
  /// The last revision that the kernel was found to execute.
  var comparedRevision: UInt64 = 0
  var savedAt = ContinuousClock.now
  /// The log of denied packets, where the kernel gives it to this agent.
  var denials: DenialLog?
  /// The programs that changed the table last.
  var committers: [String] = []
  /// The numbers of objects, and those that are written down.
  var counts: AgentMemory.Counts?
  var keptCounts: AgentMemory.Counts?
  var countsKeptAt = ContinuousClock.now
  let former: AgentMemory.Counts?
  /// When the events came in that are not committed yet.
  var arrivals: [Arrival] = []
  /// True where a list was taken since the last commit: what is compiled is compared with all that is known.
  var isRelisted = false
  /// The earliest time of the next commit of events: a stream of them does not take the whole core.
  var pacedUntil = ContinuousClock.now
  /// The commits in a row after which the kernel's program was another though no other program had touched it.
  var staying = 0
  /// The former table, in force while the new one makes another program of the kernel's.
  var fallBack: FallBack?
  /// The times that it was in force since the agent's start.
  var formerTries = 0
  /// True where the saved table is one of this run: `stale` has all that changed since.
  var isSavedByThisRun = false
  /// The addresses that changed hands since the table was saved.
  var stale: Set<IPAddress> = []
  /// Those since the last table was given to be saved.
  var staleSinceSave: Set<IPAddress> = []
  /// The kinds of which the server was heard in this turn, with the number of objects that came or went.
  var heard: [FollowedKind: Int] = [:]
  /// Sandboxes that the agent before knew of, until their pods are known again.
  var restored: Set<String> = []

  init(
    _ options: AgentOptions, _ inbox: Inbox, _ status: AgentStatus, _ restarts: RestartSignal, _ log: Logger
  ) {
    self.options = options
    self.inbox = inbox
    self.status = status
    self.restarts = restarts
    self.log = log
    memory = AgentMemory(directory: options.runDirectory)
    state = ClusterState(options)
    saved = SavedTable(directory: options.libraryDirectory)
    former = memory.counts()
  }

  /// Runs until `stop` is taken.
  mutating func run() {
    if !options.isDryRun, let made = try? TableWatch(.netpolc) {
      watchDescriptor = made.descriptor
      watch = consume made
    }
    for attachment in options.isDryRun ? [] : memory.attachments() {
      waiting.append((attachment, Reply(), .now + .seconds(3600)))
      restored.insert(attachment.id)
    }
    boot()
    openDenials()
    while !isStopped {
      status.change { $0.turned = .now }
      wait()
      let (inputs, since) = inbox.take()
      noteArrival(inputs, since)
      for input in inputs { take(input) }
      tellHeard()
      lookAtTable()
      askAgain()
      tryAttachments()
      commit()
      keepCounts()
      dropArrivals()
      judge()
      recordWhenQuiet()
      compare(isQuiet: inputs.isEmpty)
      lookAround()
      tellDenials()
      publish()
    }
    keepCounts(isEnding: true)
    // The table stays; the record lets the next agent go on by a difference.
    if fallBack == nil {
      _ = try? session?.record()
      compareAndSave()
    }
    for reply in asking + committing + waiting.map(\.reply) { reply.give("the agent is ending") }
  }

  /// Waits for an input, a change of the table, or the next thing that is due.
  func wait() {
    var due = ContinuousClock.now + .seconds(5)
    for entry in waiting { due = min(due, entry.deadline) }
    for time in restartsAt.values { due = min(due, time) }
    if failures == 0, fallBack == nil, isRelisted || !ledger.isEmpty { due = min(due, pacedUntil) }
    if let fallBack { due = min(due, fallBack.until) }
    let compareAt = isLooking ? nil : compareAt
    for time in [retryAt, compareAt, judgeAt].compactMap(\.self) { due = min(due, time) }
    let left = (due - .now).components
    let milliseconds = max(0, left.seconds * 1000 + left.attoseconds / 1_000_000_000_000_000 + 1)
    var polled = [pollfd(fd: inbox.descriptor, events: Int16(POLLIN), revents: 0)]
    if watchDescriptor >= 0 {
      polled.append(pollfd(fd: watchDescriptor, events: Int16(POLLIN), revents: 0))
    }
    if let denials { polled.append(pollfd(fd: denials.descriptor, events: Int16(POLLIN), revents: 0)) }
    poll(&polled, nfds_t(polled.count), Int32(min(milliseconds, 5000)))
  }

  // MARK: Inputs

  private mutating func take(_ input: AgentInput) {
    switch input {
    case .object(let kind, let object, let header, let closing):
      heard[kind, default: 0] += 1
      tellDefect(of: object, kind, header)
      ledger.add(state.put(kind, object, header, closing: closing))
    case .removed(let kind, let key):
      heard[kind, default: 0] += 1
      ledger.add(state.remove(kind, key))
    case .listBegan(let kind, let reason):
      status.count("netpolc_agent_resyncs_total", ["kind": kind.rawValue, "reason": reason.rawValue])
      log.info("a list begins", metadata: ["kind": "\(kind.rawValue)", "reason": "\(reason.rawValue)"])
      state.beginList(kind)
    case .listEnded(let kind): endList(kind)
    case .heard(let kind): heard[kind, default: 0] += 0
    case .trouble(let kind, let reason):
      tellHeard()
      log.warning("the API server", metadata: ["kind": "\(kind.rawValue)", "reason": "\(reason)"])
      status.change { $0.remarks["api \(kind.rawValue)"] = reason }
    case .attachment(let message, let reply): answer(message, reply)
    case .status(let reply): recordForStatus(reply)
    case .prepared(let prepared): take(prepared)
    case .looked(let result): take(result)
    case .examined(let result): take(result)
    case .surroundings(let found): noteSurroundings(found)
    case .stop: isStopped = true
    }
  }

  /// Counts and tells an object that cannot be read, or not wholly.
  private func tellDefect(of object: ReadObject, _ kind: FollowedKind, _ header: ObjectHeader?) {
    let (words, reasons): (Logger.Message, [Diagnostic])
    switch object {
    case .unreadable(let found): (words, reasons) = ("an object cannot be read", found)
    case .closed(_, let found): (words, reasons) = ("a part of a policy is not understood, and closed", found)
    case .partial(_, let found): (words, reasons) = ("a part of an object is left out", found)
    case .pod, .namespace, .node, .policy: return
    }
    status.count("netpolc_agent_unreadable_objects_total", ["kind": kind.rawValue])
    log.warning(
      words,
      metadata: [
        "kind": "\(kind.rawValue)", "name": "\(header.map { "\($0.key)" } ?? "")",
        "reason": "\(reasons.first?.message ?? "")",
      ])
  }

  /// Tells of which kinds the server was heard, and how many objects came.
  private mutating func tellHeard() {
    if heard.isEmpty { return }
    status.change {
      for (kind, events) in heard {
        $0.heard[kind.rawValue] = .now
        $0.remarks["api \(kind.rawValue)"] = nil
        if events > 0 {
          let name = CounterName("netpolc_agent_events_total", ["kind": kind.rawValue])
          $0.counters[name, default: 0] += events
        }
      }
    }
    heard = [:]
  }

  private mutating func endList(_ kind: FollowedKind) {
    heard[kind, default: 0] += 0
    switch state.endList(kind, former: former?[kind], isTold: session != nil || trial != nil) {
    case .taken(let events):
      ledger.add(events)
      isRelisted = session != nil
      restartsAt[kind] = nil
      status.change {
        $0.obstacles["list of \(kind.rawValue)"] = nil
        $0.synced.insert(kind.rawValue)
      }
      log.info("a list is complete", metadata: ["kind": "\(kind.rawValue)"])
    case .held(let reason):
      restartsAt[kind] = .now + options.holdWait
      status.count("netpolc_agent_held_lists_total", ["kind": kind.rawValue])
      status.change { $0.obstacles["list of \(kind.rawValue)"] = "held: \(reason); --accept-relist takes it" }
      log.error("a list is held", metadata: ["kind": "\(kind.rawValue)", "reason": "\(reason)"])
    }
  }

  /// Asks for lists again that were held.
  private mutating func askAgain() {
    for (kind, time) in restartsAt where time <= .now {
      // Once: the new list is asked for until it is complete, and may take long.
      restartsAt[kind] = nil
      restarts.restart(kind)
    }
  }

  /// Tells probes and metrics.
  private mutating func publish() {
    let recorded = session?.isRecorded == true ? session?.revision : nil
    status.change {
      $0.pods = state.view.podCount
      $0.policies = state.policies.count + state.clusterPolicies.count
      $0.attachments = state.view.attached.count
      $0.deniesUnknownPods = options.unknownPods == .deny
      $0.isDryRun = options.isDryRun
      if let recorded { $0.recordedRevision = recorded }
      for (subject, names) in [
        ("objects that cannot be read", state.unreadable),
        ("policies with parts that are not understood, and closed", state.closed),
        ("objects of which a part is left out", state.partial),
      ] {
        $0.remarks[subject] =
          names.isEmpty
          ? nil
          : names.sorted { $0.key < $1.key }.prefix(5).map { "\($0.key): \($0.value)" }.joined(
            separator: "; ")
      }
      $0.remarks["node"] =
        state.keepsBlocks ? "the Node has no podCIDRs any more; those that it had stay guarded" : nil
      let scoped = state.unreadable.keys.sorted().first {
        $0.hasPrefix("namespaces ") || $0.hasPrefix("node ") || $0.hasPrefix("nodes ")
          || $0.hasPrefix("clusterpolicies ") || $0 == "policies without a name"
      }
      // Without it, or under another name, every pod is another node's, and nothing is enforced here.
      $0.obstacles["node"] =
        state.node == nil && state.synced.contains(.node)
        ? "the API server has no Node '\(options.node)': give the name that it has (--node, or NODE_NAME)"
        : nil
      $0.obstacles["objects"] = scoped.map { "\($0) cannot be read, and is not applied" }
    }
  }
}
