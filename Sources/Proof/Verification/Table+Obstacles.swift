import Addresses
import Ruleset

extension Table {
  /// True where packets of a family come to the table's chains.
  func sees(_ family: IPFamily) -> Bool {
    switch self.family {
    case .inet: true
    case .ip: family == .ipv4
    case .ip6: family == .ipv6
    case .arp, .bridge, .netdev: false
    }
  }

  /// The properties of the table that forbid any claim about it.
  var obstacles: [UndecidedReason] {
    var result = unmodelled.map { UndecidedReason(chain: nil, rule: nil, "\($0) is not modelled") }
    result += flags.map { UndecidedReason(chain: nil, rule: nil, "the table's flag \($0) is not modelled") }
    for chain in chains {
      guard let hook = chain.hook else { continue }
      switch (family, hook.hook) {
      case (.inet, "forward"), (.ip, "forward"), (.ip6, "forward"): break
      case (.inet, "input"), (.ip, "input"), (.ip6, "input"): break
      case (.inet, "output"), (.ip, "output"), (.ip6, "output"): break
      case (.inet, "postrouting"), (.ip, "postrouting"), (.ip6, "postrouting"):
        if hook.priority >= sourceTranslation, canDrop(chain) {
          result.append(
            UndecidedReason(chain: chain.name, rule: nil, "it may drop packets whose source is translated"))
        }
      default:
        // Before the destination is translated, or another path: harmless if nothing can be dropped there.
        if canDrop(chain) {
          result.append(
            UndecidedReason(chain: chain.name, rule: nil, "it may drop packets at the hook \(hook.hook)"))
        }
      }
      if hook.type != "filter" {
        result.append(
          UndecidedReason(chain: chain.name, rule: nil, "a chain of type \(hook.type) is not modelled"))
      }
    }
    return result
  }

  /// True where a chain, or any that it leads to, has anything but accepting in it.
  private func canDrop(_ root: Chain) -> Bool {
    if root.hook?.policy == .drop { return true }
    var waiting = [root.name]
    var seen: Set<String> = []
    while let name = waiting.popLast() {
      guard seen.insert(name).inserted else { continue }
      for statement in chains.filter({ $0.name == name }).flatMap(\.rules).flatMap(\.statements) {
        var verdicts: [Verdict] = []
        switch statement {
        case .match, .counter, .log, .limit: break
        case .reject, .unmodelled: return true
        case .verdict(let verdict): verdicts = [verdict]
        case .verdictMap(_, .anonymous(let elements)): verdicts = elements.map(\.verdict)
        case .verdictMap(_, .named(let map)):
          verdicts = maps.filter { $0.name == map }.flatMap(\.elements).map(\.verdict)
        }
        if verdicts.contains(.drop) { return true }
        waiting += verdicts.compactMap(\.target)
      }
    }
    return false
  }
}
