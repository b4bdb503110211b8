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
    let verdict = passes ? style.paint("ALLOWED", .green) : style.paint("DENIED", .red)
    var lines = [
      "\(verdict) \(end(source, sourceAddress)) → \(end(destination, destinationAddress))\(asked.isEmpty ? "" : " " + asked)"
    ]
    if traffic == nil { lines.append("  allowed: \(allowed.words)") }
    if isSelf { lines.append("  a pod always reaches itself") }
    if !isSelf, egress == nil, ingress == nil {
      lines.append("  neither end is a pod that policies apply to: nothing is denied")
    }
    for trace in [egress, ingress].compactMap({ $0 }) { lines += describe(trace, style, isBrief) }
    return lines.map { style.wrapped(TerminalStyle.printable(plain: $0), indent: 4) + "\n" }.joined()
  }

  private var asked: String { traffic?.words ?? "" }

  private func end(_ name: String, _ address: IPAddress?) -> String {
    guard let address, address.description != name else { return name }
    return "\(name) (\(address))"
  }

  private func describe(_ trace: DirectionTrace, _ style: TerminalStyle, _ isBrief: Bool) -> [String] {
    let name = "\(trace.direction.rawValue.lowercased()) of \(trace.pod)"
    if trace.isOpen { return ["", "\(name): open, no policy isolates it in this direction"] }
    let verdict = trace.allows ? "allowed" : "denied, isolated and no rule matches"
    var lines = ["", "\(name): \(verdict)"]
    for policy in trace.policies {
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

  private func describe(_ rule: RuleTrace, _ style: TerminalStyle) -> [String] {
    let mark = rule.allows ? style.paint("✓", .green) : style.paint("✗", .red)
    let near = !rule.allows && (rule.peerMatches || rule.portMatches) ? ": near miss" : ""
    var lines = ["    \(mark) \(rule.origin.field) (\(rule.origin.location))\(near)"]
    if rule.peers.isEmpty { lines.append("        every peer") }
    for entry in rule.peers + rule.ports {
      lines.append("        \(entry.matches ? "+" : "-") \(entry.asks): \(entry.reason)")
    }
    if rule.ports.isEmpty { lines.append("        every port") }
    return lines
  }
}

extension TerminalStyle {
  /// A line whose hidden characters are escaped, but for the escape sequences of this style's own colours.
  static func printable(plain line: String) -> String {
    line.split(separator: "\u{1b}[", omittingEmptySubsequences: false).enumerated().map { place, piece in
      if place == 0 { return ForeignText(piece).visible }
      let parts = piece.split(separator: "m", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, parts[0] == "0" || Paint(rawValue: String(parts[0])) != nil else {
        return ForeignText("\u{1b}[" + piece).visible
      }
      return "\u{1b}[\(parts[0])m" + ForeignText(parts[1]).visible
    }.joined()
  }
}
