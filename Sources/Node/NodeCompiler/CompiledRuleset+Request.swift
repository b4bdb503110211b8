#if os(Linux)
  public import Enforcement
  import Lowering
  import Proving
  import PolicyModel
  import Ruleset
  public import RulesetText

  extension CompiledRuleset {
    /// The request that installs this ruleset.
    ///
    /// - Parameters:
    ///   - printed: the ruleset's text; nil: it is printed.
    ///   - readBack: whether the table is read back after the commit.
    ///   - window: how long the change may stay without a confirmation; nil: for good.
    ///   - isProved: whether a table that was read back is proved, besides being compared.
    /// - Returns: the request, which changes nothing until an enforcer takes it.
    public func request(
      _ printed: PrintedRuleset? = nil, readBack: Enforcer.ReadBack = .whereAffordable,
      confirmWithin window: Duration? = nil, isProved: Bool = true
    ) -> Enforcer.Request {
      let judge: @Sendable (Table) -> String? = { proof(of: $0).objection }
      return Enforcer.Request(
        lowered.table, replacement: (printed ?? self.printed).text,
        inputs: .init(policies: digests.policies, inventory: digests.inventory), classes: classes,
        modes: lowered.modes, readBack: readBack, confirmWithin: window,
        proof: isProved ? judge : nil)
    }

    /// The pods that each chain of a class stands for, by the chain's name.
    private var classes: [String: String] {
      var words: [String: String] = [:]
      for chain in lowered.provenance.chains {
        let policies = chain.policies.map(\.description).joined(separator: ", ")
        words[chain.name] = "\(chain.direction.rawValue.lowercased()) of \(policies)"
      }
      return words
    }
  }
#endif
