#if os(Linux)
  public import Enforcement
  import Addresses
  import KernelProgram
  import LinuxNet
  import Lowering
  import Proving
  import PolicyModel
  import Ruleset
  public import RulesetText

  extension CompiledRuleset {
    /// The request that installs this ruleset.
    ///
    /// - Parameters:
    ///   - printed: the text to send, as `sent` is; nil: it is printed.
    ///   - readBack: whether the table is read back after the commit.
    ///   - limit: the most addresses that the change may release; nil: any number.
    ///   - window: how long the change may stay without a confirmation; nil: for good.
    ///   - isProved: whether a table that was read back is proved, besides being compared.
    /// - Returns: the request, which changes nothing until an enforcer takes it.
    public func request(
      _ printed: PrintedRuleset? = nil, readBack: Enforcer.ReadBack = .whereAffordable,
      releasing limit: ReleaseLimit? = .standard,
      confirmWithin window: Duration? = nil, isProved: Bool = true
    ) -> Enforcer.Request {
      let judge: @Sendable (KernelTable) -> String? = { program in
        Proof(of: program, listedAs: lowered.table, for: cluster, node: node, lowered.modes).objection
      }
      var request = Enforcer.Request(
        lowered.table, text: printed?.tableText,
        inputs: .init(policies: digests.policies, inventory: digests.inventory), classes: classes,
        modes: lowered.modes, readBack: readBack, confirmWithin: window,
        proof: isProved ? judge : nil)
      request.scope = InstalledState.Scope(
        node: node, isolated: lowered.counts.isolated, pods: lowered.counts.subjects)
      let pods = cluster
      request.owners = {
        var owners: [String: String] = [:]
        for pod in pods.pods { for address in pod.addresses { owners["\(address)"] = pod.displayName } }
        return owners
      }
      if let limit {
        request.approval = { loaded in
          guard let loaded else { return nil }
          return Releases(from: loaded, to: lowered.table, cluster: cluster, node: node) { address in
            // An address whose route cannot be read counts as in use.
            (try? Routes.isDirect(to: address)) ?? true
          }.objection(limit)
        }
      }
      return request
    }

    /// The pods that each chain of a class stands for, and the policy of each rule's own chain, by the chain's name.
    private var classes: [String: ClassSubject] {
      Dictionary(
        lowered.provenance.chains.map { ($0.name, ClassSubject($0.direction, $0.policies)) }
          + lowered.provenance.ruleChains.map { ($0.chain, $0.subject) },
        uniquingKeysWith: { first, _ in first })
    }
  }
#endif
