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
      if hook.hook != "forward", hook.hook != "input", looksAtArrival(chain) {
        result.append(
          UndecidedReason(
            chain: chain.name, rule: nil,
            "the interface of arrival is modelled at the hooks forward and input"))
      }
      if hook.type != "filter" {
        result.append(
          UndecidedReason(chain: chain.name, rule: nil, "a chain of type \(hook.type) is not modelled"))
      }
    }
    return result
  }

  /// True where a chain, or any that it leads to, has anything but accepting in it.
  func canDrop(_ root: Chain) -> Bool {
    if root.hook?.policy == .drop { return true }
    return reaches(root) { statement in
      switch statement {
      case .match, .counter, .log, .limit: false
      case .reject, .unmodelled: true
      case .verdict, .verdictMap: verdicts(of: statement).contains(.drop)
      }
    }
  }

  /// True where a chain, or any that it leads to, asks for the interface that a packet came in by.
  private func looksAtArrival(_ root: Chain) -> Bool {
    reaches(root) { statement in
      switch statement {
      case .match(let match): match.key.contains(where: \.isOfArrival)
      case .verdictMap(let fields, _): fields.contains(where: \.isOfArrival)
      case .counter, .log, .limit, .reject, .unmodelled, .verdict: false
      }
    }
  }

  /// True where a chain, or any that it leads to, has such a statement.
  private func reaches(_ root: Chain, _ isSuch: (Statement) -> Bool) -> Bool {
    var waiting = [root.name]
    var seen: Set<String> = []
    while let name = waiting.popLast() {
      guard seen.insert(name).inserted else { continue }
      for statement in chains.filter({ $0.name == name }).flatMap(\.rules).flatMap(\.statements) {
        if isSuch(statement) { return true }
        waiting += verdicts(of: statement).compactMap(\.target)
      }
    }
    return false
  }

  private func verdicts(of statement: Statement) -> [Verdict] {
    switch statement {
    case .verdict(let verdict): [verdict]
    case .verdictMap(_, .anonymous(let elements)): elements.map(\.verdict)
    case .verdictMap(_, .named(let map)):
      maps.filter { $0.name == map }.flatMap(\.elements).map(\.verdict)
    case .match, .counter, .log, .limit, .reject, .unmodelled: []
    }
  }
}
