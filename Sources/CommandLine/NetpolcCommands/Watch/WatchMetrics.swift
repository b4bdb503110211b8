#if os(Linux)
  import LinuxNet
  import Enforcement
  import Lowering
  import NodeCompiler
  import PolicyModel

  /// The page of metrics that `verify --watch --metrics` keeps.
  struct WatchMetrics {
    let finding: WatchFinding
    let inputs: WatchedInputs
    /// The number of transactions that changed the table since the watch began.
    let transactions: Int

    /// The text of the page.
    var text: String {
      var page = PrometheusText()
      page.addVersion("watches")
      addTable(to: &page)
      page.add(
        "netpolc_last_proof_timestamp_seconds", .gauge, "When the table was last looked at.",
        "\(finding.moment.unixSeconds)")
      page.add(
        "netpolc_proof_duration_seconds", .gauge, "How long the last proof took.",
        finding.duration.map(PrometheusText.seconds))
      page.add(
        "netpolc_table_changes_total", .counter,
        "Transactions that changed the table since the watch began, by any program.",
        "\(transactions)")
      addInputs(to: &page)
      if let status = finding.status { addCounted(status, to: &page) }
      return page.text
    }

    private func addTable(to page: inout PrometheusText) {
      let verdict: PrometheusText.Verdict =
        switch finding.verdict {
        case .proven: .proven
        case .counterexample: .counterexample
        case .undecided: .undecided
        case .absent: .absent
        case .trouble: .trouble
        }
      page.add(verdict, isProven: finding.exitStatus == Status.success)
      guard let status = finding.status else { return }
      page.add("netpolc_table_present", "Whether there is a table inet netpolc.", status.hasTable)
      page.add(
        "netpolc_table_as_recorded", "Whether the table is what netpolc installed, element by element.",
        status.isAsInstalled)
      page.add(
        "netpolc_installed_revision", .gauge, "The revision that the table says it is.",
        status.revision.map { "\($0)" })
      page.add(
        "netpolc_recorded_revision", .gauge, "The revision that netpolc installed last.",
        status.state.map { "\($0.revision)" })
      page.add(
        "netpolc_applied_timestamp_seconds", .gauge, "When netpolc last changed the table.",
        status.state.map { "\($0.applied.unixSeconds)" })
      page.add(
        "netpolc_pending_confirmation", "Whether a change waits for `netpolc confirm`.",
        status.pending != nil)
    }

    private func addInputs(to page: inout PrometheusText) {
      page.add(
        "netpolc_inputs_readable",
        "Whether policies and inventory on disk can be read; if not, earlier ones count.",
        inputs.isCurrent)
      if let state = finding.status?.state {
        let isSame =
          state.inputs.policies == inputs.digests.policies
          && state.inputs.inventory == inputs.digests.inventory
        page.add(
          "netpolc_inputs_as_applied", "Whether policies and inventory on disk are those that were applied.",
          isSame)
      }
      page.add(
        "netpolc_inventory_timestamp_seconds", .gauge, "When the newest file of the inventory was written.",
        inputs.inventoryTime.map { "\($0)" })
    }

    /// The kernel counts packets by chain; a chain is of one direction, and of one class of pods or one rule.
    private func addCounted(_ status: InstalledStatus, to page: inout PrometheusText) {
      page.add(
        status.counted.filter { $0.packets > 0 }.sorted { $0.chain < $1.chain }.map {
          let subject = status.subject(of: $0)
          return .init(
            chain: $0.chain, direction: subject?.direction.rawValue.lowercased() ?? "",
            policies: subject?.policies ?? [], packets: $0.packets, bytes: $0.bytes)
        })
    }
  }
#endif
