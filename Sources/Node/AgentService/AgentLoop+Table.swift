import Diagnostics
import Enforcement
import IncrementalLowering
import LinuxNet
import Logging
import Lowering
import NFTables
import NodeAgent
import NodeCompiler
import PolicyModel
import Ruleset

/// The table: committed, looked after, put right.
extension AgentLoop {
  /// Something of the table was committed by another program: the next commit finds it and repairs. In a fight each repair waits longer
  /// than the one before.
  mutating func lookAtTable() {
    guard session != nil, var changes = watch.take() else { return }
    let found = try? changes.changes()
    watch = consume changes
    guard let found, !found.isEmpty else { return }
    committers = found.committers.map(\.description)
    status.count("netpolc_table_changes_total", by: found.transactions)
    driftSince = driftSince ?? .now
    let wait = repairs.wait()
    let next = ContinuousClock.now + wait
    retryAt = min(retryAt ?? next, next)
    if wait > .zero {
      // In a fight: until it is put right, and compared, nobody knows what is in force.
      status.change {
        $0.obstacles["kernel"] =
          "another program changes the table again and again; it is put right after a wait"
      }
    }
    // A large table is not read again and again: at most a fifth of the time.
    let look = max(next, .now + min(comparing * 4, .seconds(5)))
    compareAt = min(compareAt ?? look, look)
  }

  /// Counts a change of the table by others that a transaction put right.
  mutating func noteRepair(_ change: Enforcer.Report.Change?) {
    guard let reason = change?.doubt else { return }
    // A comparison may have found it before the kernel's word was read.
    let time = driftSince.map { ContinuousClock.now - $0 }
    driftSince = nil
    if let time { status.change { $0.repairing.add(time) } }
    if reason.isForeign { tellRepair("\(reason)", took: time ?? .zero) }
  }

  mutating func tellRepair(_ reason: String, took time: Duration? = nil) {
    repairs.note()
    status.count("netpolc_agent_drift_total")
    var metadata: Logger.Metadata = [
      "reason": "\(reason)", "committers": "\(committers.joined(separator: ", "))",
    ]
    if let time { metadata["seconds"] = "\(time / .seconds(1))" }
    log.warning(time == nil ? "the table is to be put right" : "the table was put right", metadata: metadata)
  }

  /// Forgets what the kernel told of this agent's own transactions.
  mutating func skipOwnChanges() {
    guard session?.isUndisturbed == true, let own = try? watch?.changes() else { return }
    status.count("netpolc_table_changes_total", by: own.transactions)
  }

