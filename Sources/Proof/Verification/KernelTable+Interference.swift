import Addresses
public import KernelProgram
import Ruleset

extension KernelTable {
  /// The base chains of the table that can drop or change packets on their way through the node, for a table that is not the
  /// one that is proved: what they do is not looked at.
  public var interference: [UndecidedReason] {
    if flags.contains(.dormant) { return [] }
    let decoded = IPFamily.allCases.map { self.decoded($0) }
    var reasons: [UndecidedReason] = []
    for chain in chains {
      let title = "table \(family.rawValue) \(name), chain \(chain.name)"
      if !chain.unknown.isEmpty || !unknown.isEmpty {
        reasons.append(
          UndecidedReason(
            chain: nil, rule: nil, "\(title): \((chain.unknown + unknown).joined(separator: ", "))"))
        continue
      }
      guard let hook = chain.hook else { continue }
      let isOnTheWay = ["prerouting", "input", "forward", "postrouting", "ingress", "egress"].contains(
        hook.hook)
      let isFilter = hook.type == "filter"
      let drops = decoded.contains { table in
        table.chains.first { $0.name == chain.name }.map { table.canDrop($0) } ?? true
      }
      if isOnTheWay, drops || (!isFilter && !chain.rules.isEmpty) {
        reasons.append(
          UndecidedReason(
            chain: nil, rule: nil,
            "\(title) can drop or change packets at the hook \(hook.hook), priority \(hook.priority)"))
      }
    }
    return reasons
  }
}
