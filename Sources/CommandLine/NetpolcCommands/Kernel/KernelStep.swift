import Wording

#if os(Linux)
  import ArgumentParser
  import Diagnostics
  import Enforcement
  import LinuxNet
  import NFTables
  import NodeCompiler
  import PolicyModel
  import Ruleset
  import RulesetText

  /// The `--check` and `--apply` of a ruleset: through libnftables, never through the nft program.
  struct KernelStep {
    let compiled: CompiledRuleset
    let printed: PrintedRuleset
    private let client = NFTablesClient()

    init(_ compiled: CompiledRuleset) {
      self.compiled = compiled
      printed = compiled.sent
    }

    /// The dry run: everything up to the commit.
    func check() throws {
      try telling { try client.check(printed.text) }
      StandardError.write("netpolc: check passed: the kernel accepts the ruleset (nothing was loaded)\n")
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
      let request = compiled.request(
        printed, readBack: options.readBackChoice, releasing: options.limits.maxReleased ?? .standard,
        confirmWithin: options.confirmation.window, isProved: proving)
      try reporting { () throws(EnforcementFailure) in
        if options.dryRun {
          _ = try preview(request, established, plain)
          return
        }
        let report = try Enforcer().apply(request, onWait: Waiting.tell)
        StandardError.report(report.warnings.map { diagnostic(.warning, $0) })
        StandardError.write(ApplyReport(report).text)
      }
      if established == .cut, !options.dryRun { try cut(plain) }
    }

    /// Prints what an apply would change; nothing is changed.
    ///
    /// - Throws: the status with which to end.
    func preview(releasing limit: ReleaseLimit, _ established: EstablishedMode, plain: Table) throws
      -> Preview
    {
      try reporting { () throws(EnforcementFailure) in
        try preview(compiled.request(printed, releasing: limit), established, plain)
      }
    }

    /// Makes the change of a plan, where the table that it was made for is still loaded.
    ///
    /// - Throws: the status with which to end.
    func apply(_ plan: PlanFile, limit: ReleaseLimit, confirmWithin window: Duration?) throws {
      var request = compiled.request(printed, releasing: limit, confirmWithin: window)
      let releases = request.approval
      let planned = plan.loaded
      request.approval = { loaded in
        guard loaded.map(LoadedDigest.of) == planned else {
          return "another table is loaded than the one that was planned for: make the plan again"
        }
        return releases?(loaded)
      }
      let wanted = request
      try reporting { () throws(EnforcementFailure) in
        let report = try Enforcer().apply(wanted, onWait: Waiting.tell)
        StandardError.report(report.warnings.map { diagnostic(.warning, $0) })
        StandardError.write(ApplyReport(report).text)
      }
    }

    /// Runs `body`; a failure is reported, and ends the command.
    private func reporting<Result>(_ body: () throws(EnforcementFailure) -> Result) throws -> Result {
      do throws(EnforcementFailure) { return try body() } catch {
        if case .nftables(.rejected(let messages)) = error {
          StandardError.report(messages.map { diagnostic(.error, $0) })
        }
        try ApplyReport.tell(error)
      }
    }

    private func preview(_ request: Enforcer.Request, _ established: EstablishedMode, _ plain: Table)
      throws(EnforcementFailure) -> Preview
    {
      let preview = try Enforcer().preview(request, onWait: Waiting.tell)
      StandardError.report(preview.warnings.map { diagnostic(.warning, $0) })
      let flows = Result { () throws(SystemFailure) in try ConnectionReview(plain, former: preview.installed)
      }
      let report = PreviewReport(preview: preview, cluster: compiled.cluster, table: request.table)
      StandardOutput.write(report.text(flows, established))
      StandardError.write("netpolc: dry run: nothing was applied\n")
      return preview
    }

    /// Makes the kernel forget the connections that are denied now. The table is in place already, so a failure is
    /// reported but undoes nothing.
    private func cut(_ plain: Table) throws {
      do throws(SystemFailure) {
        let review = try ConnectionReview(plain)
        var count = 0
        for flow in review.denied where try flow.forget() { count += 1 }
        StandardError.write("netpolc: cut \(Counting.of(count, "connection")) of \(review.count)\n")
      } catch {
        StandardError.write("netpolc: error: the ruleset is applied, but connections are not cut: \(error)\n")
        throw ExitCode(Status.trouble)
      }
    }

    /// Runs a transaction; what goes wrong is reported with the ruleset's line and the policy behind it.
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

    private func diagnostic(_ severity: Severity, _ message: NFTablesMessage) -> Diagnostic {
      RulesetOrigins(compiled, printed).diagnostic(severity, message)
    }
  }
#endif