  mutating func commit() {
    guard state.isComplete else {
      // The first table is made of what is known then; a table that is there waits for these events.
      if session == nil { ledger = EventLedger() }
      if state.needsNodes { restarts.wantNodes() }
      let missing = state.missing.map(\.rawValue)
      status.change { $0.obstacles["lists"] = "no complete list of \(missing.joined(separator: ", ")) yet" }
      return
    }
    status.change { $0.obstacles["lists"] = nil }
    guard let wanted = wantedModes() else { return fail("unknown pods", noBlocks) }
    status.change { $0.obstacles["unknown pods"] = nil }
    let isDue = retryAt.map { $0 <= .now } ?? false
    if options.isDryRun { return tryOut(wanted) }
    if keepsFormerTable() { return }
    let areRoutesNew = session != nil && (unchecked.grow(by: ledger.events) || unchecked.haveRoute())
    if session != nil, modes == wanted, committing.isEmpty, !isDue, !areRoutesNew, !isRecompilationDue {
      if ledger.isEmpty, !isRelisted { return }
      if pacedUntil > .now { return }
    }
    if let retryAt, retryAt > .now, failures > 0 || ledger.isEmpty && committing.isEmpty { return }
    let began = ContinuousClock.now
    noteStale()
    do throws(NodeEnforcer.Failure) {
      let isNew = modes != wanted || session == nil || areRoutesNew || isRecompilationDue
      let former = isNew ? 0 : session?.judgements.ofWhole
      let revision = try isNew ? install(wanted) : applyPending()
      (failures, retryAt, isRecompilationDue) = (0, nil, false)
      // A foreign change of which nothing is left.
      driftSince = nil
      let time = ContinuousClock.now - began
      if former != session?.judgements.ofWhole { noteWholeProof(revision) }
      // A single event is committed at once; of a stream, as many together as keep this thread at rest for four fifths.
      pacedUntil = .now + min(time * 4, .milliseconds(500))
      skipOwnChanges()
      var latencies = status.snapshot
      countLatencies(at: .now, &latencies)
      status.change {
        ($0.eventLag, $0.policyLag, $0.syncedAt) = (
          latencies.eventLag, latencies.policyLag, latencies.syncedAt
        )
        $0.obstacles["table"] = nil
        $0.obstacles["proof"] = nil
        if $0.revision != revision {
          $0.counters[CounterName("netpolc_agent_transactions_total"), default: 0] += 1
          $0.appliedAt = latencies.syncedAt
        }
        $0.revision = revision
        $0.applying.add(time)
      }
      counts = AgentMemory.Counts(
        pods: state.view.podCount, namespaces: state.namespaces.count, policies: state.policies.count,
        clusterPolicies: state.clusterPolicies.count)
      committedAt = .now
      for reply in committing { reply.give(nil) }
      committing = []
      compareAt = compareAt ?? .now + (staying > 0 ? .zero : waitBeforeComparison)
    } catch {
      failures += 1
      retryAt = .now + .milliseconds(250) * (1 << min(failures, 6))
      fail("table", Self.words(error))
      if isRecompilationDue, case .unproved(let reason) = error {
        restoreFormer(because: "no table is proved: \(reason)")
      }
    }
  }

  /// Keeps the numbers of objects for the next agent: at once where the first object of a kind comes or the last one goes, which is
  /// what the next one's judgement of its lists depends on, else once a second, since it takes as long as a small transaction.
  mutating func keepCounts(isEnding: Bool = false) {
    guard let counts, counts != keptCounts else { return }
    if let keptCounts, !isEnding, counts.hasKinds(of: keptCounts), .now - countsKeptAt < .seconds(1) {
      return
    }
    note(memory.write(counts), unwritten: "the numbers of objects")
    (keptCounts, countsKeptAt) = (counts, .now)
  }

  private var noBlocks: String {
    (state.node == nil ? "no Node's podCIDRs are known" : "the Node has no podCIDRs")
      + ": give --pod-cidr, or --unknown-pods allow to leave addresses open that no pod is known to have"
  }

  mutating func fail(_ subject: String, _ reason: String) {
    if status.snapshot.obstacles[subject] != reason {
      log.error("not in force", metadata: ["subject": "\(subject)", "reason": "\(reason)"])
    }
    status.change { $0.obstacles[subject] = reason }
    for reply in committing { reply.give("\(subject): \(reason)") }
    committing = []
  }

  static func words(_ failure: NodeEnforcer.Failure) -> String {
    switch failure {
    case .contradiction(let found): found.diagnostics.map(\.message).joined(separator: "; ")
    case .enforcement(let failure): firstLines("\(failure)")
    case .unproved(let reason): "not proved, and not sent: \(reason)"
    }
  }

  /// A text of many lines as one: libnftables has a message for each command that the kernel refused.
  private static func firstLines(_ text: String) -> String {
    let lines = text.split(separator: "\n")
    let more = lines.count > 3 ? "; and \(lines.count - 3) more such messages" : ""
    return lines.prefix(3).joined(separator: "; ") + more
  }

  func wantedModes() -> EnforcementModes? {
    var wanted = options.modes
    if options.unknownPods == .deny {
      wanted.unknownPodBlocks = options.podCIDRs.isEmpty ? state.node?.podCIDRs ?? [] : options.podCIDRs
      if wanted.unknownPodBlocks.isEmpty { return nil }
    }
    return wanted
  }

