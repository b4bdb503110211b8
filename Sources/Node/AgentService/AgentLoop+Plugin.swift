import Addresses
import CNIPlugin
import Logging
import NodeAgent

/// The answers to the CNI plugin.
extension AgentLoop {
  mutating func answer(_ message: AttachmentMessage, _ reply: Reply) {
    let id = "\(message.container)/\(message.interface)"
    switch message.verb {
    case .add, .check:
      let addresses = message.addresses.compactMap { IPAddress($0)?.withoutMapping }
      guard addresses.count == message.addresses.count, !addresses.isEmpty else {
        return reply.give(
          "the pod has no address that can be read: \(message.addresses.joined(separator: ", "))")
      }
      let attachment = SandboxAttachment(
        id: id, namespace: message.namespace, name: message.name, uid: message.uid, addresses: addresses)
      if message.verb == .check {
        guard state.view.holds(attachment), session != nil else {
          return reply.give("the pod's addresses are not in force")
        }
        // The view may be in no table: its commit failed, or another table is in the kernel.
        let obstacles = status.snapshot.obstacles
        return reply.give(["table", "kernel", "proof"].compactMap { obstacles[$0] }.first)
      }
      waiting.append((attachment, reply, .now + options.attachWait))
    case .remove:
      waiting.removeAll { entry in
        guard entry.attachment.id == id else { return false }
        entry.reply.give("the sandbox was removed")
        return true
      }
      ledger.add(state.detach(id))
      remember()
      reply.give(nil)
    case .collect:
      waiting.removeAll {
        restored.contains($0.attachment.id) && !message.attachments.contains($0.attachment.id)
      }
      ledger.add(state.keepAttachments(Set(message.attachments)))
      remember()
      reply.give(nil)
    case .status:
      // Only what keeps ADD from being served: a runtime makes the whole node not ready of it, as where one policy of the cluster
      // cannot be read that would be all nodes.
      let subjects = ["lists", "table", "unknown pods"] + (fallBack == nil ? [] : ["kernel"])
      let obstacles = status.snapshot.obstacles
      let found = subjects.compactMap { subject in obstacles[subject].map { "\(subject): \($0)" } }
      reply.give(found.isEmpty ? nil : found.joined(separator: "; "))
    }
  }

  /// Takes sandboxes whose pods are known by now.
  mutating func tryAttachments() {
    var left: [(attachment: SandboxAttachment, reply: Reply, deadline: ContinuousClock.Instant)] = []
    var isNew = false
    for entry in waiting {
      if state.isComplete, let events = state.attach(entry.attachment) {
        ledger.add(events)
        committing.append(entry.reply)
        isNew = true
      } else if entry.deadline <= .now {
        let pod = "\(entry.attachment.namespace)/\(entry.attachment.name)"
        entry.reply.give(
          state.isComplete
            ? "the API server has not sent the pod \(pod) with the UID \(entry.attachment.uid)"
            : "the lists of the API server are not complete")
      } else {
        left.append(entry)
      }
    }
    waiting = left
    if isNew { remember() }
  }

  func remember() {
    note(
      memory.keep(state.view.attached + waiting.map(\.attachment).filter { restored.contains($0.id) }),
      unwritten: "the sandboxes")
  }

  /// Notes what the next agent will not know, since it cannot be written.
  func note(_ failure: String?, unwritten what: String) {
    let reason = failure.map { "\(what) cannot be kept for the next agent: \($0)" }
    let isNew = reason != nil && status.snapshot.remarks[what] == nil
    status.change { $0.remarks[what] = reason }
    if isNew { log.error("a file cannot be written", metadata: ["reason": "\(reason ?? "")"]) }
  }
}
