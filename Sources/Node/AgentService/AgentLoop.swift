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
import PolicyModel
import Ruleset

/// The agent's one thread: takes what came in, makes one transaction of it, answers the plugin. Everything here happens
/// on the thread that called `run`, in that thread's network namespace.
struct AgentLoop: ~Copyable {
  private let options: AgentOptions
  private let inbox: Inbox
  private let status: AgentStatus
  private let restarts: RestartSignal
  private let log: Logger
  private let memory: AgentMemory
  private var state: ClusterState
  private var session: NodeEnforcer?
  private var modes: EnforcementModes?
  private var pending: [ClusterEvent] = []
  /// Events that contradict the cluster, to be tried again.
  private var refused: [ClusterEvent] = []
  private var isStopped = false
  private var watch: TableWatch?
  private var watchDescriptor: Int32 = -1
  /// Questions whose answer waits: for the pod's object, or for the next commit.
  private var waiting: [(attachment: SandboxAttachment, reply: Reply, deadline: ContinuousClock.Instant)] = []
  private var committing: [Reply] = []
  private var restartsAt: [FollowedKind: ContinuousClock.Instant] = [:]
  private var retryAt: ContinuousClock.Instant?
  private var failures = 0
  private var repairs: [ContinuousClock.Instant] = []
  /// The programs that changed the table last.
  private var committers: [String] = []
  private var counts: AgentMemory.Counts?
  private let former: AgentMemory.Counts?
  /// Sandboxes that the agent before knew of, until their pods are known again.
  private var restored: Set<String> = []

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
    former = memory.counts()
  }

  /// Runs until `stop` is taken.
  mutating func run() {
    if let made = try? TableWatch(.netpolc) {
      watchDescriptor = made.descriptor
      watch = consume made
    }
    for attachment in memory.attachments() {
      waiting.append((attachment, Reply(), .now + .seconds(3600)))
      restored.insert(attachment.id)
    }
    while !isStopped {
      status.change { $0.turned = .now }
      wait()
      let inputs = inbox.take()
      for input in inputs { take(input) }
      lookAtTable()
      askAgain()
      tryAttachments()
      commit()
      publish()
    }
    // The table stays; the record lets the next agent go on by a difference.
    _ = try? session?.record()
    for reply in committing + waiting.map(\.reply) { reply.give("the agent is ending") }
  }

  /// Waits for an input, a change of the table, or the next thing that is due.
  private func wait() {
    var due = ContinuousClock.now + .seconds(5)
    for entry in waiting { due = min(due, entry.deadline) }
    for time in restartsAt.values { due = min(due, time) }
    if let retryAt { due = min(due, retryAt) }
    let left = (due - .now).components
    let milliseconds = max(0, left.seconds * 1000 + left.attoseconds / 1_000_000_000_000_000 + 1)
    var polled = [pollfd(fd: inbox.descriptor, events: Int16(POLLIN), revents: 0)]
    if watchDescriptor >= 0 {
      polled.append(pollfd(fd: watchDescriptor, events: Int16(POLLIN), revents: 0))
    }
    poll(&polled, nfds_t(polled.count), Int32(min(milliseconds, 5000)))
  }

  // MARK: Inputs

  private mutating func take(_ input: AgentInput) {
    switch input {
    case .object(let kind, let object, let header, let closing):
      heard(kind)
      status.count("netpolc_agent_events_total{kind=\"\(kind.rawValue)\"}")
      if case .unreadable(let errors) = object {
        status.count("netpolc_agent_unreadable_objects_total{kind=\"\(kind.rawValue)\"}")
        log.warning(
          "an object cannot be read",
          metadata: [
            "kind": "\(kind.rawValue)", "name": "\(header.map { "\($0.key)" } ?? "")",
            "reason": "\(errors.first?.message ?? "")",
          ])
      }
      pending += state.put(kind, object, header, closing: closing)
    case .removed(let kind, let key):
      heard(kind)
      status.count("netpolc_agent_events_total{kind=\"\(kind.rawValue)\"}")
      pending += state.remove(kind, key)
    case .listBegan(let kind, let reason):
      status.count("netpolc_agent_resyncs_total{kind=\"\(kind.rawValue)\",reason=\"\(reason.rawValue)\"}")
      log.info("a list begins", metadata: ["kind": "\(kind.rawValue)", "reason": "\(reason.rawValue)"])
      state.beginList(kind)
    case .listEnded(let kind): endList(kind)
    case .heard(let kind): heard(kind)
    case .trouble(let kind, let reason):
      log.warning("the API server", metadata: ["kind": "\(kind.rawValue)", "reason": "\(reason)"])
      status.change { $0.remarks["api \(kind.rawValue)"] = reason }
    case .attachment(let message, let reply): answer(message, reply)
    case .stop: isStopped = true
    }
  }

  private func heard(_ kind: FollowedKind) {
    status.change {
      $0.heard[kind.rawValue] = .now
      $0.remarks["api \(kind.rawValue)"] = nil
    }
  }

  private mutating func endList(_ kind: FollowedKind) {
    heard(kind)
    switch state.endList(kind, former: former?[kind]) {
    case .taken(let events):
      pending += events
      restartsAt[kind] = nil
      status.change {
        $0.obstacles["list of \(kind.rawValue)"] = nil
        $0.synced.insert(kind.rawValue)
      }
      log.info("a list is complete", metadata: ["kind": "\(kind.rawValue)"])
    case .held(let reason):
      restartsAt[kind] = .now + options.holdWait
      status.count("netpolc_agent_held_lists_total{kind=\"\(kind.rawValue)\"}")
      status.change { $0.obstacles["list of \(kind.rawValue)"] = "held: \(reason); --accept-relist takes it" }
      log.error("a list is held", metadata: ["kind": "\(kind.rawValue)", "reason": "\(reason)"])
    }
  }

  /// Asks for lists again that were held.
  private mutating func askAgain() {
    for (kind, time) in restartsAt where time <= .now {
      restartsAt[kind] = .now + options.holdWait
      restarts.restart(kind)
    }
  }

  // MARK: The plugin

  private mutating func answer(_ message: AttachmentMessage, _ reply: Reply) {
    let id = "\(message.container)/\(message.interface)"
    switch message.verb {
    case .add, .check:
      let addresses = message.addresses.compactMap { IPAddress($0) }
      guard addresses.count == message.addresses.count, !addresses.isEmpty else {
        return reply.give(
          "the pod has no address that can be read: \(message.addresses.joined(separator: ", "))")
      }
      let attachment = SandboxAttachment(
        id: id, namespace: message.namespace, name: message.name, uid: message.uid, addresses: addresses)
      if message.verb == .check {
        let isHeld = state.view.holds(attachment) && session != nil
        return reply.give(isHeld ? nil : "the pod's addresses are not in force")
      }
      waiting.append((attachment, reply, .now + options.attachWait))
    case .remove:
      waiting.removeAll { entry in
        guard entry.attachment.id == id else { return false }
        entry.reply.give("the sandbox was removed")
        return true
      }
      pending += state.detach(id)
      remember()
      reply.give(nil)
    case .collect:
      waiting.removeAll {
        restored.contains($0.attachment.id) && !message.attachments.contains($0.attachment.id)
      }
      pending += state.keepAttachments(Set(message.attachments))
      remember()
      reply.give(nil)
    case .status:
      let obstacles = status.snapshot.obstacles
      reply.give(
        obstacles.isEmpty
          ? nil
          : obstacles.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }.joined(separator: "; "))
    }
  }

  /// Takes sandboxes whose pods are known by now.
  private mutating func tryAttachments() {
    var left: [(attachment: SandboxAttachment, reply: Reply, deadline: ContinuousClock.Instant)] = []
    var isNew = false
    for entry in waiting {
      if state.isComplete, let events = state.attach(entry.attachment) {
        pending += events
        committing.append(entry.reply)
        isNew = true
      } else if entry.deadline <= .now {
        let pod = "\(entry.attachment.namespace)/\(entry.attachment.name)"
        entry.reply.give(
          state.isComplete
            ? "the API server has not told of the pod \(pod) with the UID \(entry.attachment.uid)"
            : "the lists of the API server are not complete")
      } else {
        left.append(entry)
      }
    }
    waiting = left
    if isNew { remember() }
  }

  private func remember() {
    memory.keep(state.view.attached + waiting.map(\.attachment).filter { restored.contains($0.id) })
  }

  // MARK: The table

  /// Something of the table was committed: where it was not this agent, the next commit finds it and repairs. In a fight
  /// each repair waits longer than the one before.
  private mutating func lookAtTable() {
    guard session != nil, var changes = watch.take() else { return }
    let found = try? changes.changes()
    watch = consume changes
    guard let found, !found.isEmpty else { return }
    committers = found.committers.map(\.description)
    repairs = repairs.filter { $0 > .now - .seconds(60) }
    let wait = repairs.count <= 3 ? Duration.zero : .milliseconds(100) * (1 << min(repairs.count - 3, 8))
    retryAt = min(retryAt ?? .now + wait, .now + wait)
  }

  private mutating func noteRepair(_ change: Enforcer.Report.Change?) {
    guard case .whole(let reason)? = change else { return }
    repairs.append(.now)
    status.count("netpolc_agent_drift_total")
    log.warning(
      "the table was put right",
      metadata: ["reason": "\(reason)", "committers": "\(committers.joined(separator: ", "))"])
  }

  private mutating func commit() {
    guard state.isComplete else {
      pending = []
      let missing = FollowedKind.allCases.filter { !state.synced.contains($0) }.map(\.rawValue)
      status.change { $0.obstacles["lists"] = "no complete list of \(missing.joined(separator: ", ")) yet" }
      return
    }
    status.change { $0.obstacles["lists"] = nil }
    guard let wanted = wantedModes() else { return fail("unknown pods", Self.noBlocks) }
    status.change { $0.obstacles["unknown pods"] = nil }
    let isDue = retryAt.map { $0 <= .now } ?? false
    if session != nil, modes == wanted, pending.isEmpty, committing.isEmpty, !isDue { return }
    if let retryAt, retryAt > .now, failures > 0 || pending.isEmpty && committing.isEmpty { return }
    let began = ContinuousClock.now
    do throws(NodeEnforcer.Failure) {
      let revision = try modes == wanted && session != nil ? applyPending() : install(wanted)
      (failures, retryAt) = (0, nil)
      let time = ContinuousClock.now - began
      status.change {
        $0.obstacles["table"] = nil
        if $0.revision != revision { $0.counters["netpolc_agent_transactions_total", default: 0] += 1 }
        $0.revision = revision
        $0.applySeconds = time / .seconds(1)
      }
      let now = AgentMemory.Counts(
        pods: state.view.podCount, namespaces: state.namespaces.count, policies: state.policies.count)
      if counts != now { memory.write(now) }
      counts = now
      for reply in committing { reply.give(nil) }
      committing = []
    } catch {
      failures += 1
      retryAt = .now + .milliseconds(250) * (1 << min(failures, 6))
      fail("table", Self.words(error))
    }
  }

  private static let noBlocks =
    "the Node has no podCIDRs: give --pod-cidr, or --unknown-pods allow to leave addresses open that no pod is known to have"

  private mutating func fail(_ subject: String, _ reason: String) {
    if status.snapshot.obstacles[subject] != reason {
      log.error("not in force", metadata: ["subject": "\(subject)", "reason": "\(reason)"])
    }
    status.change { $0.obstacles[subject] = reason }
    for reply in committing { reply.give("\(subject): \(reason)") }
    committing = []
  }

  private static func words(_ failure: NodeEnforcer.Failure) -> String {
    switch failure {
    case .contradiction(let found): found.diagnostics.map(\.message).joined(separator: "; ")
    case .enforcement(let failure): "\(failure)"
    case .unproved(let reason): "not proved, and not sent: \(reason)"
    }
  }

  private func wantedModes() -> EnforcementModes? {
    var wanted = options.modes
    if options.unknownPods == .deny {
      wanted.unknownPodBlocks = options.podCIDRs.isEmpty ? state.node?.podCIDRs ?? [] : options.podCIDRs
      if wanted.unknownPodBlocks.isEmpty { return nil }
    }
    return wanted
  }

  /// The first commit, or one with other modes.
  private mutating func install(_ wanted: EnforcementModes) throws(NodeEnforcer.Failure) -> UInt64 {
    pending = []
    let proof = TableProof(node: options.node, modes: wanted, status: status)
    var lowering = LoweringOptions(node: options.node)
    lowering.modes = wanted
    let made = try NodeEnforcer(
      state.contents, lowering, enforcer: Enforcer(directory: StateDirectory(path: options.runDirectory)),
      proof: { proof.objection($0, $1) }, judgement: { proof.objection($0, $1) })
    let revision = made.revision
    session = consume made
    modes = wanted
    _ = try? watch?.changes()
    log.info("the table is in force", metadata: ["revision": "\(revision)"])
    return revision
  }

  private mutating func applyPending() throws(NodeEnforcer.Failure) -> UInt64 {
    let events = refused + pending
    (pending, refused) = ([], [])
    do throws(NodeEnforcer.Failure) {
      let change = try session?.apply(events).report.change
      if events.isEmpty { noteRepair(change) }
    } catch .contradiction {
      // Each alone: what contradicts the others waits for what resolves it.
      for event in events {
        do throws(NodeEnforcer.Failure) { _ = try session?.apply([event]) } catch .contradiction(let found) {
          refused.append(event)
          status.count("netpolc_agent_address_conflicts_total")
          log.warning(
            "an object contradicts the cluster",
            metadata: ["reason": "\(found.diagnostics.first?.message ?? "")"])
        }
      }
    }
    return session?.revision ?? 0
  }

  private func publish() {
    status.change {
      $0.pods = state.view.podCount
      $0.policies = state.policies.count
      $0.attachments = state.view.attached.count
      $0.deniesUnknownPods = options.unknownPods == .deny
      $0.remarks["objects that cannot be read"] =
        state.unreadable.isEmpty
        ? nil
        : state.unreadable.sorted { $0.key < $1.key }.prefix(5).map { "\($0.key): \($0.value)" }.joined(
          separator: "; ")
      let scoped = state.unreadable.keys.sorted().first {
        $0.hasPrefix("namespaces ") || $0.hasPrefix("node ")
      }
      $0.obstacles["objects"] = scoped.map { "\($0) cannot be read, and is not applied" }
    }
  }
}
