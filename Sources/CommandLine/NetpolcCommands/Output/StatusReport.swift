import LinuxNet
import Wording

#if os(Linux)
  import Enforcement
  import JSONText
  import PolicyModel
  import Ruleset
  import TableLayout

  /// A status in words, or as JSON (`docs/schemas/status.schema.json`).
  struct StatusReport {
    let status: InstalledStatus
    /// The word of the node's agent; nil where none runs.
    let agent: String?

    init(_ status: InstalledStatus, agent: String? = nil) {
      self.status = status
      self.agent = agent
    }

    func written(as format: StatusFormat) -> String { format == .text ? text : json }

    /// `12 s`, `3 min`, `5 h`, `2 d`
    private static func words(_ duration: Duration) -> String {
      let seconds = duration.components.seconds
      switch seconds {
      case ..<120: return "\(seconds) s"
      case ..<7200: return "\(seconds / 60) min"
      case ..<172_800: return "\(seconds / 3600) h"
      default: return "\(seconds / 86_400) d"
      }
    }

    private var drift: (word: String, text: String) {
      switch status.drift {
      case .none: ("none", "as installed")
      case .nothingInstalled: ("nothing-installed", "nothing is installed")
      case .tableGone: ("table-gone", "gone: another program removed the table")
      case .unknown(let why): ("unknown", "cannot be compared: \(why)")
      case .changed(let delta):
        ("changed", "changed outside netpolc (\(DriftText(delta).text))")
      }
    }

    /// The command that makes the table what it is on record again; nil where it is, or where an agent does it by itself.
    private var repair: String? {
      // One that only tries out puts nothing right.
      guard agent?.hasPrefix("dry run") ?? true else { return nil }
      switch status.drift {
      case .none, .nothingInstalled: return nil
      case .unknown where !status.hasTable: return nil
      case .tableGone, .changed, .unknown: break
      }
      let node = status.state?.scope?.node.map { ["--node", ShellWord.quoted($0)] } ?? []
      let modes = (status.state?.modes.commandLine ?? []).map(ShellWord.quoted)
      return (["netpolc compile POLICIES --inventory INVENTORY"] + node + modes + ["--apply"])
        .joined(separator: " ")
    }

    /// The chains that denied packets.
    private var deniedBy: [InstalledStatus.Counted] {
      status.counted.filter { $0.packets > 0 && ChainName.countedAction($0.chain) == nil }
    }

    /// The chains of the rules of ClusterNetworkPolicy with an action, also of those that met no packet.
    private func decidedBy(_ action: RuleAction) -> [InstalledStatus.Counted] {
      status.counted.filter { ChainName.countedAction($0.chain) == action }
    }

    /// The number of rules that chains belong to: with rechecked connections a rule has another chain for replies.
    private static func number(of chains: [InstalledStatus.Counted]) -> Int {
      Set(chains.map { ChainName.answered($0.chain) }).count
    }

    private static func packets(_ counted: [InstalledStatus.Counted]) -> Int {
      Int(clamping: counted.reduce(0) { $0 &+ $1.packets })
    }

    /// The number of packets that were denied.
    private var denied: Int { Self.packets(deniedBy) }

    /// The least and the greatest number of packets that audit mode let through and that would have been denied: a packet that
    /// both its sender's and its receiver's policies deny is counted by both. Chains that classes share may be of either direction.
    private var wouldBeDenied: ClosedRange<Int> {
      func count(_ direction: Direction?) -> Int {
        Self.packets(deniedBy.filter { status.subject(of: $0)?.direction == direction })
      }
      let (lesser, either) = (min(count(.egress), count(.ingress)), count(nil))
      return max(denied - denied / 2, denied - lesser - either)...denied
    }

    /// `enforcing`, the audit mode with its count, and the options of other modes.
    private func mode(_ modes: EnforcementModes) -> String {
      let range = wouldBeDenied
      let count =
        range.count == 1
        ? Counting.of(denied, "packet") : "\(range.lowerBound) to \(Counting.of(range.upperBound, "packet"))"
      let main = modes.isAudit ? "AUDIT: nothing is dropped; would be denied: \(count)" : "enforcing"
      var others = modes
      others.isAudit = false
      return others.options.isEmpty ? main : "\(main) (\(others.words))"
    }

    /// The last rollback, unless a later revision was applied since.
    private var rollback: RollbackNote? {
      guard let note = status.note else { return nil }
      return status.state.map { $0.revision < note.revision } ?? true ? note : nil
    }

    private var text: String {
      var lines = [("table", "inet netpolc, \(drift.text)")]
      if let repair { lines.append(("repair", repair)) }
      if let revision = status.revision { lines.append(("revision", "\(revision)")) }
      if let state = status.state {
        lines.append(("applied", "\(Self.words(state.applied.age)) ago"))
        lines.append(("mode", mode(state.modes)))
        if let scope = state.scope {
          if let node = scope.node { lines.append(("node", node)) }
          lines.append(("isolated", "\(scope.isolated) of \(Counting.of(scope.pods, "pod"))"))
        }
        lines.append(("policies", "sha256 \(state.inputs.policies)"))
        lines.append(("inventory", "sha256 \(state.inputs.inventory)"))
      }
      if let agent { lines.append(("agent", agent)) }
      if let pending = status.pending {
        let guarded =
          status.isGuarded ? "" : "; its watchdog is gone: run `netpolc confirm` or `netpolc rollback`"
        lines.append(
          (
            "pending",
            "revision \(pending.revision) waits for `netpolc confirm`, \(pending.remaining)\(guarded)"
          ))
      }
      if let defect = status.pendingDefect { lines.append(("pending", "cannot be read: \(defect)")) }
      if let note = rollback { lines.append(("rollback", note.description)) }
      if status.revision != nil, status.state?.modes.isAudit != true {
        lines.append(("denied", Counting.of(denied, "packet")))
      }
      var text = lines.map(Self.line).joined() + deniedBy.map(line).joined()
      if status.revision != nil, status.state?.modes.counts == .rules {
        for (name, action) in [("accepted", RuleAction.accept), ("passed", .pass)] {
          let rules = decidedBy(action)
          let busy = rules.filter { $0.packets > 0 }
          text += Self.line(
            name,
            "\(Counting.of(Self.packets(rules), "packet")), by \(Self.number(of: busy)) of \(Counting.of(Self.number(of: rules), "rule")) of ClusterNetworkPolicy"
          )
          text += busy.map(line).joined()
        }
      }
      return text
    }

    private static func line(_ name: String, _ value: String) -> String {
      "\(name)\(String(repeating: " ", count: 10 - name.utf8.count))\(ForeignText(value).visible)\n"
    }

    private func line(_ entry: InstalledStatus.Counted) -> String {
      let subject = status.subject(of: entry).map { "  (\($0))" } ?? ""
      return "  \(entry.packets)  \(ForeignText("\(entry.chain)\(subject)").visible)\n"
    }

    private var json: String {
      var json = JSONWriter()
      json.object { json in
        json.pair("apiVersion", "netpolc/v1")
        json.pair("kind", "Status")
        json.pair("namespace", "\(status.namespace)")
        json.pair("drift", drift.word)
        json.pair("driftDetail", drift.text)
        if case .changed(let delta) = status.drift { json.list("differences", DriftText(delta).differences) }
        if let repair { json.pair("repair", repair) }
        if let revision = status.revision {
          json.key("revision")
          json.number(revision)
        }
        if let state = status.state {
          json.key("ageSeconds")
          json.number(state.applied.age.components.seconds)
          json.key("appliedAt")
          json.number(state.applied.unixSeconds)
          json.pair("mode", state.modes.isAudit ? "audit" : "enforcing")
          json.list("modeOptions", state.modes.options)
          if let scope = state.scope {
            if let node = scope.node { json.pair("node", node) }
            json.key("isolatedPods")
            json.number(scope.isolated)
            json.key("pods")
            json.number(scope.pods)
          }
          json.key("inputs")
          json.object {
            $0.pair("policies", state.inputs.policies)
            $0.pair("inventory", state.inputs.inventory)
          }
        }
        if let pending = status.pending {
          json.key("pending")
          json.object { json in
            json.key("revision")
            json.number(pending.revision)
            json.key("secondsLeft")
            json.number(pending.deadline.remaining.components.seconds)
            json.key("guarded")
            json.bool(status.isGuarded)
          }
        }
        if let defect = status.pendingDefect { json.pair("pendingDefect", defect) }
        if let agent { json.pair("agent", agent) }
        if let note = rollback { json.pair("lastRollback", note.description) }
        if status.revision != nil {
          if status.state?.modes.isAudit == true {
            json.key("wouldBeDeniedPackets")
            json.object { json in
              json.key("atLeast")
              json.number(wouldBeDenied.lowerBound)
              json.key("atMost")
              json.number(wouldBeDenied.upperBound)
            }
          } else {
            json.key("deniedPackets")
            json.number(denied)
          }
        }
        json.key("denied")
        json.array { json in for entry in deniedBy { write(entry, to: &json) } }
        if status.state?.modes.counts == .rules {
          json.key("decided")
          json.array { json in
            for action in [RuleAction.accept, .pass] {
              for entry in decidedBy(action) { write(entry, action, to: &json) }
            }
          }
        }
      }
      return json.text + "\n"
    }

    private func write(
      _ entry: InstalledStatus.Counted, _ action: RuleAction? = nil, to json: inout JSONWriter
    ) {
      json.object { json in
        json.pair("chain", entry.chain)
        if let action { json.pair("action", action.rawValue) }
        if let subject = status.subject(of: entry) { json.pair("class", subject.description) }
        json.key("packets")
        json.number(entry.packets)
        json.key("bytes")
        json.number(entry.bytes)
      }
    }
  }

  extension InstalledStatus {
    /// The direction and the policies of a chain that counted, where they are on record: those of its class or its rule.
    func subject(of counted: Counted) -> ClassSubject? {
      counted.subject ?? state?.classes[ChainName.subject(counted.chain)]
    }
  }
#endif
