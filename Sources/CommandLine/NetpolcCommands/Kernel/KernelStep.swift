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

  /// What `--check` and `--apply` do with a ruleset: through libnftables, never through the nft program.
  struct KernelStep {
    let compiled: CompiledRuleset
    let printed: PrintedRuleset
    private let client = NFTablesClient()

    init(_ compiled: CompiledRuleset) {
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
      let request = compiled.request(
        printed, readBack: options.readBackChoice, confirmWithin: options.window, isProved: proving)
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
      let flows = Result { () throws(SystemFailure) in try ConnectionReview(plain, former: preview.installed)
      }
      let report = PreviewReport(preview: preview, cluster: compiled.cluster, table: request.table)
      StandardOutput.write(report.text(flows, established))
      StandardError.write("netpolc: dry run: nothing was applied\n")
    }

    /// Makes the kernel forget the connections that are denied now. The table is in place already, so a failure is
    /// told but undoes nothing.
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

    private func diagnostic(_ severity: Severity, _ message: NFTablesMessage) -> Diagnostic {
      RulesetOrigins(compiled, printed).diagnostic(severity, message)
    }
  }
#endif
