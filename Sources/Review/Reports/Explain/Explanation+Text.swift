import Addresses
import Diagnostics
public import PolicyExplain
import PolicyModel
import PolicyTrace
import Reachability
public import Wording

extension Explanation {
  /// As text for a terminal.
  public func text(_ style: TerminalStyle = TerminalStyle()) -> String {
    text(style, saying: isAllowed, isBrief: false)
  }

  /// The same under another verdict, where something else than policies decides. In brief, rules that have nothing to do
  /// with the packet are counted.
  func text(_ style: TerminalStyle, saying passes: Bool, isBrief: Bool) -> String {
    let verdict: PlainText = passes ? style.paint("ALLOWED", .green) : style.paint("DENIED", .red)
    var lines: [PlainText] = [
      "\(verdict) \(end(source, sourceAddress)) → \(end(destination, destinationAddress))\(asked.isEmpty ? "" : " " + asked)\(condition.map { ", \($0)" } ?? "")"
    ]
    if traffic == nil { lines.append("  allowed: \(allowed.words)") }
    if isSelf {
      lines.append(
        isAskedOfClusterTiers
          ? "  what a pod sends itself through a Service is judged by the tiers Admin and Baseline, not by NetworkPolicy"
          : "  a pod always reaches itself")
    }
    if let nodeTraffic { lines.append("  \(words(nodeTraffic))") }
    if !isSelf, nodeTraffic == nil, egress == nil, ingress == nil {
      lines.append("  neither end is a pod that policies apply to: nothing is denied")
    }
    for trace in [egress, ingress].compactMap({ $0 }) { lines += describe(trace, style, isBrief) }
    return lines.wrapped(style)
  }

  private func words(_ traffic: NodeTraffic) -> String {
    switch traffic {
    case .fromNode(let node):
      "\(source) is node \(node), which \(destination) runs on: a node always reaches its own pods"
    case .toNode(let node, .open):
      "\(destination) is node \(node), which \(source) runs on: what a pod sends to its own node is not looked at (--pod-to-node open)"
    case .toNodeByClusterTiers(let node):
      "\(destination) is node \(node), which \(source) runs on: the tiers Admin and Baseline hold there, NetworkPolicy does not (--pod-to-node open)"
    case .toNode(let node, .policies):
      "\(destination) is node \(node), which \(source) runs on: egress policies hold there (--pod-to-node policies)"
    }
  }

  private var asked: String { traffic?.words ?? "" }

  private func end(_ name: String, _ address: IPAddress?) -> String {
    guard let address, address.description != name else { return name }
    return "\(name) (\(address))"
  }

  private func describe(_ trace: DirectionTrace, _ style: TerminalStyle, _ isBrief: Bool) -> [PlainText] {
    let name = "\(trace.direction.rawValue.lowercased()) of \(trace.pod)"
    if trace.isOpen { return ["", "\(name): open, no policy isolates it in this direction"] }
    var lines: [PlainText] = ["", "\(name): \(verdict(of: trace))"]
    var decided = false
    for (place, policy) in trace.policies.enumerated() {
      if place == 0 || trace.policies[place - 1].tier != policy.tier {
        if let words = words(ofTier: policy.tier, of: trace, behind: decided) { lines.append("  \(words)") }
        decided = decided || decides(policy.tier, trace)
      }
      lines.append("  policy \(policy.policy) (\(policy.origin.location))")
      if policy.rules.isEmpty { lines.append("    has no rule: allows nothing") }
      let told = isBrief ? policy.rules.filter { $0.peerMatches || $0.portMatches } : policy.rules
      for rule in told { lines += describe(rule, style) }
      let others = policy.rules.count - told.count
      if others > 0 {
        lines.append("    ✗ \(Counting.of(others, "rule")) with neither the peer nor the port")
      }
    }
    return lines
  }

  /// The verdict of a direction in words.
  private func verdict(of trace: DirectionTrace) -> String {
    switch trace.decision {
    case .undecided: "allowed, no tier decides"
    case .isolated: "denied, isolated and no rule matches"
    case .rule(let policy, let rule) where policy.tier.selectedDefault == .pass:
      "\(rule.action == .deny ? "denied" : "allowed") by tier \(policy.tier.title) \(ForeignText(policy.policy.name).quoted) \(rule.words)"
    case .rule: trace.allows ? "allowed" : "denied"
    }
  }

  private func decides(_ tier: TierKind, _ trace: DirectionTrace) -> Bool {
    switch trace.decision {
    case .undecided: false
    case .isolated(let other): other == tier
    case .rule(let policy, _): policy.tier == tier
    }
  }

  /// The words of a tier's own about the packet, whether it is asked or not; nil where NetworkPolicy is the only tier.
  private func words(ofTier tier: TierKind, of trace: DirectionTrace, behind decided: Bool) -> String? {
    guard trace.policies.contains(where: { $0.tier != .networkPolicy }) else { return nil }
    let alone = trace.alone(tier)
    let passes = alone.policies.lazy.flatMap(\.rules).first(where: \.matches)?.action == .pass
    let says: String =
      switch alone.decision {
      case .rule(_, let rule): rule.action == .deny ? "denies" : "accepts"
      case .isolated: "denies: it isolates, and no rule matches"
      case .undecided: passes ? "passes it on" : "has no rule for it"
      }
    return decided
      ? "tier \(tier.title), not asked: it \(says.replacing("denies", with: "would deny").replacing("accepts", with: "would accept").replacing("passes", with: "would pass"))"
      : "tier \(tier.title): \(says)"
  }

  private func describe(_ rule: RuleTrace, _ style: TerminalStyle) -> [PlainText] {
    let mark: PlainText = rule.allows ? style.paint("✓", .green) : style.paint("✗", .red)
    let near = !rule.matches && (rule.peerMatches || rule.portMatches) ? ": near miss" : ""
    let effect = rule.action == .accept ? "" : rule.matches ? ": \(rule.action) matches" : ": \(rule.action)"
    let called = rule.name.map { " \(ForeignText($0).quoted)" } ?? ""
    var lines: [PlainText] = [
      "    \(mark) \(rule.origin.field)\(called) (\(rule.origin.location))\(effect)\(near)"
    ]
    if rule.peers.isEmpty { lines.append("        every peer") }
    for entry in rule.peers + rule.ports {
      lines.append("        \(entry.matches ? "+" : "-") \(entry.asks): \(entry.reason)")
    }
    if rule.ports.isEmpty { lines.append("        every port") }
    return lines
  }
}
