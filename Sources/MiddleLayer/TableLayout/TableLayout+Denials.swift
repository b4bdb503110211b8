import PolicyModel
public import Ruleset

extension TableLayout {
  /// The last rule of a chain that denies, in the plain modes.
  public static let denial = Rule([.counter, .verdict(.drop)])

  /// A chain of the plain modes with its denials as the modes make them.
  func denying(_ chain: Chain) -> Chain {
    guard modes.log != nil || modes.isAudit else { return chain }
    var chain = chain
    chain.rules = chain.rules.flatMap { $0 == Self.denial ? denials(of: chain.name) : [$0] }
    return chain
  }

  /// The rules that a denial becomes: a limited line of log first, since a limit is a condition of all that follows in its
  /// rule, and the drop must have none.
  private func denials(of chain: String) -> [Rule] {
    var rules: [Rule] = []
    if let log = modes.log {
      rules.append(
        Rule([
          .limit(rate: log.rate, unit: log.unit.rawValue, burst: 5),
          .log(prefix: DenialPrefix(isAudit: modes.isAudit, chain: chain).text, group: log.group),
        ]))
    }
    rules.append(modes.isAudit ? Rule([.counter, .verdict(.return)]) : Self.denial)
    return rules
  }
}

extension Chain {
  /// True where a chain of the plain modes denies packets itself.
  public var denies: Bool { rules.contains(TableLayout.denial) }
}
