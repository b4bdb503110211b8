import IncrementalLowering
import LinuxNet
import Logging
import Lowering
import NFTables
import NodeAgent
import PolicyModel
import TableLayout

/// Denied packets, from the kernel's log group to the agent's log.
extension AgentLoop {
  /// The largest number of packets that are reported in a second.
  private static let most = 20

  /// Asks the kernel for the group's packets.
  mutating func openDenials() {
    guard !options.isDryRun, let group = options.modes.log?.group else { return }
    do { denials = DenialLog(packets: try PacketLog(group: group)) } catch {
      log.error("denied packets cannot be read", metadata: ["group": "\(group)", "reason": "\(error)"])
      status.change { $0.remarks["denied packets"] = "group \(group) cannot be read: \(error)" }
    }
  }

  /// Reports the packets that came in, with the names of pods and policies.
  mutating func tellDenials() {
    guard let denials else { return }
    let entries = denials.packets.entries()
    if entries.isEmpty { return }
    let words = session?.compiled.classSubjects ?? [:]
    for entry in entries {
      guard let (prefix, _) = DenialPrefix.find(in: entry.prefix[...]) else { continue }
      status.count("netpolc_agent_denied_packets_logged_total")
      guard denials.isTold(most: Self.most) else { continue }
      let packet = entry.packet
      log.notice(
        prefix.isAudit ? "would be denied" : "denied",
        metadata: [
          "packet": "\(packet)",
          "from": "\(packet.source.flatMap { state.view.name(of: $0) } ?? "")",
          "to": "\(packet.destination.flatMap { state.view.name(of: $0) } ?? "")",
          "chain": "\(prefix.chain)", "policies": "\(words[prefix.chain]?.description ?? "")",
        ])
    }
    if denials.untold > 0 {
      status.count("netpolc_agent_denied_packets_not_told_total", by: denials.takeUntold())
    }
  }
}

/// The kernel's log group, and how much of it was reported in the current second.
final class DenialLog {
  let packets: PacketLog
  private var second = ContinuousClock.now
  private var told = 0
  private(set) var untold = 0

  init(packets: consuming PacketLog) { self.packets = packets }

  var descriptor: Int32 { packets.descriptor }

  /// True where one more may be reported in this second.
  func isTold(most: Int) -> Bool {
    if ContinuousClock.now - second >= .seconds(1) { (second, told) = (.now, 0) }
    told += 1
    if told > most { untold += 1 }
    return told <= most
  }

  /// The number that was not reported since the last call.
  func takeUntold() -> Int {
    defer { untold = 0 }
    return untold
  }
}