  /// The first commit, or one with other modes.
  mutating func install(_ wanted: EnforcementModes) throws(NodeEnforcer.Failure) -> UInt64 {
    if isRecompilationDue, let pretended = options.objection(takes: false) { throw .unproved(pretended) }
    ledger = EventLedger()
    isRelisted = false
    // Memory that the reading of lists left behind.
    ProcessMemory.giveBack()
    defer { ProcessMemory.giveBack() }
    // Routes are asked for the node's own pods alone, whatever policies say.
    var own = ManifestContents()
    own.pods = state.view.pods.filter { $0.node == options.node }
    let cluster = Cluster.resolve(own).cluster
    let routes = PodRoutes(cluster, node: options.node)
    let enforced = routes.completing(wanted)
    for finding in routes.diagnostics(enforced) {
      log.warning("the check of sources", metadata: ["reason": "\(finding.message)"])
    }
    lookAround(isNow: true)
    let proof = TableProof(options, enforced, status)
    var lowering = LoweringOptions(node: options.node)
    lowering.modes = enforced
    let made = try NodeEnforcer(
      compiled(lowering), enforcer: Enforcer(directory: StateDirectory(path: options.runDirectory)),
      proof: { proof.objection($0, $1) }, judgement: { proof.objection($0, $1, $2) })
    let revision = made.revision
    session = consume made
    let areInterfacesFound = wanted.sourceCheck == .pods && wanted.podInterfaces.isEmpty
    unchecked = UncheckedAddresses(
      enforced.uncheckedSources, of: cluster.pods, node: options.node, isNeeded: enforced.sourceCheck != .off,
      interfaces: areInterfacesFound ? Set(enforced.podInterfaces) : nil)
    modes = wanted
    let changes = try? watch?.changes()
    status.count("netpolc_table_changes_total", by: changes?.transactions ?? 0)
    log.info("the table is in force", metadata: ["revision": "\(revision)"])
    return revision
  }

  /// The cluster, compiled, before it is proved and sent.
  private func compiled(_ lowering: LoweringOptions) throws(NodeEnforcer.Failure) -> IncrementalCompiler {
    do throws(LiveCluster.Contradiction) {
      let compiled = try IncrementalCompiler(state.contents, lowering)
      // Memory that a hundred thousand events left behind: the proof needs as much.
      ProcessMemory.giveBack()
      return compiled
    } catch { throw .contradiction(error) }
  }

  mutating func applyPending() throws(NodeEnforcer.Failure) -> UInt64 {
    if isRelisted {
      note(try compareAll())
    } else {
      var parts = ledger.takeParts(isDivided: state.clusterPolicies.isEmpty)[...]
      while let events = parts.popFirst() {
        do throws(NodeEnforcer.Failure) { note(try session?.apply(events)) } catch {
          for left in parts { ledger.add(left) }
          throw error
        }
      }
    }
    return session?.revision ?? 0
  }

  private mutating func note(_ outcome: NodeEnforcer.Outcome?) {
    noteRepair(outcome?.report.change)
    for reason in outcome?.sharedAddresses ?? [] {
      status.count("netpolc_agent_address_conflicts_total")
      log.warning("several pods have one address", metadata: ["reason": "\(reason)"])
    }
  }

  /// Compares all that is known with what is compiled, and commits the difference: an event that was lost before a list is made
  /// good by it.
  private mutating func compareAll() throws(NodeEnforcer.Failure) -> NodeEnforcer.Outcome? {
    isRelisted = false
    let events = ledger.take()
    status.count("netpolc_agent_full_comparisons_total")
    do throws(NodeEnforcer.Failure) { return try session?.replaceAll(state.contents) } catch {
      guard case .contradiction = error else { throw error }
      log.error("a list contradicts itself", metadata: ["reason": "\(Self.words(error))"])
      return try session?.apply(events)
    }
  }
}

extension ReplacementReason {
  /// True where another program made it necessary.
  var isForeign: Bool {
    switch self {
    case .tableGone, .otherRevision, .tableChanged: true
    case .firstTime, .noState, .unusableState, .restructured, .refused, .uncertain: false
    }
  }
}
