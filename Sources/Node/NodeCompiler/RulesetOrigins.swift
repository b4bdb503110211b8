#if os(Linux)
  public import Diagnostics
  import Lowering
  public import NFTables
  import PolicyModel
  public import RulesetText

  /// Messages of libnftables at the lines of a ruleset, with the policies that the lines come from.
  public struct RulesetOrigins {
    private let ruleset: CompiledRuleset
    private let printed: PrintedRuleset

    /// The origins of a ruleset's lines.
    ///
    /// - Parameters:
    ///   - ruleset: the ruleset.
    ///   - printed: its text, as it was sent.
    public init(_ ruleset: CompiledRuleset, _ printed: PrintedRuleset) {
      self.ruleset = ruleset
      self.printed = printed
    }

    /// A message as a finding of the given severity, with a note at the policy behind its line.
    public func diagnostic(_ severity: Severity, _ message: NFTablesMessage) -> Diagnostic {
      guard let place = message.place else {
        return Diagnostic(severity, id: "nftables", at: nil, message.text)
      }
      let lines = printed.text.split(separator: "\n", omittingEmptySubsequences: false)
      let line = place.line <= lines.count ? String(lines[place.line - 1]) : nil
      return Diagnostic(
        severity, id: "nftables",
        at: SourceLocation(file: "<ruleset>", line: place.line, column: place.columns.lowerBound),
        message.text,
        sourceLine: line, notes: notes(printed.item(atLine: place.line)))
    }

    private func notes(_ item: PrintedRuleset.Item?) -> [Diagnostic.Note] {
      let provenance = ruleset.lowered.provenance
      switch item {
      case .rule(let chain, let index):
        guard let rule = provenance.rules.first(where: { $0.chain == chain && $0.position == index }) else {
          return []
        }
        let policies = rule.policies.map(\.description).joined(separator: ", ")
        return rule.origins.map { .init("\(policies) \($0.field)", at: $0.location) }
      case .set(let name), .map(let name):
        guard let set = provenance.sets.first(where: { $0.name == name }) else { return [] }
        return [
          .init("\(set.holds), for \(set.policies.map(\.description).joined(separator: ", "))", at: nil)
        ]
      case .chain(let name):
        if let rule = provenance.ruleChains.first(where: { $0.chain == name }) {
          return [
            .init(
              "the \(rule.action == .deny ? "denials" : "counter") of \(rule.policy), \(rule.direction.rawValue.lowercased()) rule \(rule.number)",
              at: nil)
          ]
        }
        guard let chain = provenance.chains.first(where: { $0.name == name }) else { return [] }
        return [.init("the chain of \(chain.policies.map(\.description).joined(separator: ", "))", at: nil)]
      case .table, nil: return []
      }
    }
  }
#endif
