import Wording

#if os(Linux)
  import ArgumentParser
  import Diagnostics
  import Enforcement
  import Lowering
  import NFTables
  import PolicyModel
  import Ruleset
  import RulesetText
  import Verification

  /// What `--check` and `--apply` do with a ruleset: through libnftables, never through the nft program.
  struct KernelStep {
    let compiled: Compiled
    let printed: PrintedRuleset
    private let client = NFTablesClient()

    init(_ compiled: Compiled) {
      self.compiled = compiled
      printed = compiled.printed
    }

    /// The dry run: everything up to the commit.
    func check() throws {
      try telling { try client.check(printed.text) }
      StandardError.write("netpolc: checked: the kernel would take the ruleset\n")
    }

    /// One transaction, while no other netpolc changes this network namespace.
    ///
    /// - Parameters:
    ///   - options: how to apply.
    ///   - established: what becomes of connections that exist.
    ///   - plain: the table of the policies alone, by which connections are judged.
    ///   - proving: whether the table that was read back is proved, besides being compared.
    /// - Throws: the status with which to end.
    func apply(_ options: ApplyOptions, _ established: EstablishedMode, plain: Table, proving: Bool) throws {
      let (cluster, node) = (compiled.cluster, compiled.node)
      let modes = compiled.lowered.modes
      let proof: @Sendable (Table) -> String? = { Proof(of: $0, for: cluster, node: node, modes).objection }
      let request = Enforcer.Request(
        compiled.lowered.table, replacement: printed.text,
        inputs: .init(policies: compiled.digests.policies, inventory: compiled.digests.inventory),
        classes: classes, modes: modes, readBack: options.readBackChoice,
        confirmWithin: options.window,
        proof: proving ? proof : nil)
      do throws(EnforcementFailure) {
        if options.dryRun { return try preview(request, established, plain) }
        let report = try Enforcer().apply(request, onWait: Waiting.tell)
        StandardError.report(report.warnings.map { diagnostic(.warning, $0) })
        StandardError.write(ApplyReport(report).text)
      } catch {
        if case .nftables(.rejected(let messages)) = error {
          StandardError.report(messages.map { diagnostic(.error, $0) })
        }
        try ApplyReport.tell(error)
      }
      if established == .cut { try cut(plain) }
    }

    private func preview(_ request: Enforcer.Request, _ established: EstablishedMode, _ plain: Table)
      throws(EnforcementFailure)
    {
      let preview = try Enforcer().preview(request, onWait: Waiting.tell)
      StandardError.report(preview.warnings.map { diagnostic(.warning, $0) })
      let flows = Result { () throws(SystemFailure) in try FlowReview(plain, former: preview.installed) }
      let report = PreviewReport(preview: preview, cluster: compiled.cluster, table: request.table)
      StandardOutput.write(report.text(flows, established))
      StandardError.write("netpolc: dry run: nothing was applied\n")
    }

    /// Makes the kernel forget the connections that are denied now. The table is in place already, so a failure is
    /// told but undoes nothing.
    private func cut(_ plain: Table) throws {
      do throws(SystemFailure) {
        let review = try FlowReview(plain)
        var count = 0
        for flow in review.denied where try flow.forget() { count += 1 }
        StandardError.write("netpolc: cut \(Counting.of(count, "connection")) of \(review.count)\n")
      } catch {
        StandardError.write("netpolc: error: the ruleset is applied, but connections are not cut: \(error)\n")
        throw ExitCode(Status.trouble)
      }
    }

    /// What each chain of a class stands for.
    private var classes: [String: String] {
      var words: [String: String] = [:]
      for chain in compiled.lowered.provenance.chains {
        let policies = chain.policies.map(\.description).joined(separator: ", ")
        words[chain.name] = "\(chain.direction.rawValue.lowercased()) of \(policies)"
      }
      return words
    }

    /// Runs a transaction; what goes wrong is told with the ruleset's line and the policy behind it.
    private func telling(_ body: () throws -> [NFTablesMessage]) throws {
      do {
        let warnings = try body()
        StandardError.report(warnings.map { diagnostic(.warning, $0) })
      } catch let failure as NFTablesFailure {
        if case .rejected(let messages) = failure {
          StandardError.report(messages.map { diagnostic(.error, $0) })
        }
        if case .rejected = failure {
          StandardError.write(
            "netpolc: error: the kernel refused the ruleset; what was loaded before is still there\n")
        } else {
          StandardError.write("netpolc: error: \(failure)\n")
        }
        throw ExitCode(Status.trouble)
      }
    }

    /// A message of libnftables at its line of the ruleset, with a note at the policy that the line comes from.
    private func diagnostic(_ severity: Severity, _ message: NFTablesMessage) -> Diagnostic {
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
      let provenance = compiled.lowered.provenance
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
        guard let chain = provenance.chains.first(where: { $0.name == name }) else { return [] }
        return [.init("the chain of \(chain.policies.map(\.description).joined(separator: ", "))", at: nil)]
      case .table, nil: return []
      }
    }
  }
#endif
